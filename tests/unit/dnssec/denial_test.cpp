// What Denial does beyond the proofs: several sets of records, limits, the budget.
#include "denial.h"

#include <gtest/gtest.h>

#include "denial_records.h"

namespace dragoman::dnssec {
namespace {

using dns::Type;
using enum Reason;
using Delegation = Denial::Delegation;

// The record of `owner`, which covers all other names.
Rrset lone(std::string_view owner, std::uint16_t iterations, const Octets& salt, const Types& has = {}) {
  const auto hash = *nsec3_hash(name(owner), salt, iterations);
  const Nsec3Fields fields{1, 0, iterations, salt, Octets(hash.begin(), hash.end()), has};
  return nsec3(name(base32hex(hash) + ".example."), fields);
}

TEST(Denial, without_records_nothing_is_proven) {
  Proof proof("example", {});
  EXPECT_EQ(proof.nodata("a.example", Type::a), denial_missing);
  EXPECT_EQ(proof.nxdomain("a.example"), denial_missing);
  EXPECT_EQ(proof.wildcard_answer("a.example", 1), denial_missing);
  EXPECT_EQ(proof.no_ds("a.example"), (Denial::AboutDs{Delegation::unproven, denial_missing}));
}

// RFC 5155 8.2: records with other parameters are another chain.
TEST(Denial, records_with_different_parameters_prove_nothing_together) {
  // The closest encloser, with a span that ends at once; and a record that covers the next closer name and the
  // wildcard.
  auto next = *nsec3_hash(name("example"), Octets{1}, 1);
  ASSERT_NE(next.back()++, 0xFF);
  Nsec3Fields fields;
  fields.iterations = 1;
  fields.salt = {1};
  fields.next.assign(next.begin(), next.end());
  fields.has = {Type::soa};
  const Rrset encloser = nsec3(lone("example", 1, {1}).owner, fields);
  EXPECT_EQ(Proof("example", {encloser, lone("y.example", 1, {1})}).nxdomain("x.example"), none);
  EXPECT_EQ(Proof("example", {encloser, lone("y.example", 1, {2})}).nxdomain("x.example"), denial_missing);
  EXPECT_EQ(Proof("example", {encloser, lone("y.example", 2, {1})}).nxdomain("x.example"), denial_missing);
  EXPECT_EQ(Proof("example", {encloser, lone("y.example", 1, {})}).nxdomain("x.example"), denial_missing);
}

TEST(Denial, one_good_set_is_enough) {
  const Rrset far = lone("b.example", 0, {}), slow = lone("x.example", 100, {}), good = lone("x.example", 3, {9});
  EXPECT_EQ(Proof("example", {far, slow, good}).nodata("x.example", Type::a), none);
  EXPECT_EQ(Proof("example", {good, slow, far}).nodata("x.example", Type::a), none);
  EXPECT_EQ(Proof("example", {slow, nsec("x.example. z.example. A")}).nodata("x.example", Type::mx), none);
}

// RFC 9276 3.2.
TEST(Denial, records_with_too_many_iterations_are_not_looked_at) {
  Limits limits;
  limits.nsec3_iterations = 50;
  limits.nsec3_refused_iterations = 500;
  const auto of = [&](std::uint16_t iterations) {
    return std::make_unique<Proof>("example", std::vector{lone("x.example", iterations, {1})}, limits);
  };
  EXPECT_EQ(of(50)->nodata("x.example", Type::a), none);
  for (const std::uint16_t iterations : {std::uint16_t{51}, std::uint16_t{500}}) {
    const auto slow = of(iterations);
    EXPECT_EQ(slow->nodata("x.example", Type::a), nsec3_iterations);
    EXPECT_EQ(slow->nxdomain("y.example"), nsec3_iterations);
    EXPECT_EQ(slow->wildcard_answer("y.example", 1), nsec3_iterations);
    EXPECT_EQ(slow->no_ds("y.example"), (Denial::AboutDs{Delegation::unsigned_there, nsec3_iterations}));
    EXPECT_EQ(slow->nodata("test", Type::a), denial_missing);
    EXPECT_EQ(slow->nodata("example", Type::ds), denial_missing);
    EXPECT_EQ(slow->no_ds("example"), (Denial::AboutDs{Delegation::unproven, denial_missing}));
    EXPECT_EQ(slow->budget().nsec3_hashes(), 0u);
  }
  const auto refused = of(501);
  EXPECT_EQ(refused->nodata("x.example", Type::a), nsec3_refused);
  EXPECT_EQ(refused->no_ds("x.example"), (Denial::AboutDs{Delegation::unproven, nsec3_refused}));
  EXPECT_EQ(refused->budget().nsec3_hashes(), 0u);
}

TEST(Denial, each_name_is_hashed_once) {
  Proof proof("example", {lone("example", 3, {1}, {Type::soa, Type::ns})});
  EXPECT_EQ(proof.nxdomain("c.b.a.example"), none);
  // The name, the apex, a.example, *.example.
  EXPECT_EQ(proof.budget().nsec3_hashes(), 4u);
  EXPECT_EQ(proof.nxdomain("C.B.a.Example"), none);
  EXPECT_EQ(proof.nodata("c.b.a.example", Type::a), denial_missing);
  EXPECT_EQ(proof.no_ds("c.b.a.example").delegation, Delegation::nonexistent);
  EXPECT_EQ(proof.wildcard_answer("b.a.example", 1), none);
  EXPECT_EQ(proof.budget().nsec3_hashes(), 4u);
}

// CVE-2023-50868.
TEST(Denial, a_name_with_many_labels_costs_a_hash_for_each_at_most) {
  std::string deep;
  for (int labels = 0; labels < 120; ++labels) deep += "a.";
  Limits limits;
  limits.nsec3_hashes = 1000;
  Proof proof("example", {lone(deep.substr(2) + "example", 0, {})}, limits);
  EXPECT_EQ(proof.nxdomain(deep + "example"), none);
  EXPECT_EQ(proof.budget().nsec3_hashes(), 122u);  // each label, the apex, the wildcard
}

TEST(Denial, names_outside_of_the_zone_are_not_hashed) {
  Proof proof("example", {lone("example", 3, {1})});
  EXPECT_EQ(proof.nxdomain("a.test"), denial_missing);
  EXPECT_EQ(proof.nodata(".", Type::a), denial_missing);
  EXPECT_EQ(proof.no_ds("a.test").delegation, Delegation::unproven);
  EXPECT_EQ(proof.wildcard_answer("a.b.test", 1), denial_missing);
  EXPECT_EQ(proof.budget().nsec3_hashes(), 0u);
}

TEST(Denial, stops_when_the_budget_is_spent) {
  Limits limits;
  limits.nsec3_hashes = 3;
  Proof proof("example", {lone("example", 3, {1}, {Type::soa, Type::ns})}, limits);
  EXPECT_EQ(proof.nxdomain("c.b.a.example"), too_much_work);
  EXPECT_EQ(proof.budget().exceeded(), Limit::nsec3_hashes);
  EXPECT_EQ(proof.no_ds("x.example"), (Denial::AboutDs{Delegation::unproven, too_much_work}));
  // What is known already is proven still.
  EXPECT_EQ(proof.nodata("example", Type::a), none);
  EXPECT_EQ(proof.wildcard_answer("a.example", 1), none);
}

TEST(Denial, a_set_after_the_other_uses_the_same_budget) {
  Limits limits;
  limits.nsec3_hashes = 10;
  std::vector<Rrset> sets;
  for (std::uint8_t salt = 0; salt < 60; ++salt) sets.push_back(lone("nowhere.example", 1, {salt}));
  Proof proof("example", std::move(sets), limits);
  EXPECT_EQ(proof.nxdomain("a.b.c.d.e.f.g.h.i.j.example"), too_much_work);
  EXPECT_EQ(proof.budget().nsec3_hashes(), 10u);
}

}  // namespace
}  // namespace dragoman::dnssec
