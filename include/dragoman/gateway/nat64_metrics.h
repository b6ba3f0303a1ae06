// What is counted about the NAT64's device, beside what its translators count (nat64/metrics.h). One of each worker,
// written by it, read by any thread. To add one: a field and its row in describe().
#pragma once

#include <array>
#include <cstdint>

#include "dragoman/telemetry/metric.h"

namespace dragoman::gateway {

// Why a packet that was translated did not get out.
enum class WriteFailure : std::uint8_t {
  no_room,   // the kernel takes no more now
  rejected,  // it does not believe the packet, and segmenting it did not help
  down,      // the interface is down or gone
  failed
};
// Why a packet was not read.
enum class ReadFailure : std::uint8_t {
  too_long,  // it does not fit the largest that there may be
  down,      // the interface is down or gone
  failed
};
enum class PacketKind : std::uint8_t { single, super };

}  // namespace dragoman::gateway

namespace dragoman::telemetry {
template <>
struct LabelValues<gateway::WriteFailure> {
  static constexpr std::array<const char*, 4> values{"no_room", "rejected", "down", "failed"};
};
template <>
struct LabelValues<gateway::ReadFailure> {
  static constexpr std::array<const char*, 3> values{"too_long", "down", "failed"};
};
template <>
struct LabelValues<gateway::PacketKind> {
  static constexpr std::array<const char*, 2> values{"single", "super"};
};
}  // namespace dragoman::telemetry

namespace dragoman::gateway {

struct TunMetrics {
  telemetry::Counters<PacketKind> reads;
  telemetry::Counter read_bytes;
  telemetry::Counter turns;  // wake-ups that found packets
  telemetry::Counters<ReadFailure> read_failures;
  telemetry::Counters<WriteFailure> write_failures;
  telemetry::Counter offload_rejections;  // super-packets that the kernel refused, and that were segmented here
  telemetry::Counter segments_made;

  template <class Visitor>
  void describe(Visitor& visit) const {
    visit(reads, "dragoman_nat64_tun_reads_total", "Packets read from the device; super: several segments in one.",
          "kind");
    visit(read_bytes, "dragoman_nat64_tun_read_bytes_total", "Octets read from the device.");
    visit(turns, "dragoman_nat64_tun_turns_total",
          "Wake-ups of workers that found packets: reads / turns is the size of a batch.");
    visit(read_failures, "dragoman_nat64_tun_read_failures_total", "Packets that could not be read from the device.",
          "reason");
    visit(write_failures, "dragoman_nat64_tun_write_failures_total", "Translated packets that the device did not take.",
          "reason");
    visit(offload_rejections, "dragoman_nat64_tun_offload_rejections_total",
          "Super-packets that the kernel refused; they were segmented by the program.");
    visit(segments_made, "dragoman_nat64_tun_segments_total", "Segments that the program made of super-packets.");
  }
};

}  // namespace dragoman::gateway
