// Translating transport headers in place (RFC 7915 4.2, 4.5, 5.2, 5.5; RFC 6146 3.6). Checksums are updated, not
// computed anew, so that a packet that came damaged leaves damaged. Pure.
#pragma once

#include <cstdint>

#include "dragoman/base/bytes.h"
#include "dragoman/ip/checksum.h"
#include "transport_header.h"

namespace dragoman::nat64 {

// What a checksum field holds: see Offload::needs_checksum.
enum class ChecksumState : std::uint8_t { full, partial };

inline ChecksumState checksum_state(const Offload& offload) {
  return offload.is_partial() ? ChecksumState::partial : ChecksumState::full;
}

// What replaces what: sums of the addresses in the pseudo-headers, and the outgoing ports.
struct TransportChange {
  ip::WordSum removed = 0;
  ip::WordSum added = 0;
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
};

// TCP or UDP. `transport` may end behind the ports, in an ICMP error; else it has the checksum field. A UDP checksum of
// zero, none, stays.
void translate_ports(MutableBytes transport, TransportKind kind, const TransportChange& change, ChecksumState state);

// The sum of the pseudo-header that ICMPv6 has and ICMPv4 has not (RFC 8200 8.1). `size`: of the ICMP message.
inline ip::WordSum icmp6_pseudo_header(ip::WordSum addresses, std::size_t size) {
  return addresses + ip::word(static_cast<std::uint16_t>(size)) + ip::word(icmp6_number);
}

// An echo message's type, identifier and checksum. `removed` and `added`: sums of the pseudo-headers.
struct QueryChange {
  ip::WordSum removed = 0;
  ip::WordSum added = 0;
  std::uint8_t type = 0;
  std::uint16_t id = 0;
};
void translate_query(std::uint8_t* icmp, const QueryChange& change);

// Computes a checksum over `transport` and a pseudo-header, whatever the field holds.
void write_checksum(MutableBytes transport, std::size_t checksum_offset, ip::WordSum pseudo_header);

// Lowers the MSS option of a SYN to `limit` (RFC 9293 3.7.1). `tcp`: the whole header.
void clamp_tcp_mss(MutableBytes tcp, std::uint16_t limit, ChecksumState state);

}  // namespace dragoman::nat64
