// What is counted about prefixes. Written by the thread of Prefixes, read by scrapes of any thread.
// To add one: a field and its row in describe().
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/base/guarded.h"
#include "dragoman/telemetry/metric.h"

namespace dragoman::gateway {

enum class DiscoveryResult : std::uint8_t {
  found,   // a resolver answered with prefixes
  none,    // all answered, and none does DNS64
  failed,  // no answer: what was known stays
};

enum class ProbeResult : std::uint8_t {
  passed,
  timeout,      // nothing came back
  unreachable,  // ICMP said so, or there is no route
  system,       // no socket to be had: says nothing about the prefix
};

}  // namespace dragoman::gateway

namespace dragoman::telemetry {
template <>
struct LabelValues<gateway::DiscoveryResult> {
  static constexpr std::array<const char*, 3> values{"found", "none", "failed"};
};
template <>
struct LabelValues<gateway::ProbeResult> {
  static constexpr std::array<const char*, 4> values{"passed", "timeout", "unreachable", "system"};
};
}  // namespace dragoman::telemetry

namespace dragoman::gateway {

// One prefix, however it came to be known.
struct PrefixMetrics {
  explicit PrefixMetrics(std::string text) : prefix(std::move(text)) {}

  const std::string prefix;
  telemetry::Flag is_probed;  // the next two are shown
  telemetry::Flag up;
  telemetry::Counters<ProbeResult> probes;
  telemetry::Flag was_discovered;  // the next one is shown
  telemetry::Flag discovered;
};

struct Metrics {
  telemetry::Flag discovers;  // the discovery's own are shown
  telemetry::Counters<DiscoveryResult> discoveries;
  telemetry::Gauge last_discovery;  // Unix time of the last answer

  // The row of this prefix, made if it is new; valid as long as the metrics.
  PrefixMetrics& row(std::string_view prefix) {
    return rows_.with([&](auto& rows) -> PrefixMetrics& {
      for (const auto& row : rows) {
        if (row->prefix == prefix) return *row;
      }
      return *rows.emplace_back(std::make_unique<PrefixMetrics>(std::string(prefix)));
    });
  }

  template <class Visitor>
  void describe(Visitor& visit) const {
    if (discovers.value()) {
      visit(discoveries, "dragoman_dns64_discoveries_total",
            "Questions for the network's NAT64 prefixes (RFC 7050), by what came of them.", "result");
      visit(last_discovery, "dragoman_dns64_discovery_last_success_timestamp_seconds",
            "When a resolver last answered the question for the network's NAT64 prefixes.");
    }
    rows_.with([&](const auto& rows) {
      for (const auto& known : rows) describe_row(*known, visit);
    });
  }

 private:
  template <class Visitor>
  static void describe_row(const PrefixMetrics& known, Visitor& visit) {
    auto row = visit.with("prefix", known.prefix);
    if (known.is_probed.value()) {
      row(known.up, "dragoman_dns64_prefix_up", "Whether packets pass through the prefix: 0 keeps it out of answers.");
      row(known.probes, "dragoman_dns64_probes_total", "Attempts to reach something through the prefix.", "result");
    }
    if (!known.was_discovered.value()) return;
    row(known.discovered, "dragoman_dns64_prefix_discovered", "Whether the network's resolvers name this prefix now.");
  }

  // Rows are few, and added while scrapes walk; never removed, so counters outlive a reload.
  Guarded<std::vector<std::unique_ptr<PrefixMetrics>>> rows_;
};

}  // namespace dragoman::gateway
