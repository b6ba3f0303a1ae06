// What is counted about the binding log. Written by its writer, but for the queues' losses, which are the producers';
// read by scrapes of any thread. To add one: a field and its row in describe().
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "dragoman/gateway/binding_log_options.h"
#include "dragoman/telemetry/metric.h"

namespace dragoman::gateway {

// Why an event is missing in a log.
enum class BindingLoss : std::uint8_t {
  queue_full,  // the writer did not keep up: missing at every target
  unwritable,  // the target took nothing for so long that what waits for it filled up (a full disk, a stuck reader)
  refused,     // the collector's host said that nobody listens, or cannot be reached
  unsent,      // still waiting when the log was closed
};

}  // namespace dragoman::gateway

namespace dragoman::telemetry {
template <>
struct LabelValues<gateway::BindingLoss> {
  static constexpr std::array<const char*, 4> values{"queue_full", "unwritable", "refused", "unsent"};
};
}  // namespace dragoman::telemetry

namespace dragoman::gateway {

// The word of a format, as the configuration and the labels have it.
constexpr const char* to_text(BindingFormat format) {
  constexpr const char* words[] = {"json", "syslog", "ipfix"};
  return words[static_cast<std::size_t>(format)];
}

struct BindingTargetMetrics {
  explicit BindingTargetMetrics(BindingTarget its_target) : target(std::move(its_target)) {}

  const BindingTarget target;
  telemetry::Counter events;  // handed to the kernel
  telemetry::Counter bytes;
  telemetry::Counters<BindingLoss> lost;
  telemetry::Flag up;  // it took what there was at the last attempt
};

struct BindingLogMetrics {
  std::vector<std::unique_ptr<BindingTargetMetrics>> targets;  // in the order of the options

  template <class Visitor>
  void describe(Visitor& visit) const {
    for (const auto& known : targets) {
      auto row = visit.with("format", to_text(known->target.format)).with("target", known->target.target);
      row(known->events, "dragoman_nat64_log_events_total", "Events written to the binding log.");
      row(known->bytes, "dragoman_nat64_log_bytes_total", "Octets written to the binding log.");
      row(known->lost, "dragoman_nat64_log_lost_total", "Events that are missing in the binding log, by why.",
          "reason");
      row(known->up, "dragoman_nat64_log_up",
          "Whether the target of the binding log takes events: 0 while it does not.");
    }
  }
};

}  // namespace dragoman::gateway
