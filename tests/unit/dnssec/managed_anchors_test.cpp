// RFC 5011, with the keys of a zone that is signed here.
#include "dragoman/dnssec/managed_anchors.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "test_message.h"

namespace dragoman::dnssec {
namespace {

using namespace std::chrono_literals;
using dns::Section;
using dns::Type;
using fakes::Octets;
using fakes::SigningKey;
using std::chrono::days;
using Kind = KeyChange::Kind;
using Kinds = std::vector<Kind>;

constexpr std::uint32_t key_ttl = 2 * 86400;

// A zone whose keys a test changes from day to day; signatures last for two weeks.
struct ManagedAnchors : testing::Test {
  const dns::Name zone = name("example.");
  const SigningKey first, second, third, zsk{13, 256};
  RolloverTimes times;
  WallTime now = fakes::signing_time;

  ManagedAnchor anchor_by_ds(const std::vector<SigningKey>& keys) const {
    TrustAnchor anchor{zone, {}};
    for (const SigningKey& key : keys) anchor.endorsed_by.ds.push_back(key.ds(zone));
    return ManagedAnchor(anchor);
  }
  ManagedAnchor anchor_by_key(const std::vector<SigningKey>& keys) const {
    TrustAnchor anchor{zone, {}};
    for (const SigningKey& key : keys) anchor.endorsed_by.dnskeys.push_back(key.dnskey());
    return ManagedAnchor(anchor);
  }

  Sighting look(const ManagedAnchor& anchor, const std::vector<SigningKey>& all,
                const std::vector<SigningKey>& signers) const {
    TestMessage message("example.", Type::dnskey);
    std::vector<Octets> dnskeys;
    for (const SigningKey& key : all) dnskeys.push_back(key.dnskey());
    for (const Octets& dnskey : dnskeys) message.add(Section::answer, zone, Type::dnskey, key_ttl, dnskey);
    const std::uint32_t today = fakes::seconds_of(now);
    for (const SigningKey& signer : signers) {
      message.add(Section::answer, zone, Type::rrsig, key_ttl,
                  fakes::rrsig(signer, zone, zone, Type::dnskey, dnskeys,
                               {.original_ttl = key_ttl, .inception = today - 3600, .expiration = today + 14 * 86400}));
    }
    Budget budget{Limits()};
    return anchor.look_at(message.rrsets().at(0), now, budget);
  }
  Kinds see(ManagedAnchor& anchor, const std::vector<SigningKey>& all, const std::vector<SigningKey>& signers) {
    Kinds kinds;
    for (const KeyChange& change : anchor.take(look(anchor, all, signers), now, times)) kinds.push_back(change.kind);
    return kinds;
  }
  // Looks once a day; what changed in all that time.
  Kinds see_for(ManagedAnchor& anchor, days time, const std::vector<SigningKey>& all,
                const std::vector<SigningKey>& signers) {
    Kinds kinds;
    for (days day(0); day < time; ++day) {
      now += 24h;
      for (const Kind kind : see(anchor, all, signers)) kinds.push_back(kind);
    }
    return kinds;
  }

