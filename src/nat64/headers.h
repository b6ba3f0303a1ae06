// What one look at a packet finds: the headers that translation and the tables need, with their bounds checked
// (RFC 8200 4, RFC 791 3.1). Pointers lead into the packet. Pure.
#pragma once

#include <cstdint>

#include "dragoman/nat64/options.h"
#include "dragoman/nat64/packet.h"
#include "refusal.h"

namespace dragoman::nat64 {

// Protocol and Next Header numbers.
inline constexpr std::uint8_t icmp_number = 1;
inline constexpr std::uint8_t tcp_number = 6;
inline constexpr std::uint8_t udp_number = 17;
inline constexpr std::uint8_t icmp6_number = 58;

struct Fragmentation {
  std::uint32_t id = 0;
  std::uint16_t offset = 0;  // in octets
  bool more = false;
  bool has_header = false;  // IPv6: that there is a Fragment Header, maybe of a whole packet (atomic)

  bool is_whole() const { return offset == 0 && !more; }
  bool is_first() const { return offset == 0; }
};

// What the transport header says that a tuple is made of (RFC 6146 3.4). A fragment other than the first has none: its
// ports are zero, its kind is tcp or udp by its protocol, and other_icmp for ICMP.
enum class TransportKind : std::uint8_t {
  tcp,
  udp,
  icmp_query,  // ports are both the identifier
  icmp_error,
  other_icmp,  // informational, without a counterpart: RFC 7915 4.2, 5.2 drop it
  other
};
struct Transport {
  TransportKind kind = TransportKind::other;
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
};

struct Ipv6Headers {
  const std::uint8_t* source = nullptr;
  const std::uint8_t* destination = nullptr;
  std::uint8_t traffic_class = 0;
  std::uint8_t hop_limit = 0;
  std::uint8_t protocol = 0;         // the last Next Header
  std::size_t transport_offset = 0;  // from packet.data
  std::size_t transport_size = 0;    // octets of it in this packet
  Fragmentation fragment;
  Transport transport;
};

struct Ipv4Headers {
  const std::uint8_t* source = nullptr;
  const std::uint8_t* destination = nullptr;
  std::uint8_t type_of_service = 0;
  std::uint8_t ttl = 0;
  std::uint8_t protocol = 0;
  bool dont_fragment = false;
  std::size_t transport_offset = 0;
  std::size_t transport_size = 0;
  Fragmentation fragment;
  Transport transport;
};

// The whole packet: version, lengths (octets behind the IP length are cut off: packet.size is lowered), extension
// headers and options, IPv4 header checksum, room for the transport header in a first fragment.
// Refusals: malformed, extension_header, source_route (with what to tell, R21, R31), offload (an offload header that
// does not fit: kind against protocol and version, checksum_start against transport_offset, segment_size of zero).
// Not looked at: hop limit, addresses, transport checksums. What is known by then is in `headers` after a refusal, too:
// where it is to be told, the addresses, and whether the packet may be told of (may_be_told() of translation.h).
Step read_ipv6(Packet& packet, Ipv6Headers& headers);
Step read_ipv4(Packet& packet, Ipv4Headers& headers);

// The packet inside an ICMP error whose outer headers are `outer` (RFC 6146 3.4; RFC 7915 4.3, 5.3). It may be cut
// anywhere behind its ports; its checksums are not looked at. transport_size is what is there of it.
// Refusals: icmp_error_embedded (too short, a fragment other than the first, or neither TCP, UDP nor an ICMP query, an
// ICMP error itself for one: dropped in silence).
Step read_embedded_ipv6(const Packet& packet, const Ipv6Headers& outer, Ipv6Headers& embedded);
Step read_embedded_ipv4(const Packet& packet, const Ipv4Headers& outer, Ipv4Headers& embedded);

}  // namespace dragoman::nat64
