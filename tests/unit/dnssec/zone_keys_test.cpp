// From DS records to the keys of a zone.
#include "dragoman/dnssec/zone_keys.h"

#include <gtest/gtest.h>

#include "test_message.h"

namespace dragoman::dnssec {
namespace {

using dns::Section;
using dns::Type;
using fakes::Octets;
using fakes::signing_time;
using fakes::SigningKey;

struct Endorsing : testing::Test {
  const dns::Name zone = name("Example.");
  Limits limits;
  ZoneKeys keys;
  Budget spent{limits};

  // The zone has these keys; `signers` have signed them.
  Verified endorse_by(const Endorsement& by, const std::vector<SigningKey>& all,
                      const std::vector<SigningKey>& signers) {
    TestMessage message("example.", Type::dnskey);
    std::vector<Octets> dnskeys;
    for (const SigningKey& key : all) dnskeys.push_back(key.dnskey());
    for (const Octets& dnskey : dnskeys) message.add(Section::answer, zone, Type::dnskey, 3600, dnskey);
    for (const SigningKey& signer : signers) {
      message.add(Section::answer, zone, Type::rrsig, 3600, fakes::rrsig(signer, zone, zone, Type::dnskey, dnskeys));
    }
    const auto rrsets = message.rrsets();
    spent = Budget(limits);
    return endorse(rrsets.at(0), by, signing_time, spent, keys);
  }
};

TEST_F(Endorsing, takes_all_keys_when_the_endorsed_one_has_signed_them) {
  const SigningKey ksk, zsk(13, 256);
  EXPECT_EQ(endorse_by({{ksk.ds(zone)}, {}}, {ksk, zsk}, {ksk}).reason, Reason::none);
  EXPECT_EQ(keys.keys.size(), 2u);
  EXPECT_TRUE(dns::equal(keys.zone, zone));
}

TEST_F(Endorsing, takes_every_digest_and_a_trusted_key_as_it_is) {
  const SigningKey ksk;
  for (const int digest : {1, 2, 4}) {
    EXPECT_EQ(endorse_by({{ksk.ds(zone, static_cast<std::uint8_t>(digest))}, {}}, {ksk}, {ksk}).reason, Reason::none);
  }
  EXPECT_EQ(endorse_by({{}, {ksk.dnskey()}}, {ksk}, {ksk}).reason, Reason::none);
}

TEST_F(Endorsing, wants_the_endorsed_key_and_its_signature) {
  const SigningKey ksk, zsk(13, 256), other;
  EXPECT_EQ(endorse_by({{other.ds(zone)}, {}}, {ksk, zsk}, {ksk}).reason, Reason::key_missing);
  EXPECT_EQ(endorse_by({{ksk.ds(zone)}, {}}, {ksk, zsk}, {zsk}).reason, Reason::key_missing);
  EXPECT_EQ(endorse_by({{ksk.ds(zone)}, {}}, {ksk, zsk}, {}).reason, Reason::signature_missing);
}

TEST_F(Endorsing, takes_no_ds_for_the_key_of_another_zone) {
  const SigningKey ksk;
  EXPECT_EQ(endorse_by({{ksk.ds(name("other."))}, {}}, {ksk}, {ksk}).reason, Reason::key_missing);
}

// RFC 4509 3: whoever could break SHA-1 gains nothing.
TEST_F(Endorsing, ignores_sha1_beside_better_digests) {
  const SigningKey ksk, other;
  EXPECT_EQ(endorse_by({{ksk.ds(zone, 1), other.ds(zone, 2)}, {}}, {ksk}, {ksk}).reason, Reason::key_missing);
}

TEST_F(Endorsing, takes_no_revoked_key) {
  const SigningKey revoked(13, 257 | 0x80);
  EXPECT_EQ(endorse_by({{revoked.ds(zone)}, {}}, {revoked}, {revoked}).reason, Reason::key_missing);
}

TEST_F(Endorsing, compares_a_bounded_number_of_ds_records) {
  const SigningKey ksk;
  Endorsement by;
  for (int i = 0; i < 9; ++i) by.ds.push_back(SigningKey().ds(zone));
  by.ds.push_back(ksk.ds(zone));
  EXPECT_EQ(endorse_by(by, {ksk}, {ksk}).reason, Reason::key_missing);
  EXPECT_EQ(spent.exceeded(), Limit::ds_per_zone);
}

TEST_F(Endorsing, reads_a_bounded_number_of_keys) {
  limits.keys_per_zone = 1;
  const SigningKey first, second;
  (void)endorse_by({{first.ds(zone)}, {}}, {first, second}, {first});
  EXPECT_EQ(keys.keys.size(), 1u);
  EXPECT_EQ(spent.exceeded(), Limit::keys_per_zone);
}

// RFC 4035 5.2, RFC 6840 5.2.
TEST(DsRecords, of_unknown_kinds_make_a_zone_insecure) {
  const dns::Name zone = name("example.");
  const Octets good = SigningKey().ds(zone);
  Octets unknown_algorithm = good, unknown_digest = good;
  unknown_algorithm[2] = 12;
  unknown_digest[3] = 3;
  EXPECT_FALSE(judge({{good}, {}}));
  EXPECT_FALSE(judge({{unknown_algorithm, good, unknown_digest}, {}}));
  EXPECT_EQ(judge({{unknown_algorithm}, {}}), verdict_of(Reason::unsupported_algorithm));
  EXPECT_EQ(judge({{unknown_digest}, {}}), verdict_of(Reason::unsupported_digest));
  EXPECT_EQ(judge({{unknown_algorithm, unknown_digest}, {}}), verdict_of(Reason::unsupported_digest));
  EXPECT_FALSE(judge({{}, {}}));
  EXPECT_FALSE(judge({{unknown_algorithm}, {SigningKey().dnskey()}}));
}

}  // namespace
}  // namespace dragoman::dnssec
