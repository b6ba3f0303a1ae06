// What one NAT64 worker counts. To add one: a field here and a row in describe(); then add() where it happens.
// Written by the worker, read by any thread.
#pragma once

#include <array>
#include <cstdint>

#include "dragoman/nat64/drop_reason.h"
#include "dragoman/nat64/options.h"
#include "dragoman/telemetry/metric.h"

namespace dragoman::nat64 {

enum class Direction : std::uint8_t { six_to_four, four_to_six, hairpin };
// What is counted by protocol beside the three that have tables.
enum class Counted : std::uint8_t { tcp, udp, icmp, icmp_error };
enum class FragmentResult : std::uint8_t { translated, held, reassembled, made };
// Why a packet went to another worker.
enum class HandOff : std::uint8_t {
  steering,  // the device gave it to the wrong queue
  hairpin,   // it turned back to a subscriber of the other worker
  fragment,  // only the ports of the first fragment say whose it is
};

}  // namespace dragoman::nat64

namespace dragoman::telemetry {
template <>
struct LabelValues<nat64::Protocol> {
  static constexpr std::array<const char*, 3> values{"tcp", "udp", "icmp"};
};
template <>
struct LabelValues<nat64::Direction> {
  static constexpr std::array<const char*, 3> values{"6to4", "4to6", "hairpin"};
};
template <>
struct LabelValues<nat64::Counted> {
  static constexpr std::array<const char*, 4> values{"tcp", "udp", "icmp", "icmp_error"};
};
template <>
struct LabelValues<nat64::FragmentResult> {
  static constexpr std::array<const char*, 4> values{"translated", "held", "reassembled", "made"};
};
template <>
struct LabelValues<nat64::HandOff> {
  static constexpr std::array<const char*, 3> values{"steering", "hairpin", "fragment"};
};
}  // namespace dragoman::telemetry

namespace dragoman::nat64 {

struct Metrics {
  // A super-packet counts as one packet here; segments are in tun_segments (gateway).
  telemetry::Counters<Direction, Counted> packets;
  telemetry::Counters<Direction, Counted> bytes;  // as they left
  telemetry::Counters<DropReason> drops;
  telemetry::Gauges<Protocol> sessions;
  telemetry::Gauges<Protocol> bindings;
  telemetry::Counters<Protocol> sessions_created;
  telemetry::Gauge subscribers;
  telemetry::Counter icmp_errors;             // made here
  telemetry::Counter icmp_errors_suppressed;  // not made, by the rate limit
  telemetry::Counters<FragmentResult> fragments;
  telemetry::Counters<HandOff> handed_off;
  telemetry::Counter paired_elsewhere;  // hosts that had to take ports of a second address

  template <class Visitor>
  void describe(Visitor& visit) const {
    visit(packets, "dragoman_nat64_packets_total", "Packets translated.", "direction", "protocol");
    visit(bytes, "dragoman_nat64_bytes_total", "Octets of translated packets, as they left.", "direction", "protocol");
    visit(drops, "dragoman_nat64_drops_total", "Packets not translated, by the reason (docs/nat64.md).", "reason");
    visit(sessions, "dragoman_nat64_sessions", "Sessions (RFC 6146 3.2).", "protocol");
    visit(bindings, "dragoman_nat64_bib_entries", "Bindings (RFC 6146 3.1).", "protocol");
    visit(sessions_created, "dragoman_nat64_sessions_created_total", "Sessions begun.", "protocol");
    visit(subscribers, "dragoman_nat64_subscribers", "Subscribers that hold port blocks or bindings.");
    visit(icmp_errors, "dragoman_nat64_icmp_errors_total", "ICMP errors that the NAT64 made.");
    visit(icmp_errors_suppressed, "dragoman_nat64_icmp_errors_suppressed_total",
          "... and that its rate limit kept back.");
    visit(fragments, "dragoman_nat64_fragments_total", "Fragments, by what was done with them.", "result");
    visit(handed_off, "dragoman_nat64_handoff_total", "Packets passed to the worker that owns their subscriber.",
          "reason");
    visit(paired_elsewhere, "dragoman_nat64_unpaired_hosts_total",
          "Hosts that had to use a second address, because the first had no port left.");
  }
};

}  // namespace dragoman::nat64
