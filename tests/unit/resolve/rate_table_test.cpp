// Token buckets: rates, bursts, rests, many subjects, many threads.
#include "dragoman/resolve/rate_table.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace dragoman::resolve {
namespace {

class RateTableTest : public testing::Test {
 protected:
  bool take(std::uint32_t subject, const Rate& rate) {
    std::array<std::uint8_t, 4> octets;
    store_u32(octets.data(), subject);
    return table.take(octets, rate, now);
  }
  int take_all(std::uint32_t subject, const Rate& rate) {
    int taken = 0;
    while (taken < 100'000 && take(subject, rate)) ++taken;
    return taken;
  }

  RateTable table;
  TimePoint now{std::chrono::hours(1000)};
};

TEST_F(RateTableTest, gives_the_burst_at_once_and_then_the_rate) {
  const Rate rate{10, 25};
  EXPECT_EQ(take_all(1, rate), 25);
  for (int i = 0; i < 50; ++i) {
    now += milliseconds(100);
    EXPECT_TRUE(take(1, rate)) << i;
    EXPECT_FALSE(take(1, rate)) << i;
  }
}

TEST_F(RateTableTest, fills_up_to_the_burst_and_no_further) {
  const Rate rate{10, 5};
  take_all(1, rate);
  now += milliseconds(300);
  EXPECT_EQ(take_all(1, rate), 3);
  now += std::chrono::hours(20);
  EXPECT_EQ(take_all(1, rate), 5);
}

TEST_F(RateTableTest, holds_very_low_and_very_high_rates) {
  EXPECT_EQ(take_all(1, {1, 1}), 1);
  now += milliseconds(999);
  EXPECT_FALSE(take(1, {1, 1}));
  now += milliseconds(1);
  EXPECT_TRUE(take(1, {1, 1}));
  EXPECT_EQ(take_all(2, {1'000'000, 5000}), 5000);
  EXPECT_EQ(take_all(3, {1, 3599}), 3599);
}

TEST_F(RateTableTest, keeps_subjects_apart) {
  take_all(1, {10, 10});
  EXPECT_EQ(take_all(2, {10, 10}), 10);
  EXPECT_FALSE(take(1, {10, 10}));
}

// Its clock has 44 bits of 64 ns.
TEST_F(RateTableTest, works_on_when_its_clock_begins_anew) {
  const TimePoint turn{std::chrono::nanoseconds(64ull << 44)};
  const Rate rate{10, 20};
  now = turn - milliseconds(500);
  EXPECT_EQ(take_all(1, rate), 20);
  now = turn + milliseconds(500);
  EXPECT_EQ(take_all(1, rate), 10);
}

TEST_F(RateTableTest, forgives_the_clock_of_a_worker_that_is_a_turn_behind) {
  const Rate rate{10, 10};
  take_all(1, rate);
  now -= milliseconds(200);
  EXPECT_FALSE(take(1, rate));
}

TEST_F(RateTableTest, keeps_the_busy_when_a_flood_of_others_wants_their_place) {
  const Rate rate{10, 1000};
  take_all(1, rate);
  for (std::uint32_t other = 2; other < 1'000'000; ++other) EXPECT_TRUE(take(other, rate));
  EXPECT_FALSE(take(1, rate));
}

TEST_F(RateTableTest, gives_many_threads_no_more_than_one) {
  constexpr int each = 20'000;
  const Rate rate{100, 10'000};
  std::atomic<int> taken{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < each; ++k) taken += take(1, rate) ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  // Whoever loses the race for a bucket four times in a row is let pass.
  EXPECT_GE(taken, 10'000);
  EXPECT_LE(taken, 12'000);
}

}  // namespace
}  // namespace dragoman::resolve
