// When a server counts as down, and when it is asked again.
#include "health.h"

#include <gtest/gtest.h>

namespace dragoman::upstream {
namespace {

constexpr TimePoint start{};

Health down() {
  Health health(seconds(1), seconds(30));
  for (std::uint32_t i = 0; i < Health::failures_to_go_down; ++i) health.failed(start);
  return health;
}

TEST(Health, is_up_before_anything_is_known) { EXPECT_TRUE(Health(seconds(1), seconds(30)).is_up()); }

TEST(Health, goes_down_after_failures_in_a_row) {
  Health health(seconds(1), seconds(30));
  for (std::uint32_t i = 1; i < Health::failures_to_go_down; ++i) health.failed(start);
  EXPECT_TRUE(health.is_up());
  health.failed(start);
  EXPECT_FALSE(health.is_up());
}

TEST(Health, stays_up_when_answers_come_between_failures) {
  Health health(seconds(1), seconds(30));
  for (int i = 0; i < 10; ++i) {
    health.failed(start);
    health.answered(milliseconds(1), start);
  }
  EXPECT_TRUE(health.is_up());
  EXPECT_FALSE(health.is_doubtful());
}

TEST(Health, comes_back_with_one_answer) {
  Health health = down();
  health.answered(milliseconds(1), start);
  EXPECT_TRUE(health.is_up());
}

TEST(Health, is_probed_less_and_less_often_up_to_a_bound) {
  Health health = down();
  EXPECT_EQ(health.probe_interval(), seconds(1));
  health.probe_failed();
  EXPECT_EQ(health.probe_interval(), seconds(2));
  for (int i = 0; i < 10; ++i) health.probe_failed();
  EXPECT_EQ(health.probe_interval(), seconds(30));
  health.answered(milliseconds(1), start);
  EXPECT_EQ(health.probe_interval(), seconds(1));
}

TEST(Health, does_not_ask_less_often_because_clients_ask) {
  Health health = down();
  for (int i = 0; i < 100; ++i) health.failed(start);
  EXPECT_EQ(health.probe_interval(), seconds(1));
}

TEST(Health, goes_down_at_once_when_asked_to_back_off) {
  Health health(seconds(1), seconds(30));
  health.answered(milliseconds(1), start);
  health.back_off(start);
  EXPECT_FALSE(health.is_up());
}

TEST(Health, smooths_latency) {
  Health health(seconds(1), seconds(30));
  health.answered(milliseconds(80), start);
  EXPECT_EQ(health.latency(), milliseconds(80));
  health.answered(milliseconds(0), start);
  EXPECT_EQ(health.latency(), milliseconds(70));
}

}  // namespace
}  // namespace dragoman::upstream
