// IPv4 and its options (RFC 791 3.1; RFC 7915 4.1).
#include "headers.h"
#include "icmp_extension.h"
#include "icmp_mapping.h"
#include "transport_header.h"
#include "wire_headers.h"

namespace dragoman::nat64 {
namespace {

constexpr std::uint8_t end_of_options = 0;
constexpr std::uint8_t no_operation = 1;
constexpr std::uint8_t loose_source_route = 131;
constexpr std::uint8_t strict_source_route = 137;

// RFC 7915 4.1: options are ignored, but for a source route that is not used up.
Step check_options(const std::uint8_t* header, std::size_t header_size) {
  std::size_t at = ipv4_header_size;
  while (at < header_size && header[at] != end_of_options) {
    if (header[at] == no_operation) {
      ++at;
      continue;
    }
    const std::size_t size = at + 1 < header_size ? header[at + 1] : 0;
    if (size < 2 || at + size > header_size) {  // RFC 1812 5.3.1, 4.3.3.5
      return drop(DropReason::malformed, {icmp4::parameter_problem, 0, static_cast<std::uint32_t>(at)});
    }
    const bool is_source_route = header[at] == loose_source_route || header[at] == strict_source_route;
    if (is_source_route && size >= 3 && header[at + 2] <= size) {
      return drop(DropReason::source_route, {icmp4::destination_unreachable, icmp4::source_route_failed});
    }
    at += size;
  }
  return {};
}

bool has_right_checksum(const std::uint8_t* header, std::size_t size) {
  return ip::fold(size == ipv4_header_size ? ip::sum_of<ipv4_header_size>(header) : ip::sum_words(header, size)) ==
         0xffff;
}

void read_fixed_header(const std::uint8_t* header, Ipv4Headers& headers) {
  headers.source = header + 12;
  headers.destination = header + 16;
  headers.type_of_service = header[1];
  headers.ttl = header[8];
  headers.protocol = header[9];
  const std::uint16_t word = load_u16(header + 6);
  headers.dont_fragment = (word & dont_fragment_bit) != 0;
  headers.fragment = {.id = load_u16(header + 4),
                      .offset = static_cast<std::uint16_t>(word << 3),
                      .more = (word & more_fragments_bit) != 0};
}

bool can_be_a_fragment(const Ipv4Headers& headers) {
  if (headers.fragment.is_whole()) return true;
  if (headers.transport_size == 0 || (headers.fragment.more && headers.transport_size % 8 != 0)) return false;
  return headers.transport_offset + headers.fragment.offset + headers.transport_size <= largest_ip_packet;
}

}  // namespace

Step read_ipv4(Packet& packet, Ipv4Headers& headers) {
  headers = {};
  if (packet.size < ipv4_header_size || packet.data[0] >> 4 != 4) return drop(DropReason::malformed);
  const std::size_t header_size = std::size_t{4} * (packet.data[0] & 15);
  const std::size_t size = load_u16(packet.data + 2);
  if (header_size < ipv4_header_size || header_size > size || size > packet.size) return drop(DropReason::malformed);
  if (!has_right_checksum(packet.data, header_size)) return drop(DropReason::malformed);
  read_fixed_header(packet.data, headers);
  headers.transport_offset = header_size;
  headers.transport_size = size - header_size;
  if (!can_be_a_fragment(headers)) return drop(DropReason::malformed);

  const TransportPlace place{Family::ipv4, headers.protocol, headers.transport_offset, headers.transport_size,
                             headers.fragment};
  if (Step refusal = read_transport(packet, place, headers.transport)) return refusal;
  if (header_size > ipv4_header_size) {
    if (Step refusal = check_options(packet.data, header_size)) return refusal;
  }
  packet.size = size;
  return {};
}

Step read_embedded_ipv4(const Packet& packet, const Ipv4Headers& outer, Ipv4Headers& embedded) {
  embedded = {};
  const Bytes message(packet.data + outer.transport_offset, outer.transport_size);
  Bytes octets = parts_of(Family::ipv4, message).datagram;
  if (octets.size() < ipv4_header_size || octets[0] >> 4 != 4) return drop(DropReason::icmp_error_embedded);
  const std::size_t header_size = std::size_t{4} * (octets[0] & 15);
  const std::size_t size = load_u16(octets.data() + 2);
  if (octets.size() > size) octets = octets.first(size);
  if (header_size < ipv4_header_size || header_size > octets.size()) return drop(DropReason::icmp_error_embedded);
  read_fixed_header(octets.data(), embedded);
  if (!embedded.fragment.is_first()) return drop(DropReason::icmp_error_embedded);
  embedded.transport_offset = static_cast<std::size_t>(octets.data() - packet.data) + header_size;
  embedded.transport_size = octets.size() - header_size;
  return read_embedded_transport(octets.subspan(header_size), Family::ipv4, embedded.protocol, embedded.transport);
}

}  // namespace dragoman::nat64
