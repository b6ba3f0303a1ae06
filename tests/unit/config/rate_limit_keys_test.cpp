// rate_limit.
#include "config_testing.h"

namespace dragoman::config {
namespace {

TEST(RateLimitKeys, reach_the_options) {
  const resolve::RateLimitOptions options =
      config_of(
          "rate_limit:\n  queries_per_second: 200\n  burst: 300\n  ipv4_prefix: 24\n  ipv6_prefix: 64\n"
          "  responses_per_second: 5\n  responses_ipv4_prefix: 28\n  responses_ipv6_prefix: 48\n  slip: 0\n"
          "  exempt: [192.0.2.0/24, \"2001:db8::/32\"]\n")
          .rate_limit;
  EXPECT_EQ(options.queries_per_second, 200u);
  EXPECT_EQ(options.burst, 300u);
  EXPECT_EQ(options.ipv4_prefix, 24);
  EXPECT_EQ(options.ipv6_prefix, 64);
  EXPECT_EQ(options.responses_per_second, 5u);
  EXPECT_EQ(options.responses_ipv4_prefix, 28);
  EXPECT_EQ(options.responses_ipv6_prefix, 48);
  EXPECT_EQ(options.slip, 0u);
  EXPECT_EQ(options.exempt.size(), 2u);
}

TEST(RateLimitKeys, limit_nothing_by_default) {
  const resolve::RateLimitOptions options = config_of("").rate_limit;
  EXPECT_EQ(options.queries_per_second, 0u);
  EXPECT_EQ(options.responses_per_second, 0u);
}

TEST(RateLimitKeys, refuse_prefixes_that_are_none_and_bursts_of_an_hour) {
  expect_problems_behind_basis({
      {"rate_limit: {ipv4_prefix: 33}\n", {"f:4:27: rate_limit.ipv4_prefix: must be 1 to 32, this is `33`"}},
      {"rate_limit: {ipv6_prefix: 0}\n", {"f:4:27: rate_limit.ipv6_prefix: must be 1 to 128, this is `0`"}},
      {"rate_limit: {queries_per_second: 1, burst: 3600}\n",
       {"f:4:44: rate_limit.burst: burst is more than an hour's worth of queries_per_second"}},
  });
  EXPECT_TRUE(problems_of(basis + "rate_limit: {queries_per_second: 1, burst: 3599}\n").empty());
}

TEST(RateLimitKeys, warn_of_a_burst_without_a_rate) {
  EXPECT_EQ(warnings_of(basis + "rate_limit: {burst: 5}\n"),
            std::vector<std::string>{"f:4:21: rate_limit.burst: limits nothing without queries_per_second"});
}

}  // namespace
}  // namespace dragoman::config
