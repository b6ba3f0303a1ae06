// The NAT64's own ICMP errors (RFC 4443 2.4, 3; RFC 792; RFC 1812 4.3.2).
#include <algorithm>
#include <cstring>

#include "icmp_mapping.h"
#include "translation.h"
#include "transport_translation.h"
#include "wire_headers.h"

namespace dragoman::nat64 {
namespace {

constexpr std::uint8_t own_hop_limit = 64;
constexpr std::size_t largest_icmp4_error = 576;        // RFC 1812 4.3.2.3
constexpr std::uint8_t internetwork_control = 6U << 5;  // RFC 1812 4.3.2.5

// RFC 4443 2.4 (e.1, e.2), RFC 1812 4.3.2.7: of ICMP, queries alone may cause an error. Others are errors, or may be
// redirects.
template <class Headers>
bool is_told_of(const Headers& headers, std::uint8_t icmp) {
  if (!headers.fragment.is_first()) return false;
  return headers.protocol != icmp || headers.transport.kind == TransportKind::icmp_query;
}

// RFC 4443 2.4 (e.3, e.6).
bool is_one_node(const std::uint8_t* address6) {
  static constexpr std::uint8_t zeros[15] = {};
  const bool is_unspecified_or_loopback = std::memcmp(address6, zeros, 15) == 0 && address6[15] <= 1;
  return address6[0] != 0xff && !is_unspecified_or_loopback;
}

// RFC 1812 4.3.2.7: neither multicast nor broadcast, of this network, loopback nor reserved.
bool is_one_host(const std::uint8_t* address4) { return address4[0] != 0 && address4[0] != 127 && address4[0] < 224; }

// As much of the packet as is behind its length and fits.
std::size_t quoted_size(const Packet& offending, std::size_t ip_length, std::size_t space) {
  return std::min({offending.size, ip_length, space});
}

Packet in_room(std::span<std::uint8_t> room, std::size_t size) {
  return {.data = room.data() + Packet::headroom, .size = size, .offload = {}};
}

}  // namespace

bool may_be_told(const Ipv6Headers& headers) {
  return is_told_of(headers, icmp6_number) && is_one_node(headers.source) && headers.destination[0] != 0xff;
}

bool may_be_told(const Ipv4Headers& headers) {
  return is_told_of(headers, icmp_number) && is_one_host(headers.source) && headers.destination[0] < 224;
}

Packet make_icmp6_error(std::span<std::uint8_t> room, const Packet& offending, const Ipv6Headers& headers,
                        const ip::Ipv6Octets& source, const IcmpError& error) {
  const std::size_t space = lowest_ipv6_mtu - ipv6_header_size - icmp_header_size;
  const std::size_t quoted = quoted_size(offending, ipv6_header_size + load_u16(offending.data + 4), space);
  Packet packet = in_room(room, ipv6_header_size + icmp_header_size + quoted);
  Ipv6Fields fields{.payload_length = static_cast<std::uint16_t>(icmp_header_size + quoted),
                    .next_header = icmp6_number,
                    .hop_limit = own_hop_limit,
                    .source = source};
  std::memcpy(fields.destination.data(), headers.source, 16);
  write_ipv6(packet.data, fields);
  const MutableBytes message(packet.data + ipv6_header_size, icmp_header_size + quoted);
  write_icmp6_error(message.data(), error);
  std::memcpy(&message[icmp_header_size], offending.data, quoted);
  write_checksum(message, icmp_checksum_offset, icmp6_pseudo_header(ip::sum_of<32>(packet.data + 8), message.size()));
  return packet;
}

Packet make_icmp4_error(std::span<std::uint8_t> room, const Packet& offending, const Ipv4Headers& headers,
                        const ip::Ipv4Octets& source, const IcmpError& error) {
  const std::size_t space = largest_icmp4_error - ipv4_header_size - icmp_header_size;
  const std::size_t quoted = quoted_size(offending, load_u16(offending.data + 2), space);
  Packet packet = in_room(room, ipv4_header_size + icmp_header_size + quoted);
  Ipv4Fields fields{.type_of_service = internetwork_control,
                    .total_length = static_cast<std::uint16_t>(packet.size),
                    .flags_and_offset = dont_fragment_bit,  // so that the id may be any (RFC 6864 4.1)
                    .ttl = own_hop_limit,
                    .protocol = icmp_number,
                    .source = source};
  std::memcpy(fields.destination.data(), headers.source, 4);
  write_ipv4(packet.data, fields);
  const MutableBytes message(packet.data + ipv4_header_size, icmp_header_size + quoted);
  write_icmp4_error(message.data(), error);
  std::memcpy(&message[icmp_header_size], offending.data, quoted);
  write_checksum(message, icmp_checksum_offset, 0);
  return packet;
}

}  // namespace dragoman::nat64
