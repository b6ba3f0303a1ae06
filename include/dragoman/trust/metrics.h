// What is counted about trust anchors. Written by the thread of Anchors, read by scrapes of any thread.
// To add one: a field and its row in describe().
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/base/guarded.h"
#include "dragoman/dnssec/managed_anchors.h"
#include "dragoman/telemetry/metric.h"

namespace dragoman::trust {

enum class RefreshResult : std::uint8_t {
  refreshed,    // trusted keys vouch for the zone's keys
  bogus,        // none does: what was known stays
  unreachable,  // nobody gave the keys
};

enum class NegativeSource : std::uint8_t { configuration, operator_ };

}  // namespace dragoman::trust

namespace dragoman::telemetry {
template <>
struct LabelValues<trust::RefreshResult> {
  static constexpr std::array<const char*, 3> values{"refreshed", "bogus", "unreachable"};
};
template <>
struct LabelValues<trust::NegativeSource> {
  static constexpr std::array<const char*, 2> values{"configuration", "operator"};
};
}  // namespace dragoman::telemetry

namespace dragoman::trust {

// One anchor that is managed; its zone is a word of the configuration.
struct AnchorMetrics {
  explicit AnchorMetrics(std::string text) : zone(std::move(text)) {}

  const std::string zone;
  telemetry::Flag is_managed;  // false after a reload without it: nothing of it is shown
  telemetry::Gauge trusted;
  telemetry::Gauges<dnssec::KeyState> keys;
  telemetry::Gauge refreshed;  // Unix time
  telemetry::Counters<RefreshResult> refreshes;
};

struct Metrics {
  telemetry::Flag validates;  // the rest is shown
  telemetry::Gauge anchors;
  telemetry::Gauges<NegativeSource> negative;
  telemetry::Flag state_unsaved;
  telemetry::Counter state_failures;

  // The row of this zone, made if it is new; valid as long as the metrics.
  AnchorMetrics& row(std::string_view zone) {
    return rows_.with([&](auto& rows) -> AnchorMetrics& {
      for (const auto& row : rows) {
        if (row->zone == zone) return *row;
      }
      return *rows.emplace_back(std::make_unique<AnchorMetrics>(std::string(zone)));
    });
  }
  // Until row().is_managed is set again, no zone is managed.
  void manage_none() {
    rows_.with([](auto& rows) {
      for (const auto& row : rows) row->is_managed.set(false);
    });
  }

  template <class Visitor>
  void describe(Visitor& visit) const {
    if (!validates.value()) return;
    visit(anchors, "dragoman_trust_anchors", "Zones that validation begins at.");
    visit(negative, "dragoman_negative_trust_anchors",
          "Names that are not validated for now (RFC 7646), by who said so.", "source");
    rows_.with([&](const auto& rows) {
      bool is_any_managed = false;
      for (const auto& known : rows) {
        if (!known->is_managed.value()) continue;
        is_any_managed = true;
        describe_row(*known, visit);
      }
      if (!is_any_managed) return;
      visit(
          state_unsaved, "dragoman_trust_anchor_state_unsaved",
          "1 while what is known of managed trust anchors could not be written to dnssec.managed_anchors.state_file.");
      visit(state_failures, "dragoman_trust_anchor_state_write_failures_total",
            "Attempts to write that file that failed.");
    });
  }

 private:
  template <class Visitor>
  static void describe_row(const AnchorMetrics& known, Visitor& visit) {
    auto row = visit.with("zone", known.zone);
    row(known.trusted, "dragoman_trust_anchor_trusted",
        "Keys and DS records that a managed zone is trusted by: 0 when all of its keys were revoked.");
    row(known.keys, "dragoman_trust_anchor_keys", "Keys of a managed zone (RFC 5011 4), by state.", "state");
    row(known.refreshed, "dragoman_trust_anchor_last_refresh_timestamp_seconds",
        "When trusted keys last vouched for the keys of a managed zone.");
    row(known.refreshes, "dragoman_trust_anchor_refreshes_total", "Looks at the keys of a managed zone.", "result");
  }

  // Rows are few, and added while scrapes walk; never removed, so counters outlive a reload.
  Guarded<std::vector<std::unique_ptr<AnchorMetrics>>> rows_;
};

}  // namespace dragoman::trust
