// OpenMetrics 1.0 against its specification, and against the text format where both must agree.
#include "open_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "dragoman/telemetry/exposition.h"

namespace dragoman::telemetry {
namespace {

using testing::HasSubstr;
using testing::Not;

template <class Fill>
std::vector<prometheus::MetricFamily> families_from(Fill fill) {
  Samples samples;
  fill(Collector(samples));
  return samples.take();
}

template <class Fill>
std::string page_from(Fill fill) {
  return write_open_metrics(families_from(fill));
}

TEST(OpenMetrics, names_a_counter_family_without_total_and_its_samples_with_it) {
  EXPECT_EQ(page_from([](Collector visit) { visit.counter(5, "eaten_total", "Eaten."); }),
            "# TYPE eaten counter\n# HELP eaten Eaten.\neaten_total 5\n# EOF\n");
}

TEST(OpenMetrics, declares_the_unit_that_the_name_ends_in) {
  EXPECT_EQ(page_from([](Collector visit) { visit.gauge(5, "size_bytes", "Size."); }),
            "# TYPE size_bytes gauge\n# UNIT size_bytes bytes\n# HELP size_bytes Size.\nsize_bytes 5\n# EOF\n");
}

TEST(OpenMetrics, declares_the_unit_of_a_counter_before_its_total) {
  EXPECT_THAT(page_from([](Collector visit) { visit.counter(1, "cpu_seconds_total", "CPU."); }),
              HasSubstr("# UNIT cpu_seconds seconds\n"));
}

TEST(OpenMetrics, declares_no_unit_for_a_name_that_merely_contains_one) {
  EXPECT_THAT(page_from([](Collector visit) { visit.gauge(1, "bytes_limit", "Limit."); }), Not(HasSubstr("UNIT")));
}

TEST(OpenMetrics, gives_info_metrics_the_type_info) {
  EXPECT_EQ(page_from([](Collector visit) { visit.with("version", "1").gauge(1, "build_info", "Build."); }),
            "# TYPE build info\n# HELP build Build.\nbuild_info{version=\"1\"} 1\n# EOF\n");
}

TEST(OpenMetrics, escapes_backslash_quote_and_line_feed_in_label_values) {
  EXPECT_THAT(page_from([](Collector visit) { visit.with("path", "a\\b\"c\nd").gauge(1, "there", "There."); }),
              HasSubstr("there{path=\"a\\\\b\\\"c\\nd\"} 1\n"));
}

TEST(OpenMetrics, escapes_the_help_text) {
  EXPECT_THAT(page_from([](Collector visit) { visit.gauge(1, "there", "a\\b\"c\nd"); }),
              HasSubstr("# HELP there a\\\\b\\\"c\\nd\n"));
}

TEST(OpenMetrics, writes_a_histogram_as_buckets_count_and_sum) {
  Histogram histogram;
  histogram.observe(milliseconds(2));
  const std::string page = page_from([&](Collector visit) {
    auto row = visit.with("proto", "udp");
    row(histogram, "wait_seconds", "Wait.");
  });
  EXPECT_THAT(page, HasSubstr("# TYPE wait_seconds histogram\n# UNIT wait_seconds seconds\n"));
  EXPECT_THAT(page, HasSubstr("wait_seconds_bucket{proto=\"udp\",le=\"0.001\"} 0\n"));
  EXPECT_THAT(page, HasSubstr("wait_seconds_bucket{proto=\"udp\",le=\"0.002\"} 1\n"));
  EXPECT_THAT(page, HasSubstr("wait_seconds_bucket{proto=\"udp\",le=\"+Inf\"} 1\n"));
  EXPECT_THAT(page, HasSubstr("wait_seconds_count{proto=\"udp\"} 1\n"));
  EXPECT_THAT(page, HasSubstr("wait_seconds_sum{proto=\"udp\"} 0.002\n"));
}

TEST(OpenMetrics, writes_the_values_that_are_no_numbers) {
  const double infinite = std::numeric_limits<double>::infinity();
  const std::string page = page_from([&](Collector visit) {
    visit.gauge(infinite, "most", "Most.");
    visit.gauge(-infinite, "least", "Least.");
    visit.gauge(std::nan(""), "unknown", "Unknown.");
  });
  EXPECT_THAT(page, HasSubstr("most +Inf\n"));
  EXPECT_THAT(page, HasSubstr("least -Inf\n"));
  EXPECT_THAT(page, HasSubstr("unknown NaN\n"));
}

// The sample lines of a page, sorted: families put their parts in another order in the two formats.
std::vector<std::string> sample_lines(const std::string& page) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < page.size();) {
    const std::size_t end = page.find('\n', begin);
    if (page[begin] != '#') lines.push_back(page.substr(begin, end - begin));
    begin = end + 1;
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

TEST(OpenMetrics, writes_the_same_samples_as_the_text_format) {
  Histogram histogram;
  histogram.observe(std::chrono::nanoseconds(123'456'789));
  const auto families = families_from([&](Collector visit) {
    visit(histogram, "wait_seconds", "Wait.");
    visit.counter(9'007'199'254'740'991.0, "large_total", "Large.");
    visit.gauge(0.1, "tenth_ratio", "Tenth.");
    visit.gauge(1.7e9 + 0.25, "start_time_seconds", "Start.");
    visit.with("path", "a\\b\"c\nd").gauge(-3, "odd", "Odd.");
  });
  EXPECT_EQ(sample_lines(write(families, Format::open_metrics)), sample_lines(write(families, Format::text)));
}

}  // namespace
}  // namespace dragoman::telemetry
