// From cells to samples: labels, merging of workers, which cells are shown.
#include "dragoman/telemetry/collector.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>

namespace dragoman::telemetry {

enum class Fruit { apple, pear };
enum class Digit {};
template <>
struct LabelValues<Fruit> {
  static constexpr std::array<const char*, 2> values{"apple", "pear"};
};
template <>
struct LabelValues<Digit> {
  static constexpr std::array<const char*, 10> values{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
};

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

// The one family that `fill` describes.
template <class Fill>
MetricFamily family_from(Fill fill) {
  Samples samples;
  fill(Collector(samples));
  auto families = samples.take();
  EXPECT_EQ(families.size(), 1u);
  return families.empty() ? MetricFamily{} : families.front();
}

const ClientMetric* find(const MetricFamily& family, const LabelSet& labels) {
  const auto found = std::find_if(family.metric.begin(), family.metric.end(),
                                  [&](const ClientMetric& sample) { return sample.label == labels; });
  return found == family.metric.end() ? nullptr : &*found;
}

TEST(Collector, names_and_explains_a_metric_without_labels) {
  Counter counter;
  counter.add(3);
  const MetricFamily family = family_from([&](Collector visit) { visit(counter, "eaten_total", "Eaten."); });
  EXPECT_EQ(family.name, "eaten_total");
  EXPECT_EQ(family.help, "Eaten.");
  EXPECT_EQ(family.type, MetricType::Counter);
  ASSERT_NE(find(family, {}), nullptr);
  EXPECT_EQ(find(family, {})->counter.value, 3.0);
}

TEST(Collector, shows_every_cell_of_a_small_family_from_the_start) {
  const Counters<Fruit> counters;
  const MetricFamily family = family_from([&](Collector visit) { visit(counters, "eaten_total", "Eaten.", "fruit"); });
  EXPECT_NE(find(family, {{"fruit", "apple"}}), nullptr);
  EXPECT_NE(find(family, {{"fruit", "pear"}}), nullptr);
}

TEST(Collector, labels_a_cell_with_the_values_of_its_own_combination) {
  Counters<Fruit, Digit> counters;
  counters(Fruit::pear, Digit{7}).add(5);
  const MetricFamily family =
      family_from([&](Collector visit) { visit(counters, "eaten_total", "Eaten.", "fruit", "digit"); });
  const ClientMetric* sample = find(family, {{"fruit", "pear"}, {"digit", "7"}});
  ASSERT_NE(sample, nullptr);
  EXPECT_EQ(sample->counter.value, 5.0);
}

TEST(Collector, shows_of_a_large_family_only_the_cells_that_counted) {
  Counters<Digit, Digit> counters;
  counters(Digit{4}, Digit{2}).add();
  const MetricFamily family =
      family_from([&](Collector visit) { visit(counters, "eaten_total", "Eaten.", "tens", "ones"); });
  ASSERT_EQ(family.metric.size(), 1u);
  EXPECT_EQ(family.metric[0].label, (LabelSet{{"tens", "4"}, {"ones", "2"}}));
}

TEST(Collector, declares_a_large_family_before_anything_counted) {
  const Counters<Digit, Digit> counters;
  const MetricFamily family =
      family_from([&](Collector visit) { visit(counters, "eaten_total", "Eaten.", "tens", "ones"); });
  EXPECT_EQ(family.name, "eaten_total");
  EXPECT_TRUE(family.metric.empty());
}

TEST(Collector, puts_a_fixed_label_before_the_labels_of_the_family) {
  const Counters<Fruit> counters;
  const MetricFamily family = family_from([&](Collector visit) {
    auto row = visit.with("server", "dns://192.0.2.1");
    row(counters, "eaten_total", "Eaten.", "fruit");
  });
  EXPECT_NE(find(family, {{"server", "dns://192.0.2.1"}, {"fruit", "apple"}}), nullptr);
}

TEST(Collector, adds_up_counters_of_equal_name_and_labels) {
  Counters<Fruit> first, second;
  first(Fruit::apple).add(2);
  second(Fruit::apple).add(40);
  const MetricFamily family = family_from([&](Collector visit) {
    visit(first, "eaten_total", "Eaten.", "fruit");
    visit(second, "eaten_total", "Eaten.", "fruit");
  });
  EXPECT_EQ(family.metric.size(), 2u);
  EXPECT_EQ(find(family, {{"fruit", "apple"}})->counter.value, 42.0);
}

TEST(Collector, adds_up_gauges) {
  Gauge first, second;
  first.set(3);
  second.set(-1);
  const MetricFamily family = family_from([&](Collector visit) {
    visit(first, "open", "Open.");
    visit(second, "open", "Open.");
  });
  EXPECT_EQ(find(family, {})->gauge.value, 2.0);
}

TEST(Collector, shows_a_flag_as_one_when_any_worker_holds_it_true) {
  Flag first, second, third;
  first.set(true);
  third.set(true);
  const MetricFamily family = family_from([&](Collector visit) {
    for (const Flag* flag : {&first, &second, &third}) visit(*flag, "up", "Up.");
  });
  EXPECT_EQ(find(family, {})->gauge.value, 1.0);
}

TEST(Collector, keeps_samples_apart_whose_labels_differ) {
  DurationGauge first, second;
  first.set(seconds(1));
  second.set(seconds(2));
  const MetricFamily family = family_from([&](Collector visit) {
    visit.with("worker", "0")(first, "lag_seconds", "Lag.");
    visit.with("worker", "1")(second, "lag_seconds", "Lag.");
  });
  EXPECT_EQ(find(family, {{"worker", "0"}})->gauge.value, 1.0);
  EXPECT_EQ(find(family, {{"worker", "1"}})->gauge.value, 2.0);
}

TEST(Collector, accumulates_the_buckets_of_a_histogram_up_to_infinity) {
  Histogram histogram;
  histogram.observe(std::chrono::microseconds(10));
  histogram.observe(std::chrono::microseconds(60));
  histogram.observe(seconds(60));
  const MetricFamily family = family_from([&](Collector visit) { visit(histogram, "wait_seconds", "Wait."); });
  const auto& shown = find(family, {})->histogram;
  ASSERT_EQ(shown.bucket.size(), Histogram::bucket_count);
  EXPECT_EQ(shown.bucket[0].cumulative_count, 1u);
  EXPECT_EQ(shown.bucket[1].cumulative_count, 2u);
  EXPECT_EQ(shown.bucket[17].cumulative_count, 2u);
  EXPECT_EQ(shown.bucket[18].cumulative_count, 3u);
  EXPECT_TRUE(std::isinf(shown.bucket[18].upper_bound));
  EXPECT_EQ(shown.sample_count, 3u);
  EXPECT_NEAR(shown.sample_sum, 60.00007, 1e-9);
}

TEST(Collector, gives_histogram_bounds_in_seconds) {
  const Histogram histogram;
  const MetricFamily family = family_from([&](Collector visit) { visit(histogram, "wait_seconds", "Wait."); });
  const auto& shown = find(family, {})->histogram;
  EXPECT_DOUBLE_EQ(shown.bucket[0].upper_bound, 0.00005);
  EXPECT_DOUBLE_EQ(shown.bucket[17].upper_bound, 8.192);
}

TEST(Collector, adds_up_histograms_bucket_by_bucket) {
  Histograms<Fruit> first, second;
  first(Fruit::pear).observe(milliseconds(1));
  second(Fruit::pear).observe(milliseconds(1));
  second(Fruit::pear).observe(milliseconds(2));
  const MetricFamily family = family_from([&](Collector visit) {
    visit(first, "wait_seconds", "Wait.", "fruit");
    visit(second, "wait_seconds", "Wait.", "fruit");
  });
  const auto& shown = find(family, {{"fruit", "pear"}})->histogram;
  EXPECT_EQ(shown.bucket[3].cumulative_count, 0u);
  EXPECT_EQ(shown.bucket[4].cumulative_count, 2u);
  EXPECT_EQ(shown.bucket[5].cumulative_count, 3u);
  EXPECT_EQ(shown.sample_count, 3u);
  EXPECT_DOUBLE_EQ(shown.sample_sum, 0.004);
}

TEST(Collector, takes_values_that_are_worked_out_at_the_scrape) {
  const MetricFamily family = family_from([](Collector visit) { visit.gauge(0.25, "share_ratio", "Share."); });
  EXPECT_EQ(family.type, MetricType::Gauge);
  EXPECT_EQ(find(family, {})->gauge.value, 0.25);
}

TEST(Samples, lists_families_in_the_order_of_their_first_description) {
  Samples samples;
  Collector visit(samples);
  visit.gauge(1, "second", "2.");
  visit.gauge(1, "first", "1.");
  visit.gauge(1, "second", "2.");
  const auto families = samples.take();
  ASSERT_EQ(families.size(), 2u);
  EXPECT_EQ(families[0].name, "second");
  EXPECT_EQ(families[1].name, "first");
}

}  // namespace
}  // namespace dragoman::telemetry
