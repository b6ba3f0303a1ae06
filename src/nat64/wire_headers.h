// Writing IP and ICMP headers (RFC 791 3.1, RFC 792, RFC 4443 2.1, RFC 8200 3, 4.5). Where they are written may be
// where their values came from: all values are copies. Pure.
#pragma once

#include <cstdint>
#include <cstring>

#include "dragoman/base/bytes.h"
#include "dragoman/ip/address.h"
#include "dragoman/ip/checksum.h"
#include "headers.h"
#include "icmp_mapping.h"

namespace dragoman::nat64 {

inline constexpr std::size_t ipv4_header_size = 20;  // without options
inline constexpr std::size_t ipv6_header_size = 40;
inline constexpr std::size_t fragment_header_size = 8;
inline constexpr std::uint8_t fragment_number = 44;
inline constexpr std::size_t lowest_ipv6_mtu = 1280;  // of every IPv6 link (RFC 8200 5)
inline constexpr std::size_t largest_ip_packet = 65535;
// What RFC 7915 5.1 lets IPv4 routers fragment: translated back it fits every IPv6 link.
inline constexpr std::size_t largest_without_df = lowest_ipv6_mtu - 20;

inline constexpr std::uint16_t dont_fragment_bit = 0x4000;
inline constexpr std::uint16_t more_fragments_bit = 0x2000;

struct Ipv4Fields {
  std::uint8_t type_of_service = 0;
  std::uint16_t total_length = 0;
  std::uint16_t id = 0;
  std::uint16_t flags_and_offset = 0;
  std::uint8_t ttl = 0;
  std::uint8_t protocol = 0;
  ip::Ipv4Octets source{};
  ip::Ipv4Octets destination{};
};

// The offset is in octets here, in units of eight on the wire.
inline std::uint16_t ipv4_flags_and_offset(const Fragmentation& fragment) {
  return static_cast<std::uint16_t>((fragment.more ? more_fragments_bit : 0) | fragment.offset >> 3);
}

// In words of four octets, whose checksum is known before they are in memory: to read back at once what was written in
// smaller pieces stalls the processor.
inline void write_ipv4(std::uint8_t* at, const Ipv4Fields& fields) {
  const std::uint32_t service_and_length =
      0x45000000U | static_cast<std::uint32_t>(fields.type_of_service) << 16 | fields.total_length;
  const std::uint32_t fragmentation = static_cast<std::uint32_t>(fields.id) << 16 | fields.flags_and_offset;
  const std::uint32_t ttl_and_protocol =
      static_cast<std::uint32_t>(fields.ttl) << 24 | static_cast<std::uint32_t>(fields.protocol) << 16;
  const std::uint32_t source = load_u32(fields.source.data());
  const std::uint32_t destination = load_u32(fields.destination.data());
  const ip::WordSum sum = ip::WordSum{service_and_length} + fragmentation + ttl_and_protocol + source + destination;
  store_u32(at, service_and_length);
  store_u32(at + 4, fragmentation);
  store_u32(at + 8, ttl_and_protocol | ip::checksum_of(sum));
  store_u32(at + 12, source);
  store_u32(at + 16, destination);
}

struct Ipv6Fields {
  std::uint8_t traffic_class = 0;
  std::uint16_t payload_length = 0;
  std::uint8_t next_header = 0;
  std::uint8_t hop_limit = 0;
  ip::Ipv6Octets source{};
  ip::Ipv6Octets destination{};
};

// The flow label is zero (RFC 7915 4.1).
inline void write_ipv6(std::uint8_t* at, const Ipv6Fields& fields) {
  store_u32(at, 0x60000000U | static_cast<std::uint32_t>(fields.traffic_class) << 20);
  store_u16(at + 4, fields.payload_length);
  at[6] = fields.next_header;
  at[7] = fields.hop_limit;
  std::memcpy(at + 8, fields.source.data(), 16);
  std::memcpy(at + 24, fields.destination.data(), 16);
}

inline void write_fragment_header(std::uint8_t* at, std::uint8_t next_header, const Fragmentation& fragment) {
  at[0] = next_header;
  at[1] = 0;
  store_u16(at + 2, static_cast<std::uint16_t>(fragment.offset | (fragment.more ? 1 : 0)));
  store_u32(at + 4, fragment.id);
}

// The first 8 octets of an ICMP error but for the checksum.
inline void write_icmp4_error(std::uint8_t* icmp, const IcmpError& error) {
  icmp[0] = error.type;
  icmp[1] = error.code;
  store_u32(icmp + 4, error.argument);  // the MTU is in the low half
  if (error.type == icmp4::parameter_problem) store_u32(icmp + 4, error.argument << 24);
}
inline void write_icmp6_error(std::uint8_t* icmp, const IcmpError& error) {
  icmp[0] = error.type;
  icmp[1] = error.code;
  store_u32(icmp + 4, error.argument);
}

}  // namespace dragoman::nat64
