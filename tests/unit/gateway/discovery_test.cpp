// What is asked, and what answers, refusals and silence do to the prefixes that are known.
#include "discovery.h"

#include <gmock/gmock.h>

#include "dragoman/base/log.h"
#include "fakes/fake_upstream.h"

namespace dragoman::gateway {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Texts = std::vector<std::string>;

const Texts well_known{"ipv4only.arpa 600 AAAA 64:ff9b::c000:aa", "ipv4only.arpa 600 AAAA 64:ff9b::c000:ab"};
const Texts own{"ipv4only.arpa 600 AAAA 2001:db8:64::c000:aa", "ipv4only.arpa 600 AAAA 2001:db8:64::c000:ab"};

// Failures are followed by another question at once.
DiscoveryOptions bounded(seconds shortest, seconds longest) {
  DiscoveryOptions options;
  options.min_interval = shortest;
  options.max_interval = longest;
  options.first_retry = options.slowest_retry = milliseconds(0);
  return options;
}

class DiscoveryTest : public testing::Test {
 protected:
  DiscoveryTest() { log::configure({.level = LogLevel::error}); }

  // Two resolvers from now on, in this order.
  void ask() {
    auto one = std::make_unique<fakes::FakeUpstream>(), other = std::make_unique<fakes::FakeUpstream>();
    first = one.get(), second = other.get();
    Discovery::Servers servers;
    servers.push_back(std::move(one));
    servers.push_back(std::move(other));
    discovery.ask(std::move(servers), options, "nobody to ask");
  }
  static void answer(fakes::FakeUpstream& server, const Texts& records, dns::Rcode rcode = dns::Rcode::noerror) {
    server.answer("ipv4only.arpa.", dns::Type::aaaa, records, rcode);
  }
  static void fail(fakes::FakeUpstream& server) {
    server.fail("ipv4only.arpa.", dns::Type::aaaa, upstream::Failure::timeout);
  }

  std::uint64_t count(DiscoveryResult result) { return metrics.discoveries(result).value(); }
  std::uint64_t rounds() {
    return count(DiscoveryResult::found) + count(DiscoveryResult::none) + count(DiscoveryResult::failed);
  }
  // Until the next question has been answered, or has failed.
  void run_a_round() {
    const std::uint64_t before = rounds();
    const TimePoint end = Clock::now() + seconds(10);
    while (rounds() == before && Clock::now() < end) loop.run_once(milliseconds(5));
    EXPECT_GT(rounds(), before);
  }
  Texts known() const {
    Texts texts;
    for (const ip::Pref64& prefix : discovery.prefixes()) texts.push_back(prefix.to_text());
    return texts;
  }

