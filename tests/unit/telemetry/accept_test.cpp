// Content negotiation of the metrics page (RFC 9110 12.5.1).
#include "dragoman/telemetry/accept.h"

#include <gtest/gtest.h>

namespace dragoman::telemetry {
namespace {

struct Case {
  const char* name;
  const char* accept;
  Format expected;
};

class Accept : public testing::TestWithParam<Case> {};

TEST_P(Accept, decides_the_format) {
  EXPECT_EQ(negotiate(GetParam().accept), GetParam().expected) << GetParam().accept;
}

constexpr const char* prometheus_2_42 =
    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
constexpr const char* firefox = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8";

INSTANTIATE_TEST_SUITE_P(
    Table, Accept,
    testing::Values(
        Case{"no_header", "", Format::text}, Case{"prometheus", prometheus_2_42, Format::open_metrics},
        Case{"browser", firefox, Format::text}, Case{"curl", "*/*", Format::text},
        Case{"text_alone", "text/plain", Format::text},
        Case{"open_metrics_alone", "application/openmetrics-text", Format::open_metrics},
        Case{"equal_weights", "text/plain, application/openmetrics-text", Format::open_metrics},
        Case{"text_preferred", "text/plain, application/openmetrics-text;q=0.9", Format::text},
        Case{"open_metrics_preferred", "text/plain;q=0.899,application/openmetrics-text;q=0.9", Format::open_metrics},
        Case{"open_metrics_refused", "application/openmetrics-text;q=0", Format::text},
        Case{"open_metrics_refused_with_digits", "application/openmetrics-text; q=0.000, */*", Format::text},
        Case{"text_refused", "text/plain;q=0, application/openmetrics-text;q=0.1", Format::open_metrics},
        Case{"both_refused", "text/plain;q=0, application/openmetrics-text;q=0", Format::text},
        Case{"exact_type_over_wildcard", "*/*, text/plain;q=0.1, application/openmetrics-text;q=0.5",
             Format::open_metrics},
        Case{"subtype_wildcard_over_wildcard", "text/*;q=0.2, application/openmetrics-text;q=0.5, */*",
             Format::open_metrics},
        Case{"wildcard_counts_for_text", "*/*;q=0.9, application/openmetrics-text;q=0.5", Format::text},
        Case{"unknown_version", "application/openmetrics-text;version=2.0.0", Format::text},
        Case{"old_version", "application/openmetrics-text; version=0.0.1", Format::open_metrics},
        Case{"quoted_version", "application/openmetrics-text; version=\"1.0.0\"", Format::open_metrics},
        Case{"letter_case", "Application/OpenMetrics-Text; Version=1.0.0; Q=1", Format::open_metrics},
        Case{"spaces", "  text/plain ; q=0.1 ,\tapplication/openmetrics-text ; q = 0.2 ", Format::open_metrics},
        Case{"charset_is_ignored", "application/openmetrics-text; charset=utf-8; version=1.0.0", Format::open_metrics},
        Case{"malformed_weight_counts_as_one", "text/plain;q=0.5, application/openmetrics-text;q=zero",
             Format::open_metrics},
        Case{"weight_above_one_is_one", "text/plain, application/openmetrics-text;q=1.9", Format::open_metrics},
        Case{"too_many_digits", "text/plain;q=0.5, application/openmetrics-text;q=0.0001", Format::open_metrics},
        Case{"only_separators", ",,;;,=;q=,", Format::text},
        Case{"protobuf", "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited",
             Format::text}),
    [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace dragoman::telemetry
