// cache.
#include "config_testing.h"

namespace dragoman::config {
namespace {

TEST(CacheKeys, reach_the_options) {
  cache::Options cache =
      config_of("cache: {size: 64MiB, max_ttl: 2h, min_ttl: 5, negative_max_ttl: 10m, failure_ttl: 30s}\n").cache;
  EXPECT_EQ(cache.size, std::size_t{64} << 20);
  EXPECT_EQ(cache.max_ttl, seconds(7200));
  EXPECT_EQ(cache.min_ttl, seconds(5));
  EXPECT_EQ(cache.negative_max_ttl, seconds(600));
  EXPECT_EQ(cache.failure_ttl, seconds(30));
}

TEST(CacheKeys, take_serve_stale_only_when_it_is_off) {
  config_of("cache: {serve_stale: {enabled: false}}\n");
  expect_problems_behind_basis({
      {"cache: {serve_stale: {enabled: true}}\n", {"f:4:22: cache.serve_stale: not in this version yet"}},
      {"cache: {serve_stale: true}\n", {"f:4:22: cache.serve_stale: not in this version yet"}},
      {"cache: {serve_stale: {max_age: 3d}}\n", {"f:4:22: cache.serve_stale: not in this version yet"}},
  });
}

}  // namespace
}  // namespace dragoman::config
