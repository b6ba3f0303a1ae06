// Proofs by NSEC records.
#include "nsec_chain.h"

#include <gtest/gtest.h>

#include "denial_records.h"

namespace dragoman::dnssec {
namespace {

using dns::Type;
using enum Reason;
using Delegation = Denial::Delegation;

// RFC 4035 5.4.
TEST(NsecChain, a_type_that_is_not_in_the_bitmap_does_not_exist) {
  Proof proof("example", nsecs({"b.example. d.example. A RRSIG NSEC"}));
  EXPECT_EQ(proof.nodata("b.example", Type::aaaa), none);
  EXPECT_EQ(proof.nodata("B.Example", Type::mx), none);
  EXPECT_EQ(proof.nodata("b.example", Type::a), denial_missing);
  EXPECT_EQ(proof.nodata("c.example", Type::aaaa), denial_missing);
  EXPECT_EQ(proof.nodata("a.b.example", Type::aaaa), denial_missing);
  EXPECT_EQ(proof.nxdomain("b.example"), denial_missing);
}

// RFC 6840 4.3.
TEST(NsecChain, a_cname_would_have_been_the_answer) {
  Proof proof("example", nsecs({"b.example. d.example. CNAME RRSIG NSEC"}));
  EXPECT_EQ(proof.nodata("b.example", Type::aaaa), denial_missing);
  EXPECT_EQ(proof.nodata("b.example", Type::cname), denial_missing);
  EXPECT_EQ(proof.nodata("b.example", Type::ds), denial_missing);
  // But a name with a CNAME record is no delegation.
  EXPECT_EQ(proof.no_ds("b.example").delegation, Delegation::not_there);
}

TEST(NsecChain, a_name_between_owner_and_next_does_not_exist) {
  Proof proof("example", nsecs({"b.example. d.example. A RRSIG NSEC", "example. b.example. SOA NS RRSIG NSEC"}));
  EXPECT_EQ(proof.nxdomain("c.example"), none);
  EXPECT_EQ(proof.nxdomain("d.example"), denial_missing);
  EXPECT_EQ(proof.nxdomain("e.example"), denial_missing);
}

TEST(NsecChain, one_record_may_cover_the_name_and_its_wildcard) {
  Proof proof("example", nsecs({"b.example. d.example. A RRSIG NSEC"}));
  EXPECT_EQ(proof.nxdomain("x.b.example"), none);
  EXPECT_EQ(proof.nxdomain("c.example"), denial_missing);  // *.example may be there
}

TEST(NsecChain, the_wildcard_must_not_exist_either) {
  Proof proof("example", nsecs({"b.example. d.example. A RRSIG NSEC", "*.example. b.example. A RRSIG NSEC"}));
  EXPECT_EQ(proof.nxdomain("c.example"), denial_missing);
}

TEST(NsecChain, the_wildcard_is_that_of_the_closest_encloser) {
  // *.w.example exists; whoever takes the wildcard of another ancestor proves too much.
  Proof proof("example", nsecs({"a.w.example. z.w.example. A RRSIG NSEC", "example. *.w.example. SOA NS RRSIG NSEC",
                                "*.w.example. a.w.example. A RRSIG NSEC"}));
  EXPECT_EQ(proof.nxdomain("x.y.w.example"), denial_missing);
  EXPECT_EQ(proof.nodata("x.y.w.example", Type::aaaa), none);
  EXPECT_EQ(proof.nodata("x.y.w.example", Type::a), denial_missing);
}

TEST(NsecChain, the_last_record_leads_to_the_apex) {
  Proof proof("example", nsecs({"z.example. example. A RRSIG NSEC", "example. a.example. SOA NS RRSIG NSEC"}));
  EXPECT_EQ(proof.nxdomain("zz.example"), none);
  EXPECT_EQ(proof.nxdomain("y.example"), denial_missing);
  EXPECT_EQ(proof.nxdomain("a.z.example"), none);
}

TEST(NsecChain, a_zone_may_have_one_name) {
  Proof proof("example", nsecs({"example. example. SOA NS RRSIG NSEC"}));
  EXPECT_EQ(proof.nxdomain("a.example"), none);
  EXPECT_EQ(proof.nxdomain("x.y.example"), none);
  EXPECT_EQ(proof.nxdomain("example"), denial_missing);
  EXPECT_EQ(proof.nodata("example", Type::a), none);
}

TEST(NsecChain, names_outside_of_the_zone_are_not_its_business) {
  Proof proof("example", nsecs({"z.example. example. A RRSIG NSEC", "example. a.example. SOA NS RRSIG NSEC"}));
  EXPECT_EQ(proof.nxdomain("zz.example2"), denial_missing);
  EXPECT_EQ(proof.nodata("test", Type::a), denial_missing);
  EXPECT_EQ(proof.no_ds("test").delegation, Delegation::unproven);
  // A next name outside of the zone would end it elsewhere, an owner there is none of its names.
  EXPECT_EQ(Proof("example", nsecs({"b.example. test. A RRSIG NSEC"})).nxdomain("x.b.example"), denial_missing);
  EXPECT_EQ(Proof("b.example", nsecs({"a.example. b.example. A RRSIG NSEC"})).nxdomain("x.b.example"), denial_missing);
}

TEST(NsecChain, a_next_name_before_the_owner_proves_nothing_but_the_types) {
  Proof proof("example", nsecs({"d.example. b.example. A RRSIG NSEC"}));
  EXPECT_EQ(proof.nxdomain("x.d.example"), denial_missing);
  EXPECT_EQ(proof.nxdomain("c.example"), denial_missing);
  EXPECT_EQ(proof.nodata("d.example", Type::aaaa), none);
}

// RFC 4035 3.1.3.2, RFC 8020 2.
TEST(NsecChain, a_next_name_below_makes_an_empty_non_terminal) {
  Proof proof("example", nsecs({"b.example. x.y.c.example. A RRSIG NSEC"}));
  EXPECT_EQ(proof.nodata("c.example", Type::a), none);
  EXPECT_EQ(proof.nodata("y.c.example", Type::cname), none);
  EXPECT_EQ(proof.nodata("y.c.example", Type::any), none);
  EXPECT_EQ(proof.nxdomain("c.example"), denial_missing);
  EXPECT_EQ(proof.nodata("x.y.c.example", Type::a), denial_missing);
  EXPECT_EQ(proof.no_ds("c.example"), (Denial::AboutDs{Delegation::not_there, none}));
}

TEST(NsecChain, a_wildcard_may_be_an_empty_non_terminal) {
  Proof proof("example", nsecs({"example. a.*.example. SOA NS RRSIG NSEC", "b.example. d.example. A RRSIG NSEC"}));
  EXPECT_EQ(proof.nodata("c.example", Type::a), none);
  EXPECT_EQ(proof.nxdomain("c.example"), denial_missing);
}

// RFC 4035 3.1.3.4.
TEST(NsecChain, a_wildcard_without_the_type_gives_no_data) {
  Proof proof("example", nsecs({"*.example. b.example. A RRSIG NSEC", "b.example. d.example. A RRSIG NSEC"}));
  EXPECT_EQ(proof.nodata("c.example", Type::aaaa), none);
  EXPECT_EQ(proof.nodata("c.example", Type::a), denial_missing);
  EXPECT_EQ(proof.nodata("d.example", Type::aaaa), denial_missing);  // nothing proves that it is not there
  EXPECT_EQ(proof.no_ds("c.example").delegation, Delegation::not_there);
  Proof with_cname("example", nsecs({"*.example. b.example. CNAME RRSIG NSEC", "b.example. d.example. A RRSIG NSEC"}));
  EXPECT_EQ(with_cname.nodata("c.example", Type::aaaa), denial_missing);
}

// Records of one zone that say less than they seem to; each of these is believed by some validator.
TEST(NsecChain, a_wildcard_that_is_the_next_name_is_no_empty_non_terminal) {
  Proof proof("z",
              nsecs({"u.v.z. *.w.z. NS RRSIG NSEC", "*.w.z. z. TXT RRSIG NSEC", "n.z. q.r.z. TXT DNAME RRSIG NSEC"}));
  EXPECT_EQ(proof.nodata("u.w.z", Type::txt), denial_missing);
  EXPECT_EQ(proof.nodata("u.w.z", Type::a), none);
}

TEST(NsecChain, a_name_above_a_wildcard_is_there) {
  Proof proof("z", nsecs({"u.v.z. *.w.z. NS RRSIG NSEC", "z. a.z. NS SOA RRSIG NSEC"}));
  EXPECT_EQ(proof.nxdomain("w.z"), denial_missing);
  EXPECT_EQ(proof.nodata("w.z", Type::mx), none);
}

TEST(NsecChain, the_wildcard_of_another_encloser_does_not_matter) {
  Proof proof("z", nsecs({"*.w.z. z. TXT RRSIG NSEC", "z. a.z. NS SOA RRSIG NSEC"}));
  EXPECT_EQ(proof.nxdomain("s.w.z"), denial_missing);  // *.z is not there, but *.w.z is
  EXPECT_EQ(proof.nodata("s.w.z", Type::mx), none);
}

TEST(NsecChain, records_beside_a_proof_do_no_harm) {
  Proof proof("z",
              nsecs({"a.z. b.z. A RRSIG NSEC", "n.z. q.r.z. TXT DNAME RRSIG NSEC", "b.z. c.z. TXT AAAA RRSIG NSEC"}));
  EXPECT_EQ(proof.nxdomain("n.b.z"), none);
}

// RFC 4035 5.3.4.
TEST(NsecChain, an_answer_from_a_wildcard_wants_proof_that_nothing_is_closer) {
  Proof proof("example", nsecs({"b.example. d.example. A RRSIG NSEC"}));
  EXPECT_EQ(proof.wildcard_answer("c.example", 1), none);
  EXPECT_EQ(proof.wildcard_answer("x.c.example", 1), none);
  EXPECT_EQ(proof.wildcard_answer("x.b.example", 1), denial_missing);  // b.example is there
  EXPECT_EQ(proof.wildcard_answer("x.b.example", 2), none);
  EXPECT_EQ(proof.wildcard_answer("e.example", 1), denial_missing);
  EXPECT_EQ(proof.wildcard_answer("c.example", 0), denial_missing);  // above the zone
  EXPECT_EQ(proof.wildcard_answer("c.example", 2), denial_missing);  // no wildcard at all
  EXPECT_EQ(proof.wildcard_answer("c.example", 200), denial_missing);
  Proof empty("example", nsecs({"b.example. x.c.example. A RRSIG NSEC"}));
  EXPECT_EQ(empty.wildcard_answer("c.example", 1), denial_missing);  // an empty non-terminal is there, too
  EXPECT_EQ(empty.wildcard_answer("a.c.example", 1), denial_missing);
}

// RFC 6840 4.1.
TEST(NsecChain, the_record_of_a_delegation_proves_nothing_of_the_zone_below) {
  Proof proof("example", nsecs({"b.example. d.example. NS RRSIG NSEC", "example. b.example. SOA NS RRSIG NSEC"}));
  EXPECT_EQ(proof.nxdomain("x.b.example"), denial_missing);
  EXPECT_EQ(proof.nodata("b.example", Type::a), denial_missing);
  EXPECT_EQ(proof.nodata("b.example", Type::any), denial_missing);
  EXPECT_EQ(proof.wildcard_answer("x.b.example", 2), denial_missing);
  EXPECT_EQ(proof.nodata("b.example", Type::ds), none);
  EXPECT_EQ(proof.nxdomain("c.example"), none);
  EXPECT_EQ(proof.no_ds("b.example"), (Denial::AboutDs{Delegation::unsigned_there, none}));
  EXPECT_EQ(proof.no_ds("x.b.example").delegation, Delegation::unproven);
}

TEST(NsecChain, an_empty_non_terminal_below_a_delegation_is_none) {
  Proof proof("example", nsecs({"b.example. x.y.b.example. NS RRSIG NSEC"}));
  EXPECT_EQ(proof.nodata("y.b.example", Type::a), denial_missing);
}

TEST(NsecChain, the_apex_has_ns_records_and_is_no_delegation) {
  Proof proof("example", nsecs({"example. b.example. SOA NS RRSIG NSEC"}));
  EXPECT_EQ(proof.nodata("example", Type::a), none);
  EXPECT_EQ(proof.nxdomain("a.example"), none);
}

// RFC 6840 4.1, RFC 6672 5.3.4.
TEST(NsecChain, below_a_dname_nothing_is_denied) {
  Proof proof("example", nsecs({"b.example. d.example. DNAME RRSIG NSEC", "example. b.example. SOA NS RRSIG NSEC"}));
  EXPECT_EQ(proof.nxdomain("x.b.example"), denial_missing);
  EXPECT_EQ(proof.nodata("b.example", Type::a), none);
  EXPECT_EQ(proof.nxdomain("c.example"), none);
  EXPECT_EQ(proof.no_ds("b.example").delegation, Delegation::not_there);
}

// RFC 4035 5.2: the DS records of a zone are its parent's.
TEST(NsecChain, the_apex_of_a_zone_does_not_deny_its_ds) {
  Proof child("b.example", nsecs({"b.example. c.b.example. SOA NS RRSIG NSEC"}));
  EXPECT_EQ(child.nodata("b.example", Type::ds), denial_missing);
  EXPECT_EQ(child.no_ds("b.example").delegation, Delegation::unproven);
  // The same record, as if it were the parent's.
  Proof parent("example", nsecs({"b.example. c.b.example. SOA NS RRSIG NSEC"}));
  EXPECT_EQ(parent.nodata("b.example", Type::ds), denial_missing);
  EXPECT_EQ(parent.nodata("b.example", Type::a), denial_missing);
  EXPECT_EQ(parent.no_ds("b.example").delegation, Delegation::unproven);
  // The root has no parent.
  EXPECT_EQ(Proof(".", nsecs({". aaa. SOA NS RRSIG NSEC"})).nodata(".", Type::ds), none);
}

TEST(NsecChain, a_ds_record_that_is_there_is_not_denied) {
  Proof proof("example", nsecs({"b.example. d.example. NS DS RRSIG NSEC"}));
  EXPECT_EQ(proof.nodata("b.example", Type::ds), denial_missing);
  EXPECT_EQ(proof.no_ds("b.example"), (Denial::AboutDs{Delegation::unproven, denial_missing}));
}

TEST(NsecChain, a_name_that_does_not_exist_is_no_delegation) {
  Proof proof("example", nsecs({"b.example. d.example. A RRSIG NSEC", "example. b.example. SOA NS RRSIG NSEC"}));
  EXPECT_EQ(proof.no_ds("c.example"), (Denial::AboutDs{Delegation::nonexistent, none}));
  EXPECT_EQ(proof.no_ds("b.example").delegation, Delegation::not_there);
  Proof one("example", nsecs({"b.example. d.example. A RRSIG NSEC"}));
  EXPECT_EQ(one.no_ds("c.example").delegation, Delegation::not_there);  // there may be a wildcard
}

// RFC 9824 2 and 5.
TEST(NsecChain, a_compact_denial_says_that_there_is_no_such_name) {
  Proof proof("example", nsecs({"c.example. \\000.c.example. RRSIG NSEC TYPE128"}));
  EXPECT_EQ(proof.nodata("c.example", Type::a), none);
  EXPECT_EQ(proof.nodata("c.example", Type::any), none);
  EXPECT_EQ(proof.nxdomain("c.example"), none);
  EXPECT_EQ(proof.no_ds("c.example"), (Denial::AboutDs{Delegation::nonexistent, none}));
  EXPECT_EQ(proof.nxdomain("x.c.example"), denial_missing);
  Proof empty("example", nsecs({"c.example. \\000.c.example. RRSIG NSEC"}));
  EXPECT_EQ(empty.nodata("c.example", Type::a), none);
  EXPECT_EQ(empty.nxdomain("c.example"), denial_missing);
  Proof both("example", nsecs({"c.example. \\000.c.example. A RRSIG NSEC TYPE128"}));
  EXPECT_EQ(both.nxdomain("c.example"), denial_missing);
}

TEST(NsecChain, the_span_behind_a_name_that_does_not_exist_covers_nothing) {
  Proof proof("example", nsecs({"c.example. e.example. RRSIG NSEC TYPE128", "example. c.example. SOA NS RRSIG NSEC"}));
  EXPECT_EQ(proof.nxdomain("d.example"), denial_missing);
  EXPECT_EQ(proof.nxdomain("x.c.example"), denial_missing);
}

TEST(NsecChain, type_any_is_denied_where_there_is_nothing) {
  Proof proof("example", nsecs({"b.example. d.example. A RRSIG NSEC", "e.example. g.example. RRSIG NSEC"}));
  EXPECT_EQ(proof.nodata("b.example", Type::any), denial_missing);
  EXPECT_EQ(proof.nodata("e.example", Type::any), none);
}

TEST(NsecChain, canonical_order_goes_by_labels_and_octets) {
  // RFC 4034 6.1: example, a.example, yljkjljk.a.example, Z.a.example, zABC.a.EXAMPLE, z.example, \001.z.example,
  // *.z.example, \200.z.example
  Proof proof("example", nsecs({"Z.a.example. z.example. A RRSIG NSEC", "z.example. *.z.example. A RRSIG NSEC"}));
  EXPECT_EQ(proof.nxdomain("zABC.a.EXAMPLE"), denial_missing);  // *.a.example is not covered
  EXPECT_EQ(proof.wildcard_answer("zABC.a.EXAMPLE", 2), none);
  EXPECT_EQ(proof.wildcard_answer("yljkjljk.a.example", 2), denial_missing);
  EXPECT_EQ(proof.wildcard_answer("\\001.z.example", 2), none);
  EXPECT_EQ(proof.wildcard_answer("\\200.z.example", 2), denial_missing);
}

TEST(NsecChain, what_is_malformed_is_passed_over) {
  Rrset cut = nsec("b.example. d.example. A RRSIG NSEC"), twice = cut, open;
  open = rrset_of(cut.owner, Type::nsec, {1, 'd'});
  const Bytes rdata = cut.rdata(0);
  cut = rrset_of(cut.owner, Type::nsec, Octets(rdata.begin(), rdata.end() - 1));
  twice.add(nsec("b.example. e.example. A RRSIG NSEC").rdata(0));
  Rrset other = nsec("b.example. d.example. A RRSIG NSEC");
  other.type = Type::txt;
  for (const Rrset& rrset : {cut, twice, open, other, rrset_of(cut.owner, Type::nsec, {})}) {
    Proof proof("example", {rrset});
    EXPECT_EQ(proof.nodata("b.example", Type::aaaa), denial_missing);
    EXPECT_EQ(proof.wildcard_answer("c.example", 1), denial_missing);
  }
}

}  // namespace
}  // namespace dragoman::dnssec
