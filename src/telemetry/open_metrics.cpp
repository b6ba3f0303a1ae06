// OpenMetrics 1.0 text. Against Prometheus text 0.0.4: a counter's family is named without _total, units are declared,
// bounds and values are written alike (so that a series keeps its identity whichever text was scraped), # EOF ends it.
#include "open_metrics.h"

#include <array>
#include <charconv>
#include <cmath>
#include <string_view>

namespace dragoman::telemetry {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

constexpr std::array<std::string_view, 3> units{"seconds", "bytes", "ratio"};

struct Header {
  std::string_view type;
  std::string_view suffix;  // of the samples, not part of the family's name
};

Header header_of(const MetricFamily& family) {
  if (family.type == MetricType::Counter) return {"counter", "_total"};
  if (family.type == MetricType::Histogram) return {"histogram", ""};
  if (family.name.ends_with("_info")) return {"info", "_info"};
  return {"gauge", ""};
}

// The unit that the name ends in, or nothing.
std::string_view unit_of(std::string_view name) {
  for (const std::string_view unit : units) {
    if (name.ends_with(unit) && name.size() > unit.size() && name[name.size() - unit.size() - 1] == '_') return unit;
  }
  return {};
}

void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
    } else {
      if (c == '\\' || c == '"') out += '\\';
      out += c;
    }
  }
}

// Sixteen digits: what TextSerializer writes.
void append_number(std::string& out, double value) {
  if (std::isinf(value)) {
    out += value > 0 ? "+Inf" : "-Inf";
    return;
  }
  if (std::isnan(value)) {
    out += "NaN";
    return;
  }
  std::array<char, 32> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value, std::chars_format::general, 16);
  out.append(digits.data(), end.ptr);
}

// name_suffix{labels,le="bound"} value
class SampleLine {
 public:
  SampleLine(std::string& out, std::string_view name, std::string_view suffix) : out_(out) {
    out_ += name;
    out_ += suffix;
  }
  SampleLine& labels(const std::vector<ClientMetric::Label>& labels) {
    for (const auto& label : labels) {
      begin_label(label.name);
      append_escaped(out_, label.value);
      out_ += '"';
    }
    return *this;
  }
  SampleLine& bound(double upper) {
    begin_label("le");
    append_number(out_, upper);
    out_ += '"';
    return *this;
  }
  void value(double value) {
    if (has_labels_) out_ += '}';
    out_ += ' ';
    append_number(out_, value);
    out_ += '\n';
  }

 private:
  void begin_label(std::string_view name) {
    out_ += has_labels_ ? ',' : '{';
    has_labels_ = true;
    out_ += name;
    out_ += "=\"";
  }

  std::string& out_;
  bool has_labels_ = false;
};

void append_histogram(std::string& out, std::string_view name, const ClientMetric& sample) {
  for (const auto& bucket : sample.histogram.bucket) {
    SampleLine(out, name, "_bucket")
        .labels(sample.label)
        .bound(bucket.upper_bound)
        .value(static_cast<double>(bucket.cumulative_count));
  }
  SampleLine(out, name, "_count").labels(sample.label).value(static_cast<double>(sample.histogram.sample_count));
  SampleLine(out, name, "_sum").labels(sample.label).value(sample.histogram.sample_sum);
}

void append_metadata(std::string& out, std::string_view keyword, std::string_view name, std::string_view text) {
  out += "# ";
  out += keyword;
  out += ' ';
  out += name;
  out += ' ';
  append_escaped(out, text);
  out += '\n';
}

void append_family(std::string& out, const MetricFamily& family) {
  const Header header = header_of(family);
  std::string_view name = family.name;
  if (name.ends_with(header.suffix)) name.remove_suffix(header.suffix.size());

  append_metadata(out, "TYPE", name, header.type);
  if (const std::string_view unit = unit_of(name); !unit.empty()) append_metadata(out, "UNIT", name, unit);
  append_metadata(out, "HELP", name, family.help);
  for (const ClientMetric& sample : family.metric) {
    if (family.type == MetricType::Histogram) {
      append_histogram(out, name, sample);
    } else {
      const bool is_counter = family.type == MetricType::Counter;
      SampleLine(out, name, header.suffix)
          .labels(sample.label)
          .value(is_counter ? sample.counter.value : sample.gauge.value);
    }
  }
}

}  // namespace

std::string write_open_metrics(const std::vector<MetricFamily>& families) {
  std::string out;
  for (const MetricFamily& family : families) append_family(out, family);
  out += "# EOF\n";
  return out;
}

}  // namespace dragoman::telemetry
