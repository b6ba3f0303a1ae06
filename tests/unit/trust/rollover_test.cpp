// When the keys of managed anchors are asked for, and what becomes of what is heard.
#include "rollover.h"

#include <gmock/gmock.h>

#include "dragoman/base/log.h"
#include "fakes/fake_upstream.h"
#include "fakes/temporary_directory.h"
#include "signed_keys.h"
#include "state_file.h"

namespace dragoman::trust {
namespace {

using namespace std::chrono_literals;
using dnssec::KeyState;
using fakes::SigningKey;
using std::chrono::days;

class RolloverTest : public testing::Test {
 protected:
  RolloverTest() { log::configure({.level = LogLevel::error}); }

  dnssec::TrustAnchor configured() const { return {zone, {{first.ds(zone)}, {}}}; }
  void manage() { manage(rollover, {configured()}); }
  void manage(Rollover& managed, const std::vector<dnssec::TrustAnchor>& anchors) {
    auto fake = std::make_unique<fakes::FakeUpstream>();
    upstream = fake.get();
    managed.manage(anchors, options, std::move(fake));
  }
  // From now on the upstream has these keys.
  void publish(const std::vector<SigningKey>& all, const std::vector<SigningKey>& signers) {
    upstream->script("example.", dns::Type::dnskey, [=, this](const dns::Question&) {
      upstream::Outcome outcome;
      outcome.answer = signed_keys(zone, all, signers, now);
      return outcome;
    });
  }
  // Looks once a day.
  void run_for(days time) {
    for (days day(0); day < time; ++day) {
      now += 24h;
      rollover.look();
    }
  }
  std::uint64_t count(RefreshResult result) { return metrics.row("example.").refreshes(result).value(); }
  std::int64_t keys(KeyState state) { return metrics.row("example.").keys(state).value(); }

