// OpenMetrics 1.0 text, which prometheus-cpp does not write: https://prometheus.io/docs/specs/om/open_metrics_spec/
#pragma once

#include <string>
#include <vector>

#include <prometheus/metric_family.h>

namespace dragoman::telemetry {

// Counters, gauges, histograms, and gauges named *_info as the type info; the catalogue makes nothing else.
std::string write_open_metrics(const std::vector<prometheus::MetricFamily>& families);

}  // namespace dragoman::telemetry
