// Proofs by NSEC3 records: the zone of RFC 5155 appendix A and its answers of appendix B.
#include "nsec3_chain.h"

#include <gtest/gtest.h>

#include "denial_records.h"

namespace dragoman::dnssec {
namespace {

using dns::Type;
using enum Reason;
using Delegation = Denial::Delegation;

// RFC 5155 appendix A, all with opt-out; and the same without.
std::vector<Rrset> zone(std::initializer_list<const char*> owners = {}, int opt_out = 1) {
  const std::pair<const char*, const char*> chain[] = {
      {"0p9mhaveqvm6t7vbl5lop2u3t2rp3tom", "2t7b4g4vsa5smi47k61mv5bv1a22bojr MX DNSKEY NS SOA NSEC3PARAM RRSIG"},
      {"2t7b4g4vsa5smi47k61mv5bv1a22bojr", "2vptu5timamqttgl4luu9kg21e0aor3s A RRSIG"},
      {"2vptu5timamqttgl4luu9kg21e0aor3s", "35mthgpgcu1qg68fab165klnsnk3dpvl MX RRSIG"},
      {"35mthgpgcu1qg68fab165klnsnk3dpvl", "b4um86eghhds6nea196smvmlo4ors995 NS DS RRSIG"},
      {"b4um86eghhds6nea196smvmlo4ors995", "gjeqe526plbf1g8mklp59enfd789njgi MX RRSIG"},
      {"gjeqe526plbf1g8mklp59enfd789njgi", "ji6neoaepv8b5o6k4ev33abha8ht9fgc HINFO A AAAA RRSIG"},
      {"ji6neoaepv8b5o6k4ev33abha8ht9fgc", "k8udemvp1j2f7eg6jebps17vp3n8i58h"},
      {"k8udemvp1j2f7eg6jebps17vp3n8i58h", "kohar7mbb8dc2ce8a9qvl8hon4k53uhi"},
      {"kohar7mbb8dc2ce8a9qvl8hon4k53uhi", "q04jkcevqvmu85r014c7dkba38o0ji5r A RRSIG"},
      {"q04jkcevqvmu85r014c7dkba38o0ji5r", "r53bq7cc2uvmubfu5ocmm6pers9tk9en A RRSIG"},
      {"r53bq7cc2uvmubfu5ocmm6pers9tk9en", "t644ebqk9bibcna874givr6joj62mlhv MX RRSIG"},
      {"t644ebqk9bibcna874givr6joj62mlhv", "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom HINFO A AAAA RRSIG"}};
  std::vector<Rrset> records;
  for (const auto& [owner, rest] : chain) {
    const bool wanted = owners.size() == 0 || std::ranges::any_of(owners, [owner = owner](const char* start) {
                          return std::string_view(owner).starts_with(start);
                        });
    if (!wanted) continue;
    records.push_back(nsec3(std::string(owner) + ".example. 1 " + std::to_string(opt_out) + " 12 aabbccdd " + rest));
  }
  return records;
}

// B.1: the closest encloser, the next closer name, the wildcard.
TEST(Nsec3Chain, a_name_does_not_exist_by_three_records) {
  EXPECT_EQ(Proof("example", zone({"0p9m", "b4um", "35mt"}, 0)).nxdomain("a.c.x.w.example"), none);
  EXPECT_EQ(Proof("example", zone({"0p9m", "b4um", "35mt"})).nxdomain("a.c.x.w.example"), opt_out);
  for (const auto& two : {zone({"0p9m", "b4um"}), zone({"0p9m", "35mt"}), zone({"b4um", "35mt"})}) {
    EXPECT_EQ(Proof("example", two).nxdomain("a.c.x.w.example"), denial_missing);
  }
  EXPECT_EQ(Proof("example", zone()).nxdomain("x.w.example"), denial_missing);
  EXPECT_EQ(Proof("example", zone()).nxdomain("a.z.w.example"), denial_missing);  // *.w.example is there
}

// B.2.
TEST(Nsec3Chain, a_type_does_not_exist_by_the_record_of_its_name) {
  Proof proof("example", zone({"2t7b"}));
  EXPECT_EQ(proof.nodata("ns1.example", Type::mx), none);
  EXPECT_EQ(proof.nodata("ns1.example", Type::a), denial_missing);
}

// B.2.1.
TEST(Nsec3Chain, an_empty_non_terminal_has_a_record_without_types) {
  Proof proof("example", zone({"ji6n"}));
  EXPECT_EQ(proof.nodata("y.w.example", Type::a), none);
  EXPECT_EQ(proof.nodata("y.w.example", Type::any), none);
  EXPECT_EQ(proof.no_ds("y.w.example").delegation, Delegation::not_there);
}

// B.3, RFC 5155 8.9: c.example lies in an opt-out span.
TEST(Nsec3Chain, a_delegation_in_an_opt_out_span_is_taken_as_unsigned) {
  Proof proof("example", zone({"35mt", "0p9m"}));
  EXPECT_EQ(proof.no_ds("c.example"), (Denial::AboutDs{Delegation::unsigned_there, opt_out}));
  EXPECT_EQ(proof.nodata("c.example", Type::ds), opt_out);
  EXPECT_EQ(proof.no_ds("mc.c.example"), (Denial::AboutDs{Delegation::unsigned_there, opt_out}));
  Proof closed("example", zone({"35mt", "0p9m"}, 0));
  EXPECT_EQ(closed.no_ds("c.example").delegation, Delegation::not_there);
  EXPECT_EQ(closed.nodata("c.example", Type::ds), denial_missing);
  EXPECT_EQ(Proof("example", zone({"35mt"})).no_ds("c.example").delegation, Delegation::unproven);
  // A delegation with a DS record.
  EXPECT_EQ(Proof("example", zone()).no_ds("a.example").delegation, Delegation::unproven);
}

// B.4.
TEST(Nsec3Chain, an_answer_from_a_wildcard_wants_its_next_closer_name_covered) {
  EXPECT_EQ(Proof("example", zone({"q04j"}, 0)).wildcard_answer("a.z.w.example", 2), none);
  EXPECT_EQ(Proof("example", zone({"q04j"})).wildcard_answer("a.z.w.example", 2), opt_out);
  EXPECT_EQ(Proof("example", zone({"35mt"})).wildcard_answer("a.z.w.example", 2), denial_missing);
  EXPECT_EQ(Proof("example", zone()).wildcard_answer("x.y.w.example", 2), denial_missing);
  EXPECT_EQ(Proof("example", zone()).wildcard_answer("a.z.w.example", 0), denial_missing);
}

// B.5.
TEST(Nsec3Chain, a_wildcard_without_the_type_gives_no_data) {
  const auto records = zone({"k8ud", "q04j", "r53b"}, 0);
  EXPECT_EQ(Proof("example", records).nodata("a.z.w.example", Type::aaaa), none);
  EXPECT_EQ(Proof("example", records).nodata("a.z.w.example", Type::mx), denial_missing);
  EXPECT_EQ(Proof("example", zone({"k8ud", "q04j", "r53b"})).nodata("a.z.w.example", Type::aaaa), opt_out);
  EXPECT_EQ(Proof("example", zone({"q04j", "r53b"}, 0)).nodata("a.z.w.example", Type::aaaa), denial_missing);
  EXPECT_EQ(Proof("example", zone({"k8ud", "q04j"}, 0)).nodata("a.z.w.example", Type::aaaa), denial_missing);
}

// B.6: the DS records of example belong to the root zone.
TEST(Nsec3Chain, the_apex_does_not_deny_its_ds) {
  EXPECT_EQ(Proof("example", zone({"0p9m"})).nodata("example", Type::ds), denial_missing);
  EXPECT_EQ(Proof("example", zone({"0p9m"})).nodata("example", Type::aaaa), none);
}

// RFC 6840 4.1, RFC 5155 8.3: a.example is a delegation.
TEST(Nsec3Chain, a_delegation_is_no_closest_encloser) {
  for (int opt = 0; opt < 2; ++opt) {
    Proof proof("example", zone({}, opt));
    EXPECT_EQ(proof.nxdomain("x.a.example"), denial_missing);
    EXPECT_EQ(proof.nodata("a.example", Type::a), denial_missing);
    EXPECT_EQ(proof.nodata("x.a.example", Type::a), denial_missing);
    EXPECT_EQ(proof.no_ds("x.a.example").delegation, Delegation::unproven);
  }
}

std::string hash_text(std::string_view owner) { return base32hex(*nsec3_hash(name(owner), {}, 0)); }

// A record for this name, which covers all others.
Rrset covering_all_but(std::string_view owner, const std::string& has, int flags = 0) {
  const std::string hash = hash_text(owner);
  return nsec3(hash + ".example. 1 " + std::to_string(flags) + " 0 - " + hash + " " + has);
}

TEST(Nsec3Chain, a_single_record_covers_all_but_its_name) {
  Proof proof("example", {covering_all_but("example", "SOA NS")});
  EXPECT_EQ(proof.nxdomain("a.example"), none);
  EXPECT_EQ(proof.nxdomain("example"), denial_missing);
}

// RFC 6672 5.3.4.
TEST(Nsec3Chain, a_dname_is_no_closest_encloser) {
  EXPECT_EQ(Proof("example", {covering_all_but("a.example", "DNAME RRSIG")}).nxdomain("x.a.example"), denial_missing);
  EXPECT_EQ(Proof("example", {covering_all_but("a.example", "A RRSIG")}).nxdomain("x.a.example"), none);
}

TEST(Nsec3Chain, a_delegation_with_a_record_of_its_own_is_unsigned_when_it_has_no_ds) {
  Proof proof("example", {covering_all_but("a.example", "NS")});
  EXPECT_EQ(proof.no_ds("a.example"), (Denial::AboutDs{Delegation::unsigned_there, none}));
  EXPECT_EQ(proof.nodata("a.example", Type::ds), none);
}

TEST(Nsec3Chain, a_soa_below_the_apex_is_another_zones) {
  Proof proof("example", {covering_all_but("a.example", "SOA NS RRSIG")});
  EXPECT_EQ(proof.nodata("a.example", Type::ds), denial_missing);
  EXPECT_EQ(proof.nodata("a.example", Type::a), denial_missing);
  EXPECT_EQ(proof.nxdomain("x.a.example"), denial_missing);
}

// RFC 9824 4.
TEST(Nsec3Chain, a_compact_denial_says_that_there_is_no_such_name) {
  Proof proof("example", {covering_all_but("a.example", "TYPE128")});
  EXPECT_EQ(proof.nxdomain("a.example"), none);
  EXPECT_EQ(proof.nodata("a.example", Type::a), none);
  EXPECT_EQ(proof.no_ds("a.example").delegation, Delegation::nonexistent);
}

// RFC 5155 7.1: the parent of nothing but unsigned delegations needs no record.
TEST(Nsec3Chain, an_opt_out_span_leaves_open_what_a_name_in_it_is) {
  Proof proof("example", {covering_all_but("example", "SOA NS", 1)});
  EXPECT_EQ(proof.nodata("a.example", Type::a), opt_out);
  EXPECT_EQ(proof.nodata("a.example", Type::ds), opt_out);
  EXPECT_EQ(proof.nxdomain("a.example"), opt_out);
  EXPECT_EQ(proof.wildcard_answer("a.example", 1), opt_out);
}

// RFC 5155 8.1, 8.2.
TEST(Nsec3Chain, unknown_algorithms_and_flags_are_ignored) {
  const std::string hash = hash_text("example");
  for (const char* beginning : {"2 0", "0 0", "1 2", "1 3", "1 128"}) {
    Proof proof("example", {nsec3(hash + ".example. " + beginning + " 0 - " + hash + " SOA NS")});
    EXPECT_EQ(proof.nxdomain("a.example"), denial_missing) << beginning;
  }
}

TEST(Nsec3Chain, an_owner_is_a_hash_directly_below_the_zone) {
  const std::string hash = hash_text("example");
  const std::string rest = " 1 0 0 - " + hash + " SOA NS";
  for (const std::string& owner :
       {hash + ".a.example.", hash + ".", std::string("example."), hash + "0.example.", hash.substr(1) + ".example.",
        hash.substr(1) + "w.example.", "=" + hash.substr(1) + ".example."}) {
    EXPECT_EQ(Proof("example", {nsec3(owner + rest)}).nxdomain("a.example"), denial_missing) << owner;
  }
  std::string capitals = hash;
  for (char& letter : capitals) letter = static_cast<char>(std::toupper(letter));
  EXPECT_EQ(Proof("example", {nsec3(capitals + ".example." + rest)}).nxdomain("a.example"), none);
}

TEST(Nsec3Chain, what_is_malformed_is_passed_over) {
  const Rrset good = covering_all_but("example", "SOA NS");
  const Octets whole(good.rdata(0).begin(), good.rdata(0).end());
  for (std::size_t length = 0; length < whole.size(); ++length) {
    if (length == 26) continue;  // without its types
    Proof proof("example", {rrset_of(good.owner, Type::nsec3, Octets(whole.begin(), whole.begin() + length))});
    EXPECT_EQ(proof.nxdomain("a.example"), denial_missing) << length;
  }
  Nsec3Fields fields{1, 0, 0, {}, Octets(19), {Type::soa}};
  EXPECT_EQ(Proof("example", {nsec3(good.owner, fields)}).nodata("example", Type::a), denial_missing);
  fields.next = Octets(21);
  EXPECT_EQ(Proof("example", {nsec3(good.owner, fields)}).nodata("example", Type::a), denial_missing);
  fields.next = Octets(20);
  EXPECT_EQ(Proof("example", {nsec3(good.owner, fields)}).nodata("example", Type::a), none);
}

TEST(Nsec3Chain, reads_every_digit_of_base32hex) {
  const auto low = nsec3_hash_of_owner(name("0123456789abcdefghijklmnopqrstuv.example"));
  ASSERT_TRUE(low);
  EXPECT_EQ(base32hex(*low), base32hex_digits);
}

}  // namespace
}  // namespace dragoman::dnssec