  const dns::Name zone = *dns::Name::from_text("example");
  const SigningKey first, second;
  test::TemporaryDirectory folder;
  ManagedOptions options{folder.path("state"), {}};
  WallTime now = fakes::signing_time;
  net::EventLoop loop;
  Metrics metrics;
  int changes = 0;
  fakes::FakeUpstream* upstream = nullptr;
  Rollover rollover{loop, metrics, [this] { return now; }, [this] { ++changes; }};
};

TEST_F(RolloverTest, asks_by_itself_as_soon_as_the_loop_runs) {
  manage();
  publish({first}, {first});
  EXPECT_TRUE(upstream->asked.empty());
  for (int turn = 0; turn < 1000 && upstream->asked.empty(); ++turn) loop.run_once(milliseconds(5));
  EXPECT_EQ(upstream->asked, std::vector<std::string>{"example. DNSKEY"});
  EXPECT_EQ(count(RefreshResult::refreshed), 1u);
}

TEST_F(RolloverTest, asks_again_when_it_is_time_to) {
  manage();
  publish({first}, {first});
  rollover.look();
  rollover.look();
  now += 24h - 1ms;
  rollover.look();
  EXPECT_EQ(upstream->asked.size(), 1u);
  now += 1ms;
  rollover.look();
  EXPECT_EQ(upstream->asked.size(), 2u);
}

TEST_F(RolloverTest, asks_no_second_time_while_it_waits) {
  manage();
  publish({first}, {first});
  upstream->hold(dns::Type::dnskey);
  rollover.look();
  EXPECT_TRUE(rollover.is_asking());
  rollover.look();
  EXPECT_EQ(upstream->asked.size(), 1u);
  upstream->release();
  EXPECT_FALSE(rollover.is_asking());
}

TEST_F(RolloverTest, follows_a_roll_over_and_tells_of_it) {
  manage();
  publish({first}, {first});
  rollover.look();
  EXPECT_EQ(changes, 1);  // the key itself instead of its DS record
  publish({first, second}, {first});
  run_for(days(30));
  EXPECT_EQ(changes, 1);
  EXPECT_EQ(keys(KeyState::add_pend), 1);
  run_for(days(1));
  EXPECT_EQ(changes, 2);
  EXPECT_EQ(keys(KeyState::valid), 2);
  publish({first.revoked(), second}, {first.revoked(), second});
  run_for(days(1));
  EXPECT_EQ(changes, 3);
  EXPECT_EQ(keys(KeyState::revoked), 1);
  EXPECT_EQ(metrics.row("example.").trusted.value(), 1);
}

TEST_F(RolloverTest, goes_on_after_a_restart) {
  manage();
  publish({first, second}, {first});
  rollover.look();
  run_for(days(10));
  Rollover again(
      loop, metrics, [this] { return now; }, [] {});
  manage(again, {configured()});
  ASSERT_EQ(again.anchors().size(), 1u);
  EXPECT_EQ(again.anchors()[0], rollover.anchors()[0]);
  again.look();
  EXPECT_TRUE(upstream->asked.empty());  // it is not time yet
}

TEST_F(RolloverTest, begins_anew_with_another_configuration) {
  manage();
  publish({first, second}, {first});
  rollover.look();
  const dnssec::TrustAnchor other{zone, {{second.ds(zone)}, {}}};
  manage(rollover, {other});
  ASSERT_EQ(rollover.anchors().size(), 1u);
  EXPECT_EQ(rollover.anchors()[0].trusted(), other);
}

TEST_F(RolloverTest, keeps_what_it_knows_over_a_reload) {
  manage();
  publish({first, second}, {first});
  rollover.look();
  const dnssec::ManagedAnchor before = rollover.anchors()[0];
  ASSERT_TRUE(write_state(options.state_file, {}));  // memory is newer than the file
  manage();
  EXPECT_EQ(rollover.anchors()[0], before);
}

TEST_F(RolloverTest, silence_changes_nothing) {
  manage();
  upstream->fail("example.", dns::Type::dnskey, upstream::Failure::timeout);
  rollover.look();
  EXPECT_EQ(count(RefreshResult::unreachable), 1u);
  EXPECT_EQ(rollover.anchors()[0].trusted(), configured());
  now += 1h - 1ms;  // RFC 5011 2.3: no more often than once an hour
  rollover.look();
  EXPECT_EQ(upstream->asked.size(), 1u);
  now += 1ms;
  rollover.look();
  EXPECT_EQ(count(RefreshResult::unreachable), 2u);
  upstream->answer("example.", dns::Type::dnskey, {}, dns::Rcode::servfail);
  now += 1h;
  rollover.look();
  EXPECT_EQ(count(RefreshResult::unreachable), 3u);
}

TEST_F(RolloverTest, forged_keys_change_nothing) {
  manage();
  publish({second}, {second});
  rollover.look();
  EXPECT_EQ(count(RefreshResult::bogus), 1u);
  upstream->answer("example.", dns::Type::dnskey, {});
  now += 1h;
  rollover.look();
  EXPECT_EQ(count(RefreshResult::bogus), 2u);
  EXPECT_EQ(rollover.anchors()[0].trusted(), configured());
  EXPECT_EQ(changes, 0);
}

TEST_F(RolloverTest, looks_at_every_zone) {
  const dnssec::TrustAnchor other{*dns::Name::from_text("test"), {{second.ds(zone)}, {}}};
  manage(rollover, {other, configured()});
  publish({first}, {first});
  rollover.look();
  EXPECT_EQ(upstream->asked, (std::vector<std::string>{"test. DNSKEY", "example. DNSKEY"}));
  EXPECT_EQ(count(RefreshResult::refreshed), 1u);
}

// A full disk or a folder without rights: what is known holds, and it is written when that can be done.
TEST_F(RolloverTest, survives_a_file_that_cannot_be_written) {
  log::configure({.level = LogLevel::error});
  options.state_file = folder.path("later/state");
  manage();
  publish({first}, {first});
  rollover.look();
  EXPECT_TRUE(metrics.state_unsaved.value());
  EXPECT_GE(metrics.state_failures.value(), 2u);
  EXPECT_EQ(changes, 1);
  std::filesystem::create_directory(folder.path("later"));
  rollover.look();
  EXPECT_FALSE(metrics.state_unsaved.value());
  EXPECT_EQ(read_state(options.state_file)->at(0), rollover.anchors()[0]);
}

TEST_F(RolloverTest, begins_as_configured_when_the_file_is_broken) {
  folder.write("state", "dragoman-trust-anchors 1\n. next");
  manage();
  EXPECT_EQ(rollover.anchors()[0].trusted(), configured());
  EXPECT_TRUE(read_state(options.state_file));  // written anew
}

TEST_F(RolloverTest, knows_when_a_zone_has_lost_all_of_its_keys) {
  manage();
  publish({first.revoked(), second}, {first.revoked(), second});
  rollover.look();
  EXPECT_EQ(changes, 1);
  EXPECT_EQ(metrics.row("example.").trusted.value(), 0);
  EXPECT_EQ(rollover.anchors()[0].trusted(), (dnssec::TrustAnchor{zone, {}}));
}

TEST_F(RolloverTest, asks_nobody_when_it_is_stopped) {
  manage();
  upstream->hold(dns::Type::dnskey);
  rollover.look();
  rollover.stop();
  EXPECT_FALSE(rollover.is_asking());
  rollover.look();
  EXPECT_TRUE(rollover.anchors().empty());
  EXPECT_FALSE(metrics.row("example.").is_managed.value());
}

}  // namespace
}  // namespace dragoman::trust
