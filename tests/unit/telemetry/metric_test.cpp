// Cells: what a histogram puts where, and which cell a combination of labels is.
#include "dragoman/telemetry/metric.h"

#include <gtest/gtest.h>

#include <set>

namespace dragoman::telemetry {

enum class Colour { red, green, blue };
enum class Size { small, large };
template <>
struct LabelValues<Colour> {
  static constexpr std::array<const char*, 3> values{"red", "green", "blue"};
};
template <>
struct LabelValues<Size> {
  static constexpr std::array<const char*, 2> values{"small", "large"};
};

namespace {

using std::chrono::microseconds;
using std::chrono::nanoseconds;

std::size_t bucket_of(Duration elapsed) {
  Histogram histogram;
  histogram.observe(elapsed);
  for (std::size_t i = 0; i < Histogram::bucket_count; ++i) {
    if (histogram.bucket(i) == 1) return i;
  }
  return Histogram::bucket_count;
}

TEST(Label, has_the_text_of_its_place) {
  EXPECT_STREQ(label_text(Colour::red), "red");
  EXPECT_STREQ(label_text(Colour::blue), "blue");
}

TEST(Histogram, counts_a_duration_of_exactly_a_bound_in_the_bucket_of_that_bound) {
  for (std::size_t i = 0; i < latency_bounds_us.size(); ++i) {
    EXPECT_EQ(bucket_of(microseconds(latency_bounds_us[i])), i) << latency_bounds_us[i] << " us";
  }
}

TEST(Histogram, counts_a_nanosecond_more_than_a_bound_in_the_next_bucket) {
  for (std::size_t i = 0; i < latency_bounds_us.size(); ++i) {
    EXPECT_EQ(bucket_of(microseconds(latency_bounds_us[i]) + nanoseconds(1)), i + 1) << latency_bounds_us[i] << " us";
  }
}

TEST(Histogram, counts_what_is_longer_than_every_bound_in_the_last_bucket) {
  EXPECT_EQ(bucket_of(std::chrono::hours(24)), Histogram::bucket_count - 1);
}

TEST(Histogram, takes_a_duration_before_its_start_for_zero) {
  Histogram histogram;
  histogram.observe(nanoseconds(-1));
  EXPECT_EQ(histogram.bucket(0), 1u);
  EXPECT_EQ(histogram.sum_seconds(), 0.0);
}

TEST(Histogram, adds_up_nanoseconds) {
  Histogram histogram;
  histogram.observe(nanoseconds(1500));
  histogram.observe(nanoseconds(700));
  EXPECT_DOUBLE_EQ(histogram.sum_seconds(), 2.2e-6);
}

TEST(Gauge, goes_up_and_down) {
  Gauge gauge;
  gauge.set(5);
  gauge.add(-7);
  EXPECT_EQ(gauge.value(), -2);
}

TEST(DurationGauge, is_read_in_seconds) {
  DurationGauge gauge;
  gauge.set(milliseconds(1500));
  EXPECT_DOUBLE_EQ(gauge.seconds(), 1.5);
}

TEST(Family, has_a_cell_of_its_own_for_every_combination) {
  Counters<Colour, Size> family;
  std::set<const Counter*> cells;
  for (const Colour colour : {Colour::red, Colour::green, Colour::blue}) {
    for (const Size size : {Size::small, Size::large}) cells.insert(&family(colour, size));
  }
  EXPECT_EQ(cells.size(), family.size);
}

TEST(Family, varies_the_last_label_fastest) {
  Counters<Colour, Size> family;
  family(Colour::green, Size::large).add(9);
  EXPECT_EQ(family.cell(3).value(), 9u);
}

}  // namespace
}  // namespace dragoman::telemetry
