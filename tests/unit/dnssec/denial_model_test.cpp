// Denial against random small zones: from whatever records of a zone, never more than the zone says; from the records
// that a server sends, all of it.
#include <gtest/gtest.h>

#include "denial.h"
#include "zone_model.h"

namespace dragoman::dnssec {
namespace {

using dns::Type;
using Delegation = Denial::Delegation;
using Outcome = ZoneModel::Outcome;

constexpr Type asked_types[] = {Type::a, Type::aaaa, Type::cname, Type::ds, Type::ns, Type::dname, Type::any, Type::mx};
constexpr int zones = 60;

Limits ample() {
  Limits limits;
  limits.nsec3_hashes = 10000;
  return limits;
}

std::string shown(const dns::Name& name, Type type) { return name.to_text() + ' ' + dns::to_text(type); }

std::vector<Rrset> some_of(const std::vector<Rrset>& all, std::mt19937& chance) {
  std::vector<Rrset> some;
  for (const Rrset& one : all) {
    if (chance() % 3 != 0) some.push_back(one);
  }
  std::ranges::shuffle(some, chance);
  return some;
}

// What is proven is so.
void expect_nothing_false(const ZoneModel& zone, Denial& denial, const dns::Name& name) {
  for (const Type type : asked_types) {
    EXPECT_TRUE(zone.may_say_nodata(name, type, denial.nodata(name, type))) << shown(name, type);
  }
  EXPECT_TRUE(zone.may_say_nxdomain(name, denial.nxdomain(name))) << name.to_text();
  EXPECT_TRUE(zone.may_say_of_ds(name, denial.no_ds(name))) << name.to_text();
  for (int labels = zone.apex().view().label_count(); labels < name.view().label_count(); ++labels) {
    const Reason reason = denial.wildcard_answer(name, static_cast<std::uint8_t>(labels));
    EXPECT_TRUE(zone.may_say_wildcard_answer(name, labels, reason)) << name.to_text() << labels;
  }
}

TEST(DenialModel, from_any_records_of_a_zone_nothing_false_is_proven) {
  std::mt19937 chance(1);
  const auto names = universe(name("z"), "ab*", 3);
  for (int number = 0; number < zones && !testing::Test::HasFailure(); ++number) {
    const ZoneModel zone = random_zone(names, chance);
    for (int subset = 0; subset < 4; ++subset) {
      const bool all = subset == 0;
      Proof by_nsec(zone.apex(), all ? zone.nsecs() : some_of(zone.nsecs(), chance), ample());
      Proof by_nsec3(zone.apex(), all ? zone.nsec3s() : some_of(zone.nsec3s(), chance), ample());
      for (const dns::Name& name : names) {
        expect_nothing_false(zone, by_nsec.denial(), name);
        expect_nothing_false(zone, by_nsec3.denial(), name);
      }
    }
    if (testing::Test::HasFailure()) ADD_FAILURE() << "zone " << number;
  }
}

// What the NSEC3 records that a server sends can prove at best.
Reason expected_of_nsec3(const ZoneModel& zone, const dns::Name& name, Outcome outcome) {
  if (zone.has_nsec3(name)) return Reason::none;
  const dns::Name encloser = zone.hashed_encloser(name), wildcard = ZoneModel::wildcard_of(encloser);
  const bool opted_out = zone.is_opt_out(ZoneModel::next_closer(name, encloser));
  if (outcome == Outcome::nodata) {
    if (opted_out) return Reason::opt_out;
    return zone.has_nsec3(wildcard) ? Reason::none : Reason::denial_missing;  // the wildcard leads to what is left out
  }
  // A name that is left out lies between: the closest encloser that can be proven has the wildcard of another one.
  if (zone.has_nsec3(wildcard)) return Reason::denial_missing;
  return opted_out || zone.is_opt_out(wildcard) ? Reason::opt_out : Reason::none;
}

// What the records that a server sends must prove.
void expect_proof(const ZoneModel& zone, const dns::Name& name, Type type) {
  const Outcome outcome = zone.ask(name, type);
  const bool is_apex_ds = type == Type::ds && equal(name, zone.apex());
  if ((outcome != Outcome::nodata && outcome != Outcome::nxdomain) || is_apex_ds) return;
  Proof by_nsec(zone.apex(), zone.nsec_denial(name)), by_nsec3(zone.apex(), zone.nsec3_denial(name));
  const auto ask = [&](Proof& proof) {
    return outcome == Outcome::nodata ? proof.denial().nodata(name, type) : proof.denial().nxdomain(name);
  };
  EXPECT_EQ(ask(by_nsec), Reason::none) << shown(name, type);
  EXPECT_EQ(ask(by_nsec3), expected_of_nsec3(zone, name, outcome)) << shown(name, type);
}

void expect_wildcard_proof(const ZoneModel& zone, const dns::Name& name) {
  const Outcome outcome = zone.ask(name, Type::a);
  if (zone.exists(name) || (outcome != Outcome::answer && outcome != Outcome::cname)) return;
  const dns::Name encloser = zone.closest_encloser(name);
  const auto labels = static_cast<std::uint8_t>(encloser.view().label_count());
  const dns::Name next = ZoneModel::next_closer(name, encloser);
  EXPECT_EQ(Proof(zone.apex(), {zone.nsec_at(name)}).denial().wildcard_answer(name, labels), Reason::none);
  EXPECT_EQ(Proof(zone.apex(), {zone.nsec3_at(next)}).denial().wildcard_answer(name, labels),
            zone.is_opt_out(next) ? Reason::opt_out : Reason::none);
}

void expect_delegation(const ZoneModel& zone, const dns::Name& name) {
  if (equal(name, zone.apex()) || zone.is_occluded(name) || zone.types_at(name).contains(Type::ds)) return;
  Proof by_nsec(zone.apex(), zone.nsec_denial(name)), by_nsec3(zone.apex(), zone.nsec3_denial(name));
  auto expected = Delegation::not_there;
  if (zone.is_delegation(name)) expected = Delegation::unsigned_there;
  if (zone.ask(name, Type::ds) == Outcome::nxdomain) expected = Delegation::nonexistent;
  EXPECT_EQ(by_nsec.denial().no_ds(name).delegation, expected) << name.to_text();
  const dns::Name encloser = zone.hashed_encloser(name);
  const bool opted_out = !equal(encloser, name) && zone.is_opt_out(ZoneModel::next_closer(name, encloser));
  if (expected == Delegation::nonexistent && zone.is_opt_out(ZoneModel::wildcard_of(encloser))) {
    expected = Delegation::not_there;
  }
  EXPECT_EQ(by_nsec3.denial().no_ds(name).delegation, opted_out ? Delegation::unsigned_there : expected)
      << name.to_text();
}

TEST(DenialModel, what_a_server_sends_is_proof) {
  std::mt19937 chance(2);
  const auto names = universe(name("z"), "ab*", 3);
  for (int number = 0; number < zones && !testing::Test::HasFailure(); ++number) {
    const ZoneModel zone = random_zone(names, chance);
    for (const dns::Name& name : names) {
      for (const Type type : asked_types) expect_proof(zone, name, type);
      expect_wildcard_proof(zone, name);
      expect_delegation(zone, name);
    }
    if (testing::Test::HasFailure()) ADD_FAILURE() << "zone " << number;
  }
}

}  // namespace
}  // namespace dragoman::dnssec
