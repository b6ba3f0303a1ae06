// Reading transport headers: kind, ports and identifiers, and whether an offload header fits them. One job for both
// families; ipv6_headers.cpp and ipv4_headers.cpp say where the header lies. Pure.
#pragma once

#include <cstdint>

#include "dragoman/base/bytes.h"
#include "headers.h"

namespace dragoman::nat64 {

enum class Family : std::uint8_t { ipv4, ipv6 };

inline constexpr std::size_t tcp_header_size = 20;  // without options
inline constexpr std::size_t udp_header_size = 8;
inline constexpr std::size_t icmp_header_size = 8;
inline constexpr std::size_t tcp_checksum_offset = 16;
inline constexpr std::size_t udp_checksum_offset = 6;
inline constexpr std::size_t icmp_checksum_offset = 2;
inline constexpr std::size_t icmp_id_offset = 4;

// Behind the IP headers, with their bounds checked.
struct TransportPlace {
  Family family = Family::ipv6;
  std::uint8_t protocol = 0;
  std::size_t offset = 0;  // from packet.data
  std::size_t size = 0;    // octets of it in this packet
  Fragmentation fragment;
};

inline bool is_tcp_or_udp(TransportKind kind) { return kind == TransportKind::tcp || kind == TransportKind::udp; }

// Options included. There is room for it.
inline std::size_t tcp_size(const std::uint8_t* tcp) { return std::size_t{4} * (tcp[12] >> 4); }

// Refusals: malformed, offload. In a fragment other than the first there is no header: `kind` is tcp or udp then, or
// other_icmp.
Step read_transport(const Packet& packet, const TransportPlace& place, Transport& transport);

// What an ICMP error has of the packet that it is about. Refusal: icmp_error_embedded, for everything that is not the
// beginning of TCP, UDP or an ICMP query.
Step read_embedded_transport(Bytes octets, Family family, std::uint8_t protocol, Transport& transport);

}  // namespace dragoman::nat64
