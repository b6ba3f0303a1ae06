// cache.
#include "config_testing.h"

namespace dragoman::config {
namespace {

TEST(CacheKeys, reach_the_options) {
  cache::Options cache = config_of(
                             "cache: {size: 64MiB, max_ttl: 2h, min_ttl: 5, negative_max_ttl: 10m, failure_ttl: 30s, "
                             "failure_max_ttl: 1m,\n"
                             "  prefetch: false, nxdomain_cut: false}\n")
                             .cache;
  EXPECT_EQ(cache.size, std::size_t{64} << 20);
  EXPECT_EQ(cache.max_ttl, seconds(7200));
  EXPECT_EQ(cache.min_ttl, seconds(5));
  EXPECT_EQ(cache.negative_max_ttl, seconds(600));
  EXPECT_EQ(cache.failure_ttl, seconds(30));
  EXPECT_EQ(cache.failure_max_ttl, seconds(60));
  EXPECT_FALSE(cache.prefetch);
  EXPECT_FALSE(cache.nxdomain_cut);
}

TEST(CacheKeys, of_serve_stale_reach_the_options) {
  const cache::StaleOptions stale =
      config_of(
          "cache: {serve_stale: {enabled: true, max_stale: 3d, ttl: 10s, answer_after: 500ms, retry_after: 1m}}\n")
          .cache.serve_stale;
  EXPECT_TRUE(stale.enabled);
  EXPECT_EQ(stale.max_stale, seconds(259200));
  EXPECT_EQ(stale.ttl, seconds(10));
  EXPECT_EQ(stale.answer_after, milliseconds(500));
  EXPECT_EQ(stale.retry_after, seconds(60));
}

TEST(CacheKeys, take_a_word_for_the_whole_of_serve_stale) {
  EXPECT_TRUE(config_of("cache: {serve_stale: true}\n").cache.serve_stale.enabled);
  EXPECT_FALSE(config_of("cache: {serve_stale: {enabled: false}}\n").cache.serve_stale.enabled);
  EXPECT_FALSE(config_of("").cache.serve_stale.enabled);
}

TEST(CacheKeys, refuse_what_makes_no_sense) {
  expect_problems_behind_basis({
      {"cache: {serve_stale: {max_age: 3d}}\n", {"f:4:23: cache.serve_stale.max_age: unknown key"}},
      {"cache: {serve_stale: {ttl: 1h}}\n", {"f:4:28: cache.serve_stale.ttl: must be 1s to 10m, this is `1h`"}},
      {"cache: {failure_ttl: 1m, failure_max_ttl: 30s}\n",
       {"f:4:43: cache.failure_max_ttl: failure_max_ttl is below failure_ttl"}},
  });
}

}  // namespace
}  // namespace dragoman::config
