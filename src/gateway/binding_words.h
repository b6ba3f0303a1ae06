// The words of the binding log as text, which JSON lines and syslog share, and who reads them back.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "dragoman/nat64/binding_event.h"
#include "dragoman/nat64/metrics.h"
#include "dragoman/telemetry/metric.h"

namespace dragoman::gateway {

// What a line tells. The first six are those of nat64::BindingEvent::Kind, in its order.
enum class Line : std::uint8_t {
  block_allocated,
  block_released,
  session_created,
  session_deleted,
  pool_exhausted,
  quota_exceeded,
  started,  // of the NAT64, ...
  changed,  // ... by a reload; both are followed by lines for the pool and the static bindings
  pool,     // a run of addresses with ports
  static_binding,
  stopped,
  lost,  // events that are missing
};
inline constexpr std::array<std::string_view, 12> line_words{"block_allocated", "block_released", "session_created",
                                                             "session_deleted", "pool_exhausted", "quota_exceeded",
                                                             "started",         "changed",        "pool",
                                                             "static_binding",  "stopped",        "lost"};

constexpr std::string_view word_of(Line line) { return line_words[static_cast<std::size_t>(line)]; }
constexpr Line line_of(nat64::BindingEvent::Kind kind) { return static_cast<Line>(kind); }

constexpr std::optional<Line> line_from_word(std::string_view word) {
  for (std::size_t i = 0; i < line_words.size(); ++i) {
    if (line_words[i] == word) return static_cast<Line>(i);
  }
  return {};
}

constexpr std::string_view word_of(nat64::Protocol protocol) {
  return telemetry::LabelValues<nat64::Protocol>::values[static_cast<std::size_t>(protocol)];
}
constexpr std::optional<nat64::Protocol> protocol_from_word(std::string_view word) {
  for (std::size_t i = 0; i < nat64::protocol_count; ++i) {
    if (word_of(static_cast<nat64::Protocol>(i)) == word) return static_cast<nat64::Protocol>(i);
  }
  return {};
}

// The structured data of syslog (RFC 5424 6.3.2). 32473 is the enterprise number for examples (RFC 5612): this project
// has none of its own.
inline constexpr std::string_view structured_data_id = "binding@32473";

}  // namespace dragoman::gateway
