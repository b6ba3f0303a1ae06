// Keeping, replacing and giving up.
#include "denial_store.h"

#include <gtest/gtest.h>

#include "canonical_key.h"
#include "denial_samples.h"

namespace dragoman::dnssec {
namespace {

constexpr auto later = start + seconds(100);

class Store : public testing::Test {
 protected:
  bool add(std::string_view zone, const Rrset& rrset, TimePoint expires = later) {
    KnownZone& known = store_.zone(name(zone));
    const bool is_added = store_.add(known, signed_by(zone, rrset), expires);
    store_.finish(known);
    return is_added;
  }
  std::string owners(std::string_view zone) {
    std::string all;
    const KnownZone* known = store_.zone_of(name(zone), {});
    if (known == nullptr) return "unknown";
    for (const auto& [key, span] : known->spans) all += span.kept.owner().to_text() + ' ';
    return all;
  }
  std::string zone_of(std::string_view asked, std::string_view highest = ".") {
    const dns::Name above = name(highest);
    const KnownZone* known = store_.zone_of(name(asked), above);
    return known == nullptr ? "unknown" : known->name.to_text();
  }

  DenialStore store_{1 << 20};
};

using DenialStoreTest = Store;

TEST_F(DenialStoreTest, the_deepest_zone_is_found) {
  EXPECT_EQ(zone_of("a.example"), "unknown");
  add("Example", nsec("example. example. SOA NS"));
  add("b.example", nsec("b.example. b.example. SOA NS"));
  EXPECT_EQ(zone_of("a.EXAMPLE"), "Example.");
  EXPECT_EQ(zone_of("example"), "Example.");
  EXPECT_EQ(zone_of("a.B.example"), "b.example.");
  EXPECT_EQ(zone_of("test"), "unknown");
  EXPECT_EQ(zone_of("a.b.example", "b.example"), "b.example.");
  EXPECT_EQ(zone_of("a.c.example", "c.example"), "unknown");
  add(".", nsec(". example. SOA NS"));
  EXPECT_EQ(zone_of("test"), ".");
  EXPECT_EQ(zone_of("a.c.example", "example"), "Example.");
}

TEST_F(DenialStoreTest, records_are_in_canonical_order) {
  for (const char* line : {"b.example. c.example. A", "example. a.example. SOA NS", "z.a.example. b.example. A",
                           "a.example. z.a.example. A"}) {
    EXPECT_TRUE(add("example", nsec(line)));
  }
  EXPECT_EQ(owners("example"), "example. a.example. z.a.example. b.example. ");
  KnownZone& zone = store_.zone(name("example"));
  EXPECT_EQ(zone.at_or_before(CanonicalKey(name("z.a.example")).octets())->kept.owner().to_text(), "z.a.example.");
  EXPECT_EQ(zone.at_or_before(CanonicalKey(name("aa.example")).octets())->kept.owner().to_text(), "z.a.example.");
  EXPECT_EQ(zone.at_or_before(CanonicalKey(name("aaa")).octets()), nullptr);
}

TEST_F(DenialStoreTest, what_no_signer_makes_is_refused) {
  EXPECT_FALSE(add("example", nsec("b.example. test. A")));
  EXPECT_FALSE(add("example", nsec("b.test. c.example. A")));
  EXPECT_FALSE(add("example", nsec("b.example. c.b.example. SOA NS")));
  EXPECT_FALSE(add("example", rrset_of(name("b.example"), dns::Type::txt, {1, 'a'})));
  Rrset two = nsec("b.example. c.example. A");
  two.add(nsec("b.example. d.example. A").rdata(0));
  EXPECT_FALSE(add("example", two));
  EXPECT_FALSE(add("example", nsec3(std::string(32, '0') + ".example. 1 1 0 - " + std::string(32, '1'))));
  EXPECT_EQ(store_.bytes(), 0u);
  EXPECT_EQ(store_.zones(), 0u);
}

TEST_F(DenialStoreTest, what_is_too_large_is_refused) {
  Rrset rrset = nsec("b.example. c.example. A");
  const Octets large(4096);
  rrset = signed_by("example", rrset);
  rrset.signatures[0].signature = large;
  EXPECT_FALSE(add("example", rrset));
}

TEST_F(DenialStoreTest, a_record_takes_the_place_of_what_it_contradicts) {
  add("example", nsec("example. c.example. SOA NS"));
  add("example", nsec("c.example. e.example. A"));
  add("example", nsec("e.example. example. A"));
  add("example", nsec("d.example. e.example. A"));  // c's span says that d is not there
  EXPECT_EQ(owners("example"), "example. d.example. e.example. ");
  add("example", nsec("b.example. f.example. A"));  // d and e are not there, and the apex's span denies b
  EXPECT_EQ(owners("example"), "b.example. ");
  add("example", nsec("f.example. example. A"));
  EXPECT_EQ(owners("example"), "b.example. f.example. ");
  add("example", nsec("b.example. example. A"));
  EXPECT_EQ(owners("example"), "b.example. ");
}

TEST_F(DenialStoreTest, hashes_that_contradict_go_around_the_end) {
  const auto record = [&](char owner, char next) {
    return nsec3(std::string(32, owner) + ".example. 1 0 0 - " + std::string(32, next) + " A");
  };
  const auto hashes = [&] {
    std::string all;
    for (const auto& [key, span] : store_.zone(name("example")).spans) all += span.kept.owner().first_label()[0];
    return all;
  };
  for (const char* span : {"13", "35", "57", "71"}) add("example", record(span[0], span[1]));
  EXPECT_EQ(hashes(), "1357");
  add("example", record('6', '2'));  // 7 and 1 are not there; 5's span says that 6 is not
  EXPECT_EQ(hashes(), "36");
  add("example", record('0', '3'));  // 6's span says that it is not there
  EXPECT_EQ(hashes(), "03");
  add("example", record('4', '4'));  // nothing else is there
  EXPECT_EQ(hashes(), "4");
}

TEST_F(DenialStoreTest, the_same_record_stays_as_long_as_either_copy) {
  const auto left = [&] { return store_.zone(name("example")).spans.begin()->second.kept.remaining(start); };
  add("example", nsec("b.example. c.example. A"), start + seconds(50));
  add("example", nsec("b.example. c.example. A"), start + seconds(20));
  EXPECT_EQ(left(), 50u);
  add("example", nsec("b.example. c.example. A"), start + seconds(70));
  EXPECT_EQ(left(), 70u);
  add("example", nsec("b.example. d.example. A"), start + seconds(20));
  EXPECT_EQ(left(), 20u);
  EXPECT_EQ(store_.records(), 1u);
}

TEST_F(DenialStoreTest, an_soa_is_replaced_by_a_newer_one) {
  add("example", nsec("example. example. SOA NS"));
  KnownZone& zone = store_.zone(name("example"));
  store_.set_soa(zone, soa("example", 300), start + seconds(50));
  EXPECT_EQ(zone.soa_minimum(), 300u);
  const std::size_t bytes = store_.bytes();
  store_.set_soa(zone, soa("example", 300), start + seconds(20));
  EXPECT_EQ(zone.soa->remaining(start), 50u);
  store_.set_soa(zone, soa("example", 200, 2), start + seconds(20));
  EXPECT_EQ(zone.soa_minimum(), 200u);
  EXPECT_EQ(zone.soa->remaining(start), 20u);
  EXPECT_EQ(store_.bytes(), bytes);
  store_.set_soa(zone, rrset_of(name("example"), dns::Type::soa, {0, 0, 1}), later);
  store_.set_soa(zone, soa("test"), later);
  EXPECT_EQ(zone.soa_minimum(), 200u);
}

TEST_F(DenialStoreTest, the_bytes_come_and_go) {
  for (int round = 0; round < 3; ++round) {
    add("example", nsec("example. c.example. SOA NS"));
    KnownZone& zone = store_.zone(name("example"));
    store_.set_soa(zone, soa("example"), later);
    add("example", nsec("c.example. example. A"));
    add("b.example", nsec("b.example. b.example. SOA NS"));
    EXPECT_GT(store_.bytes(), 1000u);
    if (round == 0) store_.clear();
    if (round == 1) {  // one after the other makes the one before void
      add("example", nsec3(std::string(32, '0') + ".example. 1 0 0 - " + std::string(32, '1')));
      EXPECT_EQ(store_.records(), 2u);
    }
  }
  store_.clear();
  EXPECT_EQ(store_.bytes(), 0u);
  EXPECT_EQ(store_.records(), 0u);
}

TEST(DenialStoreRoom, what_has_not_been_of_use_goes_first) {
  DenialStore store(3000);
  const auto add = [&](int number, bool is_used) {
    const std::string zone = "z" + std::to_string(number);
    KnownZone& known = store.zone(name(zone));
    ASSERT_TRUE(store.add(known, signed_by(zone, nsec(zone + ". " + zone + ". SOA NS")), later));
    known.spans.begin()->second.is_used = is_used;
    store.finish(known);
    EXPECT_LE(store.bytes(), 3000u);
  };
  for (int number = 0; number < 20; ++number) add(number, number < 2);
  // The first two were of use once: they have outlived two turns and are gone; the last ones are there.
  EXPECT_EQ(store.zone_of(name("z2"), {}), nullptr);
  EXPECT_NE(store.zone_of(name("z19"), {}), nullptr);
  EXPECT_EQ(store.evicted(), 20 - store.records());
  EXPECT_EQ(store.zones(), store.records());
}

TEST(DenialStoreRoom, a_record_that_has_no_room_at_all_is_not_kept) {
  DenialStore store(100);
  KnownZone& known = store.zone(name("example"));
  EXPECT_TRUE(store.add(known, signed_by("example", nsec("example. example. SOA NS")), later));
  store.finish(known);
  EXPECT_EQ(store.bytes(), 0u);
  EXPECT_EQ(store.zones(), 0u);
  EXPECT_EQ(store.evicted(), 1u);
}

}  // namespace
}  // namespace dragoman::dnssec
