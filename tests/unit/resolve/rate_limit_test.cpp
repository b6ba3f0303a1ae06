// What counts as one client and as one response.
#include "dragoman/resolve/rate_limit.h"

#include <gtest/gtest.h>

#include <sstream>

#include "dragoman/base/log.h"

namespace dragoman::resolve {
namespace {

ip::Address address(const char* text) { return *ip::Address::from_text(text); }

class RateLimitsTest : public testing::Test {
 protected:
  RateLimitsTest() {
    log::configure({.level = LogLevel::error});
    options.queries_per_second = 2;
    options.burst = 2;
    options.responses_per_second = 3;
  }
  std::shared_ptr<RateLimits> make() { return RateLimits::make(options); }
  int queries(RateLimits& limits, const char* client, bool proven = false) {
    int count = 0;
    while (limits.admits_query(address(client), proven, now)) ++count;
    return count;
  }
  int responses(RateLimits& limits, const char* client, ResponseKind kind, const char* name,
                dns::Type type = dns::Type::a) {
    const dns::Name owner = *dns::Name::from_text(name);
    int count = 0;
    while (limits.admits_response(address(client), {kind, owner, type}, now)) ++count;
    return count;
  }

  RateLimitOptions options;
  TimePoint now{std::chrono::hours(5)};
};

TEST_F(RateLimitsTest, are_none_when_both_rates_are_zero) {
  EXPECT_EQ(RateLimits::make({}), nullptr);
  options.queries_per_second = 0;
  const auto limits = make();
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(limits->admits_query(address("192.0.2.1"), false, now));
}

TEST_F(RateLimitsTest, take_a_prefix_for_one_client) {
  options.ipv4_prefix = 24;
  const auto limits = make();
  EXPECT_EQ(queries(*limits, "192.0.2.1"), 2);
  EXPECT_EQ(queries(*limits, "192.0.2.200"), 0);
  EXPECT_EQ(queries(*limits, "192.0.3.1"), 2);
  EXPECT_EQ(queries(*limits, "2001:db8:0:1::1"), 2);
  EXPECT_EQ(queries(*limits, "2001:db8:0:ff::1"), 0) << "the same /56";
  EXPECT_EQ(queries(*limits, "2001:db8:0:100::1"), 2);
  now += milliseconds(500);
  EXPECT_EQ(queries(*limits, "192.0.2.1"), 1);
}

TEST_F(RateLimitsTest, give_a_proven_client_a_bucket_that_forgers_cannot_reach) {
  const auto limits = make();
  EXPECT_EQ(queries(*limits, "192.0.2.1", false), 2);
  EXPECT_EQ(queries(*limits, "192.0.2.1", true), 2);
}

TEST_F(RateLimitsTest, allow_twice_the_rate_at_once_when_no_burst_is_given) {
  options.queries_per_second = 7;
  options.burst = 0;
  EXPECT_EQ(queries(*make(), "192.0.2.1"), 14);
}

TEST_F(RateLimitsTest, know_the_same_response_by_kind_name_and_type) {
  const auto limits = make();
  const char* client = "192.0.2.1";
  EXPECT_EQ(responses(*limits, client, ResponseKind::data, "a.test"), 3);
  EXPECT_EQ(responses(*limits, client, ResponseKind::data, "A.TEST"), 0);
  EXPECT_EQ(responses(*limits, client, ResponseKind::data, "a.test", dns::Type::aaaa), 3);
  EXPECT_EQ(responses(*limits, client, ResponseKind::data, "b.test"), 3);
  EXPECT_EQ(responses(*limits, client, ResponseKind::nodata, "a.test"), 3);
  EXPECT_EQ(responses(*limits, client, ResponseKind::nodata, "a.test", dns::Type::mx), 0);
  EXPECT_EQ(responses(*limits, client, ResponseKind::error, "a.test"), 3);
  EXPECT_EQ(responses(*limits, client, ResponseKind::error, "b.test"), 0);
  EXPECT_EQ(responses(*limits, "192.0.2.250", ResponseKind::data, "a.test"), 0) << "the same /24";
  EXPECT_EQ(responses(*limits, "192.0.3.1", ResponseKind::data, "a.test"), 3);
}

TEST_F(RateLimitsTest, take_names_of_every_length) {
  const std::string label(63, 'x');
  const std::string longest = label + "." + label + "." + label + "." + std::string(61, 'y');
  EXPECT_EQ(responses(*make(), "2001:db8::1", ResponseKind::data, longest.c_str()), 3);
}

TEST_F(RateLimitsTest, let_one_in_slip_through) {
  const auto sequence = [&](std::uint32_t slip) {
    options.slip = slip;
    const auto limits = make();
    std::string text;
    for (int i = 0; i < 6; ++i) text += limits->next_excess() == Excess::slip ? 's' : '-';
    return text;
  };
  EXPECT_EQ(sequence(0), "------");
  EXPECT_EQ(sequence(1), "ssssss");
  EXPECT_EQ(sequence(2), "-s-s-s");
  EXPECT_EQ(sequence(3), "--s--s");
}

TEST_F(RateLimitsTest, exempt_prefixes) {
  options.exempt = {*ip::Prefix::from_text("192.0.2.0/28")};
  const auto limits = make();
  EXPECT_TRUE(limits->exempts(address("192.0.2.15")));
  EXPECT_FALSE(limits->exempts(address("192.0.2.16")));
}

TEST_F(RateLimitsTest, keep_their_buckets_over_a_reload) {
  const auto before = make();
  EXPECT_EQ(queries(*before, "192.0.2.1"), 2);
  options.slip = 5;
  EXPECT_EQ(queries(*RateLimits::make(options, before.get()), "192.0.2.1"), 0);
}

TEST_F(RateLimitsTest, report_once_a_minute) {
  log::configure({.level = LogLevel::warn, .format = LogFormat::text});
  const auto limits = make();
  testing::internal::CaptureStderr();
  for (int i = 0; i < 5; ++i) limits->report(address("2001:db8:1:2::7"), "client", now);
  now += seconds(59);
  limits->report(address("192.0.2.1"), "client", now);
  now += seconds(1);
  limits->report(address("192.0.2.2"), "response", now);
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_NE(said.find("2001:db8:1::/56"), std::string::npos) << said;
  EXPECT_EQ(said.find("192.0.2.1"), std::string::npos) << said;
  EXPECT_NE(said.find("192.0.2.2"), std::string::npos) << said;
  EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 2) << said;
}

TEST(ClientPrefix, clears_the_bits_behind_it) {
  EXPECT_EQ(client_prefix(address("192.0.2.129"), 25, 56).to_text(), "192.0.2.128/25");
  EXPECT_EQ(client_prefix(address("192.0.2.129"), 32, 56).to_text(), "192.0.2.129/32");
  EXPECT_EQ(client_prefix(address("255.255.255.255"), 1, 56).to_text(), "128.0.0.0/1");
  EXPECT_EQ(client_prefix(address("2001:db8:ffff:ffff::1"), 32, 57).to_text(), "2001:db8:ffff:ff80::/57");
  EXPECT_EQ(client_prefix(address("2001:db8::1"), 32, 128).to_text(), "2001:db8::1/128");
}

}  // namespace
}  // namespace dragoman::resolve
