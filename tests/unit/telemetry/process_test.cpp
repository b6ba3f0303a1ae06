// Metrics of this very test process, whose state is known.
#include "dragoman/telemetry/process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <optional>
#include <vector>

namespace dragoman::telemetry {
namespace {

struct Sample {
  double value;
  LabelSet labels;
};

std::optional<Sample> sample_of(const Catalogue& catalogue, const std::string& name) {
  for (const auto& family : catalogue.Collect()) {
    if (family.name != name || family.metric.empty()) continue;
    const auto& metric = family.metric.front();
    const bool is_counter = family.type == prometheus::MetricType::Counter;
    return Sample{is_counter ? metric.counter.value : metric.gauge.value, metric.label};
  }
  return std::nullopt;
}

double value_of(const Catalogue& catalogue, const std::string& name) {
  const auto sample = sample_of(catalogue, name);
  EXPECT_TRUE(sample.has_value()) << name;
  return sample ? sample->value : -1;
}

class ProcessMetrics : public testing::Test {
 protected:
  ProcessMetrics() { add_process_metrics(catalogue_, "1.2.3"); }
  Catalogue catalogue_;
};

TEST_F(ProcessMetrics, count_open_descriptors) {
  const double before = value_of(catalogue_, "process_open_fds");
  const int fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  EXPECT_EQ(value_of(catalogue_, "process_open_fds"), before + 1);
  ::close(fd);
  EXPECT_EQ(value_of(catalogue_, "process_open_fds"), before);
}

TEST_F(ProcessMetrics, tell_the_limit_of_descriptors) {
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_EQ(value_of(catalogue_, "process_max_fds"), static_cast<double>(limit.rlim_cur));
}

TEST_F(ProcessMetrics, see_memory_that_is_touched) {
  const double before = value_of(catalogue_, "process_resident_memory_bytes");
  constexpr std::size_t size = 64 << 20;
  std::vector<char> memory(size);
  for (std::size_t i = 0; i < size; i += 4096) const_cast<volatile char&>(memory[i]) = 1;
  EXPECT_GT(value_of(catalogue_, "process_resident_memory_bytes"), before + size / 2);
  EXPECT_GT(value_of(catalogue_, "process_virtual_memory_bytes"),
            value_of(catalogue_, "process_resident_memory_bytes"));
}

TEST_F(ProcessMetrics, see_processor_time_that_is_spent) {
  const double before = value_of(catalogue_, "process_cpu_seconds_total");
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(20);
  while (std::chrono::steady_clock::now() < end) continue;
  EXPECT_GT(value_of(catalogue_, "process_cpu_seconds_total"), before);
}

TEST_F(ProcessMetrics, tell_when_the_process_started) {
  const double now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  const double start = value_of(catalogue_, "process_start_time_seconds");
  EXPECT_LE(start, now + 1);  // both clocks count from a boot time in whole seconds
  EXPECT_GT(start, now - 3600);
}

TEST_F(ProcessMetrics, name_version_and_compiler) {
  const auto build = sample_of(catalogue_, "dragoman_build_info");
  ASSERT_TRUE(build.has_value());
  ASSERT_EQ(build->labels.size(), 2u);
  EXPECT_EQ(build->labels[0], (Label{"version", "1.2.3"}));
  EXPECT_EQ(build->labels[1].name, "compiler");
  EXPECT_FALSE(build->labels[1].value.empty());
}

class ConfigStatusMetrics : public testing::Test {
 protected:
  ConfigStatusMetrics() { catalogue_.add(&status_); }
  ConfigStatus status_;
  Catalogue catalogue_;
};

TEST_F(ConfigStatusMetrics, show_the_hash_and_time_of_what_is_in_force) {
  status_.applied("abc", 1'700'000'000);
  EXPECT_EQ(sample_of(catalogue_, "dragoman_config_info")->labels, (LabelSet{{"hash", "abc"}}));
  EXPECT_EQ(value_of(catalogue_, "dragoman_config_last_reload_successful"), 1.0);
  EXPECT_EQ(value_of(catalogue_, "dragoman_config_last_reload_timestamp_seconds"), 1.7e9);
}

TEST_F(ConfigStatusMetrics, keep_the_hash_when_a_reload_is_refused) {
  status_.applied("abc", 1'700'000'000);
  status_.refused();
  EXPECT_EQ(sample_of(catalogue_, "dragoman_config_info")->labels, (LabelSet{{"hash", "abc"}}));
  EXPECT_EQ(value_of(catalogue_, "dragoman_config_last_reload_successful"), 0.0);
  EXPECT_EQ(value_of(catalogue_, "dragoman_config_last_reload_timestamp_seconds"), 1.7e9);
}

TEST_F(ConfigStatusMetrics, turn_successful_again_with_the_next_good_file) {
  status_.applied("abc", 1'700'000'000);
  status_.refused();
  status_.applied("def", 1'700'000'060);
  EXPECT_EQ(sample_of(catalogue_, "dragoman_config_info")->labels, (LabelSet{{"hash", "def"}}));
  EXPECT_EQ(value_of(catalogue_, "dragoman_config_last_reload_successful"), 1.0);
}

}  // namespace
}  // namespace dragoman::telemetry
