// Why a packet is not translated. Nothing is dropped without one, and the list is the label set of a counter.
// To add one: an enumerator, its text in LabelValues at the same place, and its line in docs/nat64.md; then
// `return drop(DropReason::x)` where it happens.
#pragma once

#include <array>
#include <cstdint>

#include "dragoman/telemetry/metric.h"

namespace dragoman::nat64 {

enum class DropReason : std::uint8_t {
  malformed,              // lengths, version or IPv4 header checksum do not fit
  hop_limit,              // TTL or hop limit used up; ICMP tells the sender (RFC 7915 4.1, 5.1)
  source_route,           // an unexpired source route (RFC 7915 4.1), a routing header with segments left (5.1)
  extension_header,       // one behind a Fragment Header, or more of them than anybody needs
  illegal_source,         // a source that no packet may have (RFC 1812 5.3.7, RFC 4291 2.7)
  not_our_prefix,         // IPv6 destination outside every Pref64 (RFC 6146 3.5)
  loop,                   // IPv6 source inside a Pref64 (RFC 6146 3.5)
  not_allowed,            // IPv6 source outside `clients`
  not_our_pool,           // IPv4 destination outside the pool
  denied_destination,     // IPv4 destination that is not to be reached, or that the prefix must not hold (RFC 6052 3.1)
  not_resolved,           // nothing that this DNS64 answered to that client (`only_resolved`)
  unsupported_protocol,   // neither TCP, UDP nor ICMP (RFC 6146 3.4)
  unsupported_icmp,       // a type or code without a counterpart (RFC 7915 4.2, 5.2)
  icmp_error_embedded,    // an ICMP error whose embedded packet cannot be read
  icmp_error_no_session,  // ... or belongs to no session (RFC 5508 4)
  no_binding,             // from IPv4, to a port that nobody has (RFC 6146 3.5)
  filtered,               // from an IPv4 address that the inside never wrote to (address-dependent filtering)
  tcp_without_session,    // neither SYN nor of a known connection (RFC 6146 3.5.2.2)
  syn_unanswered,         // a stored IPv4 SYN that no IPv6 SYN met in time (simultaneous open, RFC 6146 3.5.2.2)
  syn_crossed,            // ... that one met: its purpose is fulfilled (RFC 5382 REQ-4)
  subscriber_ports,       // the subscriber's limit of ports
  subscriber_sessions,    // ... of sessions
  subscriber_rate,        // ... of new sessions a second
  no_port,                // the pool has no port left
  session_table_full,     // max_sessions
  too_big,                // larger than the next link takes, may not be fragmented; ICMP tells (RFC 7915 4.1)
  udp_zero_checksum,      // a fragmented IPv4 datagram without checksum that never was complete (RFC 7915 4.5)
  fragment_timeout,       // the first fragment, or the rest, never came (RFC 6146 3.4)
  fragment_overlap,       // RFC 5722
  fragment_memory,        // too much is being held
  handoff_full,           // the owning worker does not keep up
  offload,                // an offload header that does not fit the packet
};

}  // namespace dragoman::nat64

namespace dragoman::telemetry {
template <>
struct LabelValues<nat64::DropReason> {
  static constexpr std::array<const char*, 32> values{"malformed",
                                                      "hop_limit",
                                                      "source_route",
                                                      "extension_header",
                                                      "illegal_source",
                                                      "not_our_prefix",
                                                      "loop",
                                                      "not_allowed",
                                                      "not_our_pool",
                                                      "denied_destination",
                                                      "not_resolved",
                                                      "unsupported_protocol",
                                                      "unsupported_icmp",
                                                      "icmp_error_embedded",
                                                      "icmp_error_no_session",
                                                      "no_binding",
                                                      "filtered",
                                                      "tcp_without_session",
                                                      "syn_unanswered",
                                                      "syn_crossed",
                                                      "subscriber_ports",
                                                      "subscriber_sessions",
                                                      "subscriber_rate",
                                                      "no_port",
                                                      "session_table_full",
                                                      "too_big",
                                                      "udp_zero_checksum",
                                                      "fragment_timeout",
                                                      "fragment_overlap",
                                                      "fragment_memory",
                                                      "handoff_full",
                                                      "offload"};
};
}  // namespace dragoman::telemetry