  std::optional<KeyState> state_of(const ManagedAnchor& anchor, const SigningKey& key) const {
    for (const ManagedKey& known : anchor.keys()) {
      if (known.rdata == key.dnskey()) return known.state;
    }
    return {};
  }
  bool trusts(const ManagedAnchor& anchor, const SigningKey& key) const {
    const TrustAnchor trusted = anchor.trusted();
    const auto& keys = trusted.endorsed_by.dnskeys;
    return std::find(keys.begin(), keys.end(), key.dnskey()) != keys.end();
  }
};

TEST_F(ManagedAnchors, trust_what_is_configured_before_anything_was_seen) {
  const ManagedAnchor anchor = anchor_by_ds({first});
  EXPECT_EQ(anchor.trusted(), anchor.configured());
  EXPECT_FALSE(anchor.refreshed());
  EXPECT_TRUE(anchor.is_due(now, times));
  EXPECT_EQ(anchor_by_key({first}).trusted(), anchor_by_key({first}).configured());
}

TEST_F(ManagedAnchors, keys_of_configured_ds_records_are_trusted_at_once) {
  ManagedAnchor anchor = anchor_by_ds({first, second});
  EXPECT_EQ(see(anchor, {first, zsk}, {first}), Kinds{Kind::trusted});
  EXPECT_EQ(state_of(anchor, first), KeyState::valid);
  ASSERT_EQ(anchor.awaited().size(), 1u);  // that of the second key, which is trusted as before
  EXPECT_EQ(anchor.trusted().endorsed_by.ds, std::vector<Octets>{second.ds(zone)});
  EXPECT_EQ(see(anchor, {first, second}, {second}), Kinds{Kind::trusted});
  EXPECT_TRUE(anchor.awaited().empty());
  EXPECT_EQ(anchor.refreshed(), now);
}

TEST_F(ManagedAnchors, only_entry_points_become_anchors) {
  ManagedAnchor anchor = anchor_by_key({first});
  EXPECT_EQ(see_for(anchor, days(60), {first, zsk}, {first}), Kinds{});
  EXPECT_FALSE(state_of(anchor, zsk));
}

// RFC 5011 2.2, 2.4.1.
TEST_F(ManagedAnchors, a_new_key_is_trusted_after_the_hold_down_time) {
  ManagedAnchor anchor = anchor_by_key({first});
  EXPECT_EQ(see(anchor, {first, second}, {first}), Kinds{Kind::added_pending});
  EXPECT_EQ(state_of(anchor, second), KeyState::add_pend);
  EXPECT_EQ(see_for(anchor, days(29), {first, second}, {first}), Kinds{});
  EXPECT_FALSE(trusts(anchor, second));
  now += 24h - 1ms;
  EXPECT_EQ(see(anchor, {first, second}, {first}), Kinds{});
  now += 1ms;
  EXPECT_EQ(see(anchor, {first, second}, {first}), Kinds{Kind::trusted});
  EXPECT_TRUE(trusts(anchor, second));
  EXPECT_TRUE(trusts(anchor, first));
}

// Not because time went by, but because it is seen after that.
TEST_F(ManagedAnchors, a_new_key_must_be_seen_after_the_hold_down_time) {
  ManagedAnchor anchor = anchor_by_key({first});
  see(anchor, {first, second}, {first});
  now += days(31);
  EXPECT_FALSE(trusts(anchor, second));
  anchor.note_failure(now, times);
  EXPECT_FALSE(trusts(anchor, second));
  EXPECT_EQ(see(anchor, {first, second}, {first}), Kinds{Kind::trusted});
}

TEST_F(ManagedAnchors, the_hold_down_time_is_never_shorter_than_the_ttl) {
  times.add_hold_down = 10s;
  ManagedAnchor anchor = anchor_by_key({first});
  see(anchor, {first, second}, {first});
  now += seconds(key_ttl - 1);
  EXPECT_EQ(see(anchor, {first, second}, {first}), Kinds{});
  now += 1s;
  EXPECT_EQ(see(anchor, {first, second}, {first}), Kinds{Kind::trusted});
}

TEST_F(ManagedAnchors, a_new_key_that_goes_away_begins_again) {
  ManagedAnchor anchor = anchor_by_key({first});
  see(anchor, {first, second}, {first});
  now += days(29);
  EXPECT_EQ(see(anchor, {first}, {first}), Kinds{Kind::forgotten});
  EXPECT_FALSE(state_of(anchor, second));
  now += 24h;
  EXPECT_EQ(see(anchor, {first, second}, {first}), Kinds{Kind::added_pending});
  EXPECT_EQ(see_for(anchor, days(29), {first, second}, {first}), Kinds{});
  EXPECT_EQ(see_for(anchor, days(1), {first, second}, {first}), Kinds{Kind::trusted});
}

// RFC 5011 2.2: a thief of one key who adds his own is stopped by its revocation.
TEST_F(ManagedAnchors, a_new_key_is_forgotten_when_those_who_vouched_for_it_are_revoked) {
  ManagedAnchor anchor = anchor_by_key({first, third});
  see(anchor, {first, second, third}, {first});  // signed by the first alone
  now += days(20);
  EXPECT_EQ(see(anchor, {first.revoked(), second, third}, {first.revoked(), third}),
            (Kinds{Kind::revoked, Kind::forgotten, Kind::added_pending}));
  EXPECT_EQ(see_for(anchor, days(29), {second, third}, {third}), Kinds{});
  EXPECT_FALSE(trusts(anchor, second));
}

TEST_F(ManagedAnchors, a_new_key_stays_while_one_who_vouched_for_it_is_trusted) {
  ManagedAnchor anchor = anchor_by_key({first, third});
  see(anchor, {first, second, third}, {first, third});
  now += days(20);
  EXPECT_EQ(see(anchor, {first.revoked(), second, third}, {first.revoked(), third}), Kinds{Kind::revoked});
  EXPECT_EQ(see_for(anchor, days(10), {second, third}, {third}), Kinds{Kind::trusted});
}

TEST_F(ManagedAnchors, nothing_is_taken_from_records_that_no_trusted_key_signed) {
  ManagedAnchor anchor = anchor_by_key({first});
  EXPECT_EQ(see_for(anchor, days(40), {first, second}, {second}), Kinds{});
  EXPECT_EQ(see_for(anchor, days(40), {second}, {second}), Kinds{});
  EXPECT_EQ(state_of(anchor, first), KeyState::valid);
  EXPECT_FALSE(state_of(anchor, second));
  EXPECT_FALSE(anchor.refreshed());
}

TEST_F(ManagedAnchors, a_pending_key_does_not_vouch) {
  ManagedAnchor anchor = anchor_by_key({first});
  see(anchor, {first, second}, {first});
  EXPECT_EQ(see_for(anchor, days(40), {second}, {second}), Kinds{});
  EXPECT_EQ(state_of(anchor, second), KeyState::add_pend);
}

// RFC 5011 2.2: trusted until revoked.
TEST_F(ManagedAnchors, a_trusted_key_that_is_gone_stays_trusted) {
  ManagedAnchor anchor = anchor_by_key({first, second});
  EXPECT_EQ(see(anchor, {first}, {first}), Kinds{Kind::missing});
  EXPECT_EQ(see_for(anchor, days(400), {first}, {first}), Kinds{});
  EXPECT_EQ(state_of(anchor, second), KeyState::missing);
  EXPECT_TRUE(trusts(anchor, second));
  EXPECT_EQ(see(anchor, {second}, {second}), (Kinds{Kind::missing, Kind::returned}));
}

// RFC 5011 2.1.
TEST_F(ManagedAnchors, a_revoked_key_is_not_trusted_from_that_moment_on) {
  ManagedAnchor anchor = anchor_by_key({first, second});
  EXPECT_EQ(see(anchor, {first.revoked(), second}, {first.revoked(), second}), Kinds{Kind::revoked});
  EXPECT_EQ(state_of(anchor, first), KeyState::revoked);
  EXPECT_FALSE(trusts(anchor, first));
  EXPECT_EQ(see_for(anchor, days(40), {first, second}, {first, second}), Kinds{});  // back without the bit
  EXPECT_EQ(state_of(anchor, first), KeyState::revoked);
}

TEST_F(ManagedAnchors, a_key_revokes_itself_whoever_else_signs) {
  ManagedAnchor anchor = anchor_by_key({first});
  EXPECT_EQ(see(anchor, {first.revoked(), second}, {first.revoked(), second}), Kinds{Kind::revoked});
  EXPECT_EQ(anchor.trusted(), (TrustAnchor{zone, {}}));  // RFC 5011 5: there is no anchor any more
  EXPECT_FALSE(state_of(anchor, second));
  EXPECT_EQ(see_for(anchor, days(40), {second}, {second}), Kinds{});
}

TEST_F(ManagedAnchors, nobody_else_revokes_a_key) {
  ManagedAnchor anchor = anchor_by_key({first, second});
  EXPECT_EQ(see(anchor, {first.revoked(), second}, {second}), Kinds{Kind::missing});
  EXPECT_TRUE(trusts(anchor, first));
}

TEST_F(ManagedAnchors, a_key_that_was_revoked_before_it_was_seen_is_not_awaited) {
  ManagedAnchor anchor = anchor_by_ds({first, second});
  EXPECT_EQ(see(anchor, {first.revoked(), second}, {first.revoked(), second}), (Kinds{Kind::revoked, Kind::trusted}));
  EXPECT_TRUE(anchor.awaited().empty());
  EXPECT_FALSE(trusts(anchor, first));
}

TEST_F(ManagedAnchors, an_unknown_key_with_the_revoke_bit_is_nothing) {
  ManagedAnchor anchor = anchor_by_key({first});
  EXPECT_EQ(see_for(anchor, days(40), {first, second.revoked()}, {first, second.revoked()}), Kinds{});
  EXPECT_EQ(anchor.keys().size(), 1u);
}

// RFC 5011 2.4.2.
TEST_F(ManagedAnchors, a_revoked_key_that_has_gone_counts_as_removed_in_the_end) {
  ManagedAnchor anchor = anchor_by_key({first, second});
  see(anchor, {first.revoked(), second}, {first.revoked(), second});
  EXPECT_EQ(see_for(anchor, days(40), {first.revoked(), second}, {second}), Kinds{});  // still there
  EXPECT_EQ(see_for(anchor, days(29), {second}, {second}), Kinds{});
  EXPECT_EQ(see_for(anchor, days(1), {second}, {second}), Kinds{Kind::removed});
  EXPECT_EQ(see_for(anchor, days(40), {first, second}, {first, second}), Kinds{});
  EXPECT_EQ(state_of(anchor, first), KeyState::removed);
}

TEST_F(ManagedAnchors, a_clock_that_is_set_back_adds_no_key_early) {
  ManagedAnchor anchor = anchor_by_key({first});
  see(anchor, {first, second}, {first});
  now -= days(100);
  EXPECT_EQ(see(anchor, {first, second}, {first}), Kinds{});
  EXPECT_EQ(see_for(anchor, days(29), {first, second}, {first}), Kinds{});
  EXPECT_EQ(see_for(anchor, days(1), {first, second}, {first}), Kinds{Kind::trusted});
}

TEST_F(ManagedAnchors, a_clock_that_is_far_ahead_adds_no_key) {
  ManagedAnchor anchor = anchor_by_key({first});
  see(anchor, {first, second}, {first});
  const std::vector<SigningKey> all{first, second};
  TestMessage message("example.", Type::dnskey);
  std::vector<Octets> dnskeys;
  for (const SigningKey& key : all) dnskeys.push_back(key.dnskey());
  for (const Octets& dnskey : dnskeys) message.add(Section::answer, zone, Type::dnskey, key_ttl, dnskey);
  message.add(Section::answer, zone, Type::rrsig, key_ttl, fakes::rrsig(first, zone, zone, Type::dnskey, dnskeys));
  Budget budget{Limits()};
  const WallTime ahead = now + days(40);
  const Sighting sighting = anchor.look_at(message.rrsets().at(0), ahead, budget);
  EXPECT_EQ(sighting.reason, Reason::signature_expired);
  EXPECT_TRUE(anchor.take(sighting, ahead, times).empty());
  EXPECT_EQ(state_of(anchor, second), KeyState::add_pend);
}

// RFC 5011 2.3.
TEST_F(ManagedAnchors, are_looked_at_again_after_half_of_the_ttl) {
  ManagedAnchor anchor = anchor_by_key({first});
  see(anchor, {first}, {first});
  EXPECT_EQ(anchor.next_query(), now + 24h);
  EXPECT_FALSE(anchor.is_due(now + 24h - 1ms, times));
  EXPECT_TRUE(anchor.is_due(now + 24h, times));
  times.max_interval = 3h;
  see(anchor, {first}, {first});
  EXPECT_EQ(anchor.next_query(), now + 3h);
  times = {.min_interval = 30h};
  see(anchor, {first}, {first});
  EXPECT_EQ(anchor.next_query(), now + 30h);
}

TEST_F(ManagedAnchors, are_looked_at_again_after_a_tenth_when_that_failed) {
  ManagedAnchor anchor = anchor_by_key({first});
  anchor.note_failure(now, times);
  EXPECT_EQ(anchor.next_query(), now + 1h);  // nothing is known
  see(anchor, {first}, {first});
  anchor.note_failure(now, times);
  EXPECT_EQ(anchor.next_query(), now + seconds(key_ttl / 10));
  see(anchor, {second}, {second});  // nobody trusted signed that
  EXPECT_EQ(anchor.next_query(), now + seconds(key_ttl / 10));
}

TEST_F(ManagedAnchors, are_due_when_the_clock_was_set_back) {
  ManagedAnchor anchor = anchor_by_key({first});
  see(anchor, {first}, {first});
  EXPECT_FALSE(anchor.is_due(now - days(13), times));
  EXPECT_TRUE(anchor.is_due(now - days(15), times));
}

TEST_F(ManagedAnchors, hold_no_more_new_keys_than_anybody_needs) {
  ManagedAnchor anchor = anchor_by_key({first});
  std::vector<SigningKey> all{first};
  for (int i = 0; i < 20; ++i) all.emplace_back();
  see(anchor, all, {first});
  EXPECT_EQ(anchor.keys().size(), 17u);
}

TEST_F(ManagedAnchors, follow_a_whole_roll_over) {
  ManagedAnchor anchor = anchor_by_ds({first});
  EXPECT_EQ(see(anchor, {first, zsk}, {first}), Kinds{Kind::trusted});
  EXPECT_EQ(see_for(anchor, days(31), {first, second, zsk}, {first}), (Kinds{Kind::added_pending, Kind::trusted}));
  EXPECT_EQ(see_for(anchor, days(5), {first, second, zsk}, {second}), Kinds{});
  EXPECT_EQ(see_for(anchor, days(5), {first.revoked(), second, zsk}, {first.revoked(), second}), Kinds{Kind::revoked});
  EXPECT_EQ(see_for(anchor, days(31), {second, zsk}, {second}), Kinds{Kind::removed});
  EXPECT_EQ(anchor.trusted(), (TrustAnchor{zone, {{}, {second.dnskey()}}}));
}

}  // namespace
}  // namespace dragoman::dnssec
