// Gathering the cells of all workers into families. One scrape, one thread; nothing here is on the path of a query.
#include "dragoman/telemetry/collector.h"

#include <algorithm>
#include <cassert>
#include <limits>

namespace dragoman::telemetry {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricType;

double to_double(std::uint64_t value) { return static_cast<double>(value); }

// Empty buckets with the bounds in seconds.
ClientMetric::Histogram empty_histogram() {
  ClientMetric::Histogram histogram;
  histogram.bucket.reserve(Histogram::bucket_count);
  for (const std::uint32_t bound_us : latency_bounds_us) histogram.bucket.push_back({0, bound_us / 1e6});
  histogram.bucket.push_back({0, std::numeric_limits<double>::infinity()});
  return histogram;
}

}  // namespace

bool is_zero(const Histogram& cell) {
  for (std::size_t i = 0; i < Histogram::bucket_count; ++i) {
    if (cell.bucket(i) != 0) return false;
  }
  return true;
}

Samples::Family& Samples::family(const Description& description, MetricType type) {
  const auto [found, is_new] = index_.try_emplace(description.name, families_.size());
  if (is_new) families_.push_back({{description.name, description.help, type, {}}, {}});
  Family& family = families_[found->second];
  assert(family.samples.type == type && "one name, two types");
  return family;
}

ClientMetric& Samples::sample(const Description& description, MetricType type, const LabelSet& labels) {
  Family& known = family(description, type);
  const auto [found, is_new] = known.index.try_emplace(labels, known.samples.metric.size());
  if (is_new) {
    known.samples.metric.emplace_back().label = labels;
    if (type == MetricType::Histogram) known.samples.metric.back().histogram = empty_histogram();
  }
  return known.samples.metric[found->second];
}

void Samples::add_counter(const Description& description, const LabelSet& labels, double value) {
  sample(description, MetricType::Counter, labels).counter.value += value;
}

void Samples::add_gauge(const Description& description, const LabelSet& labels, double value) {
  sample(description, MetricType::Gauge, labels).gauge.value += value;
}

void Samples::add(const Description& description, const LabelSet& labels, const Counter& cell) {
  add_counter(description, labels, to_double(cell.value()));
}

void Samples::add(const Description& description, const LabelSet& labels, const Gauge& cell) {
  add_gauge(description, labels, static_cast<double>(cell.value()));
}

void Samples::add(const Description& description, const LabelSet& labels, const DurationGauge& cell) {
  add_gauge(description, labels, cell.seconds());
}

void Samples::add(const Description& description, const LabelSet& labels, const Flag& cell) {
  double& value = sample(description, MetricType::Gauge, labels).gauge.value;
  value = std::max(value, cell.value() ? 1.0 : 0.0);
}

// The count is what the buckets add up to, so that a scrape in the middle of observe() is still consistent.
void Samples::add(const Description& description, const LabelSet& labels, const Histogram& cell) {
  ClientMetric::Histogram& histogram = sample(description, MetricType::Histogram, labels).histogram;
  std::uint64_t cumulative = 0;
  for (std::size_t i = 0; i < Histogram::bucket_count; ++i) {
    cumulative += cell.bucket(i);
    histogram.bucket[i].cumulative_count += cumulative;
  }
  histogram.sample_count += cumulative;
  histogram.sample_sum += cell.sum_seconds();
}

std::vector<prometheus::MetricFamily> Samples::take() {
  std::vector<prometheus::MetricFamily> families;
  families.reserve(families_.size());
  for (Family& family : families_) families.push_back(std::move(family.samples));
  families_.clear();
  index_.clear();
  return families;
}

Collector Collector::with(std::string_view name, std::string_view value) const {
  LabelSet labels = fixed_;
  labels.push_back({std::string(name), std::string(value)});
  return Collector(samples_, std::move(labels));
}

LabelSet Collector::labels_at(std::size_t index, std::span<const Dimension> dimensions) const {
  LabelSet labels = fixed_;
  labels.resize(fixed_.size() + dimensions.size());
  for (std::size_t i = dimensions.size(); i-- > 0;) {
    const Dimension& dimension = dimensions[i];
    labels[fixed_.size() + i] = {dimension.name, dimension.values[index % dimension.values.size()]};
    index /= dimension.values.size();
  }
  return labels;
}

}  // namespace dragoman::telemetry