  net::EventLoop loop;
  Metrics metrics;
  int changes = 0;
  DiscoveryOptions options = bounded(seconds(0), seconds(0));
  fakes::FakeUpstream *first = nullptr, *second = nullptr;
  Discovery discovery{loop, metrics, [this] { ++changes; }};
};

TEST(TimeToRenew, is_before_the_ttl_ends_and_within_bounds) {
  const DiscoveryOptions options = bounded(seconds(60), seconds(3600));
  EXPECT_EQ(time_to_renew(seconds(800), options), seconds(700));
  EXPECT_EQ(time_to_renew(seconds(0), options), seconds(60));
  EXPECT_EQ(time_to_renew(seconds(86400), options), seconds(3600));
}

TEST_F(DiscoveryTest, asks_for_ipv4only_arpa_and_tells_what_it_found) {
  ask();
  answer(*first, well_known);
  EXPECT_FALSE(discovery.has_answer());
  run_a_round();
  EXPECT_THAT(first->asked, ElementsAre("ipv4only.arpa. AAAA"));
  EXPECT_THAT(second->asked, IsEmpty());
  EXPECT_THAT(known(), ElementsAre("64:ff9b::/96"));
  EXPECT_TRUE(discovery.has_answer());
  EXPECT_EQ(changes, 1);
  EXPECT_TRUE(metrics.row("64:ff9b::/96").discovered.value());
  EXPECT_GT(metrics.last_discovery.value(), 0);
}

TEST_F(DiscoveryTest, asks_again_and_follows_a_change) {
  ask();
  answer(*first, well_known);
  run_a_round();
  run_a_round();
  EXPECT_EQ(changes, 1) << "the same answer is no news";
  answer(*first, own);
  run_a_round();
  EXPECT_THAT(known(), ElementsAre("2001:db8:64::/96"));
  EXPECT_EQ(changes, 2);
  EXPECT_FALSE(metrics.row("64:ff9b::/96").discovered.value());
}

TEST_F(DiscoveryTest, keeps_the_order_of_what_it_knew) {
  Texts both = well_known, turned = own;
  both.insert(both.end(), own.begin(), own.end());
  turned.insert(turned.end(), well_known.begin(), well_known.end());
  ask();
  answer(*first, both);
  run_a_round();
  answer(*first, turned);
  run_a_round();
  EXPECT_THAT(known(), ElementsAre("64:ff9b::/96", "2001:db8:64::/96"));
  EXPECT_EQ(changes, 1);
}

TEST_F(DiscoveryTest, a_resolver_without_dns64_leaves_the_word_to_the_next) {
  ask();
  answer(*first, {"!ipv4only.arpa 300 SOA ns.test. host.test. 1 2 3 4 300"});
  answer(*second, own);
  run_a_round();
  EXPECT_THAT(known(), ElementsAre("2001:db8:64::/96"));
}

TEST_F(DiscoveryTest, prefixes_leave_when_all_resolvers_say_so) {
  ask();
  answer(*first, well_known);
  run_a_round();
  for (auto* server : {first, second}) {
    answer(*server, {"!ipv4only.arpa 300 SOA ns.test. host.test. 1 2 3 4 300"}, dns::Rcode::nxdomain);
  }
  run_a_round();
  EXPECT_THAT(known(), IsEmpty());
  EXPECT_TRUE(discovery.has_answer());
  EXPECT_EQ(count(DiscoveryResult::none), 1u);
  EXPECT_EQ(changes, 2);
}

TEST_F(DiscoveryTest, the_first_answer_is_news_even_if_it_names_no_prefix) {
  ask();
  for (auto* server : {first, second}) answer(*server, {});
  run_a_round();
  EXPECT_EQ(changes, 1);
}

TEST_F(DiscoveryTest, what_is_known_stays_while_nobody_answers) {
  ask();
  answer(*first, well_known);
  run_a_round();
  fail(*first);
  answer(*second, {}, dns::Rcode::servfail);
  run_a_round();
  run_a_round();
  EXPECT_THAT(known(), ElementsAre("64:ff9b::/96"));
  EXPECT_EQ(count(DiscoveryResult::failed), 2u);
  EXPECT_EQ(changes, 1);
}

TEST_F(DiscoveryTest, what_is_known_stays_while_the_resolver_that_knew_it_is_silent) {
  ask();
  answer(*first, well_known);
  run_a_round();
  fail(*first);
  answer(*second, {"!ipv4only.arpa 300 SOA ns.test. host.test. 1 2 3 4 300"});
  run_a_round();
  EXPECT_THAT(known(), ElementsAre("64:ff9b::/96"));
}

TEST_F(DiscoveryTest, other_resolvers_are_asked_at_once_even_while_the_former_are_silent) {
  ask();
  first->hold(dns::Type::aaaa);
  while (first->asked.empty()) loop.run_once(milliseconds(5));
  ask();
  answer(*first, own);
  run_a_round();
  EXPECT_THAT(known(), ElementsAre("2001:db8:64::/96"));
}

TEST_F(DiscoveryTest, nobody_to_ask_is_a_failure) {
  discovery.ask({}, options, "nobody to ask");
  run_a_round();
  EXPECT_EQ(count(DiscoveryResult::failed), 1u);
  EXPECT_FALSE(discovery.has_answer());
}

TEST_F(DiscoveryTest, knows_nothing_and_asks_nobody_when_stopped) {
  ask();
  answer(*first, well_known);
  run_a_round();
  discovery.stop();
  const std::uint64_t before = rounds();
  for (int i = 0; i < 10; ++i) loop.run_once(milliseconds(1));
  EXPECT_EQ(rounds(), before);
  EXPECT_THAT(known(), IsEmpty());
  EXPECT_FALSE(metrics.row("64:ff9b::/96").discovered.value());
  EXPECT_FALSE(metrics.discovers.value());
}

}  // namespace
}  // namespace dragoman::gateway
