// RFC 4035 5.3: what a signature must be to make data authentic.
#include <gtest/gtest.h>

#include "dragoman/dnssec/zone_keys.h"
#include "test_message.h"

namespace dragoman::dnssec {
namespace {

using dns::Section;
using dns::Type;
using fakes::Octets;
using fakes::signing_time;

struct Verifying : testing::Test {
  const dns::Name zone = name("example.");
  const fakes::SigningKey key;
  const Octets address = rdata(Type::a, "192.0.2.1");
  Limits limits;

  ZoneKeys keys_of(const std::vector<Octets>& dnskeys) {
    Rrset rrset;
    rrset.owner = zone;
    rrset.type = Type::dnskey;
    for (const Octets& dnskey : dnskeys) rrset.add(dnskey);
    rrset.sort();
    Budget budget(limits);
    return ZoneKeys::of(rrset, budget);
  }
  // The A RRset of `owner` with these signatures.
  Verified verify_a(const char* owner, const std::vector<Octets>& signatures, WallTime now = signing_time) {
    return verify_a(owner, signatures, keys_of({key.dnskey()}), now);
  }
  Verified verify_a(const char* owner, const std::vector<Octets>& signatures, const ZoneKeys& keys, WallTime now) {
    TestMessage message(owner);
    message.add(Section::answer, name(owner), Type::a, 300, address);
    for (const Octets& signature : signatures) {
      message.add(Section::answer, name(owner), Type::rrsig, 300, signature);
    }
    const auto rrsets = message.rrsets();
    spent = Budget(limits);
    return verify(rrsets.at(0), keys, now, spent);
  }
  Octets sign(const char* owner, fakes::SignatureFields fields = {}) {
    return fakes::rrsig(key, zone, name(owner), Type::a, {address}, fields);
  }
  Budget spent{limits};
};

TEST_F(Verifying, holds_for_what_was_signed) {
  const Verified verified = verify_a("www.example.", {sign("www.example.")});
  EXPECT_EQ(verified.reason, Reason::none);
  EXPECT_FALSE(verified.is_expanded(name("www.example.")));
  EXPECT_EQ(spent.verifications(), 1u);
}

TEST_F(Verifying, does_not_mind_the_case_of_names) {
  EXPECT_EQ(verify_a("WWW.Example.", {sign("www.example.")}).reason, Reason::none);
}

TEST_F(Verifying, wants_a_signature) { EXPECT_EQ(verify_a("www.example.", {}).reason, Reason::signature_missing); }

TEST_F(Verifying, refuses_what_was_changed) {
  EXPECT_EQ(verify_a("ww2.example.", {sign("www.example.")}).reason, Reason::signature_wrong);
  Octets signature = sign("www.example.");
  signature.back() ^= 1;
  EXPECT_EQ(verify_a("www.example.", {signature}).reason, Reason::signature_wrong);
}

TEST_F(Verifying, finds_the_good_one_among_bad_ones) {
  Octets bad = sign("www.example.");
  bad.back() ^= 1;
  EXPECT_EQ(verify_a("www.example.", {bad, sign("www.example."), bad}).reason, Reason::none);
}

TEST_F(Verifying, knows_the_times_of_signatures) {
  const Octets signature = sign("www.example.");
  using std::chrono::hours;
  EXPECT_EQ(verify_a("www.example.", {signature}, signing_time + hours(23)).reason, Reason::none);
  EXPECT_EQ(verify_a("www.example.", {signature}, signing_time + hours(25)).reason, Reason::signature_expired);
  EXPECT_EQ(verify_a("www.example.", {signature}, signing_time - hours(25)).reason, Reason::signature_not_yet_valid);
  const std::uint32_t now = fakes::seconds_of(signing_time);
  const Octets never = sign("www.example.", {.inception = now + 10, .expiration = now - 10});
  EXPECT_EQ(verify_a("www.example.", {never}).reason, Reason::signature_never_valid);
  EXPECT_EQ(verify_a("www.example.", {sign("www.example.", {.inception = now, .expiration = now})}).reason,
            Reason::none);
}

// RFC 4034 3.1.5: in 2106 the seconds begin again.
TEST_F(Verifying, compares_times_as_serial_numbers) {
  const WallTime late{std::chrono::seconds(0xFFFFFFF0ll)};
  const Octets signature = sign("www.example.", {.inception = 0xFFFFFF00, .expiration = 0x100});
  EXPECT_EQ(verify_a("www.example.", {signature}, late).reason, Reason::none);
  EXPECT_EQ(verify_a("www.example.", {signature}, late + std::chrono::seconds(0x20)).reason, Reason::none);
  EXPECT_EQ(verify_a("www.example.", {signature}, late + std::chrono::seconds(0x200)).reason,
            Reason::signature_expired);
}

// RFC 4035 5.3.3.
TEST_F(Verifying, bounds_the_ttl) {
  EXPECT_EQ(verify_a("www.example.", {sign("www.example.")}).ttl, 300u);
  EXPECT_EQ(verify_a("www.example.", {sign("www.example.", {.original_ttl = 60})}).ttl, 60u);
  const std::uint32_t now = fakes::seconds_of(signing_time);
  EXPECT_EQ(verify_a("www.example.", {sign("www.example.", {.expiration = now + 7})}).ttl, 7u);
}

// RFC 4035 5.3.1: the signer must be the zone, and the owner lie in it.
TEST_F(Verifying, wants_the_zone_to_have_signed) {
  const Octets by_child = fakes::rrsig(key, name("www.example."), name("www.example."), Type::a, {address});
  EXPECT_EQ(verify_a("www.example.", {by_child}).reason, Reason::signature_wrong);
  const Octets outside = fakes::rrsig(key, zone, name("www.other."), Type::a, {address});
  EXPECT_EQ(verify_a("www.other.", {outside}).reason, Reason::signature_wrong);
}

TEST_F(Verifying, knows_what_a_wildcard_was_expanded_to) {
  const Octets signature = sign("*.example.");
  const Verified verified = verify_a("a.b.example.", {signature});
  EXPECT_EQ(verified.reason, Reason::none);
  EXPECT_EQ(verified.labels, 1);
  EXPECT_TRUE(verified.is_expanded(name("a.b.example.")));
  EXPECT_FALSE(verify_a("*.example.", {signature}).is_expanded(name("*.example.")));
  const Octets deeper = fakes::rrsig(key, zone, name("*.b.example."), Type::a, {address});
  EXPECT_EQ(verify_a("a.b.example.", {deeper}).labels, 2);
}

TEST_F(Verifying, refuses_more_labels_than_the_owner_has) {
  EXPECT_EQ(verify_a("www.example.", {sign("www.example.", {.labels = 3})}).reason, Reason::signature_wrong);
}

TEST_F(Verifying, wants_a_key_that_may_sign) {
  const auto with_flags = [&](std::uint16_t flags) {
    ZoneKeys keys = keys_of({key.dnskey()});
    keys.keys.at(0).flags = flags;
    return verify_a("www.example.", {sign("www.example.")}, keys, signing_time).reason;
  };
  EXPECT_EQ(with_flags(256), Reason::none);
  EXPECT_EQ(with_flags(0), Reason::key_not_of_zone);  // RFC 4034 2.1.1
  EXPECT_EQ(with_flags(0x181), Reason::key_missing);  // RFC 5011 2.1: revoked
  EXPECT_EQ(verify_a("www.example.", {sign("www.example.")}, keys_of({}), signing_time).reason, Reason::key_missing);
}

// KeyTrap: as many keys and signatures as one likes.
// It comes with each denial of its zone.
TEST_F(Verifying, verifies_the_same_soa_once) {
  const Octets soa = rdata(Type::soa, "ns. host. 1 2 3 4 5");
  const ZoneKeys keys = keys_of({key.dnskey()});
  const auto verify_soa = [&](const Octets& octets, const Octets& signature) {
    TestMessage message("example.", Type::soa);
    message.add(Section::authority, zone, Type::soa, 300, octets);
    message.add(Section::authority, zone, Type::rrsig, 300, signature);
    const auto rrsets = message.rrsets();
    spent = Budget(limits);
    return verify(rrsets.at(0), keys, signing_time, spent).reason;
  };
  const Octets signature = fakes::rrsig(key, zone, zone, Type::soa, {soa});
  EXPECT_EQ(verify_soa(soa, signature), Reason::none);
  EXPECT_EQ(spent.verifications(), 1u);
  EXPECT_EQ(verify_soa(soa, signature), Reason::none);
  EXPECT_EQ(spent.verifications(), 0u);
  EXPECT_EQ(verify_soa(rdata(Type::soa, "ns. host. 2 2 3 4 5"), signature), Reason::signature_wrong);
  EXPECT_EQ(spent.verifications(), 1u);
}

TEST_F(Verifying, ends_at_each_limit) {
  const auto different = [&](unsigned count) {
    std::vector<Octets> signatures;
    for (unsigned i = 0; i < count; ++i) {
      signatures.push_back(sign("www.example.", {.original_ttl = 300 + i}));
      signatures.back().back() ^= 1;
    }
    return signatures;
  };
  EXPECT_EQ(verify_a("www.example.", different(8)).reason, Reason::signature_wrong);
  EXPECT_EQ(verify_a("www.example.", different(9)).reason, Reason::too_much_work);
  EXPECT_EQ(spent.exceeded(), Limit::signatures_per_rrset);
  limits.signatures_per_rrset = 20;
  EXPECT_EQ(verify_a("www.example.", different(9)).reason, Reason::too_much_work);
  EXPECT_EQ(spent.exceeded(), Limit::failures);
  limits.failures = 20;
  limits.verifications = 5;
  EXPECT_EQ(verify_a("www.example.", different(9)).reason, Reason::too_much_work);
  EXPECT_EQ(spent.exceeded(), Limit::verifications);
  EXPECT_EQ(spent.verifications(), 5u);
}

TEST_F(Verifying, tries_few_keys_of_one_tag) {
  ZoneKeys keys{zone, {}};
  for (int i = 0; i < 6; ++i) {
    ZoneKeys one = keys_of({fakes::SigningKey().dnskey()});
    keys.keys.push_back(std::move(one.keys.at(0)));
    keys.keys.back().tag = key.tag();
  }
  EXPECT_EQ(verify_a("www.example.", {sign("www.example.")}, keys, signing_time).reason, Reason::too_much_work);
  EXPECT_EQ(spent.exceeded(), Limit::keys_per_tag);
  EXPECT_EQ(spent.verifications(), 4u);
}

TEST_F(Verifying, hashes_a_bounded_number_of_octets) {
  limits.signed_octets = 20;
  EXPECT_EQ(verify_a("www.example.", {sign("www.example.")}).reason, Reason::too_much_work);
  EXPECT_EQ(spent.exceeded(), Limit::signed_octets);
}

}  // namespace
}  // namespace dragoman::dnssec
