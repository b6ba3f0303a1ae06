// The Visitor that describe() of every metrics struct is called with: reads the cells and gathers them as
// prometheus-cpp families, one sample per name and label set; what several workers counted under the same labels is
// added up. Lives for one scrape, on the thread that scrapes.
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <prometheus/metric_family.h>

#include "dragoman/telemetry/metric.h"

namespace dragoman::telemetry {

using Label = prometheus::ClientMetric::Label;
using LabelSet = std::vector<Label>;

// Static texts: they live in describe().
struct Description {
  const char* name;
  const char* help;
};

// The samples of one scrape. Every add() of a name must be of one type.
class Samples {
 public:
  void add(const Description& description, const LabelSet& labels, const Counter& cell);
  void add(const Description& description, const LabelSet& labels, const Gauge& cell);
  void add(const Description& description, const LabelSet& labels, const DurationGauge& cell);
  void add(const Description& description, const LabelSet& labels, const Flag& cell);
  void add(const Description& description, const LabelSet& labels, const Histogram& cell);
  void add_counter(const Description& description, const LabelSet& labels, double value);
  void add_gauge(const Description& description, const LabelSet& labels, double value);

  // Makes the family known even if none of its cells has counted anything yet.
  void declare(const Description& description, prometheus::MetricType type) { family(description, type); }
  // Families in the order in which they were first described.
  std::vector<prometheus::MetricFamily> take();

 private:
  struct Family {
    prometheus::MetricFamily samples;
    std::map<LabelSet, std::size_t> index;
  };
  Family& family(const Description& description, prometheus::MetricType type);
  prometheus::ClientMetric& sample(const Description& description, prometheus::MetricType type, const LabelSet& labels);

  std::vector<Family> families_;
  std::unordered_map<std::string_view, std::size_t> index_;
};

constexpr prometheus::MetricType type_of(const Counter*) { return prometheus::MetricType::Counter; }
constexpr prometheus::MetricType type_of(const Gauge*) { return prometheus::MetricType::Gauge; }
constexpr prometheus::MetricType type_of(const DurationGauge*) { return prometheus::MetricType::Gauge; }
constexpr prometheus::MetricType type_of(const Flag*) { return prometheus::MetricType::Gauge; }
constexpr prometheus::MetricType type_of(const Histogram*) { return prometheus::MetricType::Histogram; }

// Whether a cell was never touched.
inline bool is_zero(const Counter& cell) { return cell.value() == 0; }
inline bool is_zero(const Gauge& cell) { return cell.value() == 0; }
inline bool is_zero(const DurationGauge& cell) { return cell.seconds() == 0; }
inline bool is_zero(const Flag& cell) { return !cell.value(); }
bool is_zero(const Histogram& cell);

class Collector {
 public:
  // Families with more cells than this show only what has counted; smaller ones show all cells from the start.
  static constexpr std::size_t always_shown = 64;

  explicit Collector(Samples& samples, LabelSet fixed = {}) : samples_(samples), fixed_(std::move(fixed)) {}

  // A collector whose every sample carries one more label, for what the configuration names (a server, a certificate).
  Collector with(std::string_view name, std::string_view value) const;

  template <class Cell>
  void operator()(const Cell& cell, const char* name, const char* help) const {
    samples_.add({name, help}, fixed_, cell);
  }

  template <class Cell, class... Labels, class... Names>
  void operator()(const Family<Cell, Labels...>& family, const char* name, const char* help,
                  Names... label_names) const;

  // Values that are worked out at the scrape.
  void counter(double value, const char* name, const char* help) const {
    samples_.add_counter({name, help}, fixed_, value);
  }
  void gauge(double value, const char* name, const char* help) const {
    samples_.add_gauge({name, help}, fixed_, value);
  }

 private:
  struct Dimension {
    const char* name;
    std::span<const char* const> values;
  };
  // The labels of the cell at `index`; the last dimension varies fastest, as in Family::index().
  LabelSet labels_at(std::size_t index, std::span<const Dimension> dimensions) const;

  Samples& samples_;
  LabelSet fixed_;
};

template <class Cell, class... Labels, class... Names>
void Collector::operator()(const Family<Cell, Labels...>& family, const char* name, const char* help,
                           Names... label_names) const {
  static_assert(sizeof...(Labels) == sizeof...(Names), "one label name for each label enum");
  using Shape = Family<Cell, Labels...>;
  const std::array<Dimension, sizeof...(Labels)> dimensions{Dimension{label_names, LabelValues<Labels>::values}...};
  samples_.declare({name, help}, type_of(static_cast<const Cell*>(nullptr)));
  for (std::size_t i = 0; i < Shape::size; ++i) {
    const Cell& cell = family.cell(i);
    if (Shape::size > always_shown && is_zero(cell)) continue;
    samples_.add({name, help}, labels_at(i, dimensions), cell);
  }
}

}  // namespace dragoman::telemetry
