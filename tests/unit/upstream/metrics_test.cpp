// What a scrape sees of upstream servers.
#include "dragoman/upstream/metrics.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "dragoman/telemetry/collector.h"

namespace dragoman::upstream {
namespace {

// "name{group server}" of every sample.
std::set<std::string> samples_of(const Metrics& metrics) {
  telemetry::Samples samples;
  telemetry::Collector collector(samples);
  metrics.describe(collector);
  std::set<std::string> seen;
  for (const auto& family : samples.take()) {
    for (const auto& metric : family.metric) {
      seen.insert(family.name + "{" + metric.label.at(0).value + " " + metric.label.at(1).value + "}");
    }
  }
  return seen;
}

TEST(UpstreamMetrics, have_rows_for_each_server_of_each_group) {
  Metrics metrics;
  metrics.servers.row("default", "dns://192.0.2.1").configured.set(true);
  metrics.servers.row("default", "tls://192.0.2.2").configured.set(true);
  metrics.servers.row("corp", "tls://192.0.2.2").configured.set(true);
  const std::set<std::string> seen = samples_of(metrics);
  for (const char* name : {"up", "requests_total", "responses_total", "request_duration_seconds", "failures_total",
                           "inflight", "connections", "handshakes_total", "mismatches_total"}) {
    for (const char* server : {"default dns://192.0.2.1", "default tls://192.0.2.2", "corp tls://192.0.2.2"}) {
      EXPECT_TRUE(seen.contains("dragoman_upstream_" + std::string(name) + "{" + server + "}")) << name;
    }
  }
}

TEST(UpstreamMetrics, do_not_show_servers_that_a_reload_took_away) {
  Metrics metrics;
  metrics.servers.row("default", "dns://192.0.2.1").configured.set(true);
  metrics.servers.row("default", "dns://192.0.2.1").configured.set(false);
  EXPECT_TRUE(samples_of(metrics).empty());
}

TEST(UpstreamMetrics, add_up_servers_of_one_url) {
  Metrics metrics;
  ServerMetrics& row = metrics.servers.row("default", "dns://192.0.2.1");
  row.enter();
  row.enter();  // of after a reload
  EXPECT_TRUE(row.up.value());
  row.change(false);
  EXPECT_TRUE(row.up.value());
  row.change(false);
  EXPECT_FALSE(row.up.value());
  row.leave(false);
  EXPECT_TRUE(row.configured.value());
  row.leave(false);
  EXPECT_FALSE(row.configured.value());
}

TEST(UpstreamMetrics, keep_one_row_for_one_server_of_a_group) {
  Metrics metrics;
  EXPECT_EQ(&metrics.servers.row("default", "dns://192.0.2.1"), &metrics.servers.row("default", "dns://192.0.2.1"));
}

}  // namespace
}  // namespace dragoman::upstream
