// RFC 7915 4.1, 4.2 but for errors, 4.5.
#include "icmp_mapping.h"
#include "super_packet.h"
#include "translation.h"
#include "transport_translation.h"
#include "wire_headers.h"

namespace dragoman::nat64 {
namespace {

// RFC 6146 3.4, and ICMP whole alone: see six_to_four.cpp.
Step check_kind(const Packet& packet, const Ipv4Headers& headers) {
  const TransportKind kind = headers.transport.kind;
  if (is_tcp_or_udp(kind)) return {};
  if (kind == TransportKind::other) {
    return drop(DropReason::unsupported_protocol, {icmp4::destination_unreachable, icmp4::protocol_unreachable});
  }
  const bool is_translated = kind == TransportKind::icmp_query && headers.fragment.is_whole() &&
                             icmp6_query_of(packet.data[headers.transport_offset]).has_value();
  return is_translated ? Step{} : drop(DropReason::unsupported_icmp);
}

// RFC 7915 4.1: what is fragmented has a Fragment Header, no other packet has.
std::size_t ipv6_size(const Ipv4Headers& headers) {
  return ipv6_header_size + (headers.fragment.is_whole() ? 0 : fragment_header_size);
}

Step check_size(const Ipv4Headers& headers, const Segments& segments, const Options& options) {
  if (!headers.dont_fragment) return {};
  const std::size_t growth = ipv6_size(headers) - ipv4_header_size;
  if (headers.transport_offset + segments.largest + growth <= options.mtu6) return {};
  const auto mtu = static_cast<std::uint32_t>(options.mtu6 - growth);
  return drop(DropReason::too_big, {icmp4::destination_unreachable, icmp4::fragmentation_needed, mtu});
}

bool has_zero_checksum(const Packet& packet, const Ipv4Headers& headers) {
  return headers.transport.kind == TransportKind::udp && headers.fragment.is_first() && !packet.offload.is_partial() &&
         ip::load_word(packet.data + headers.transport_offset + udp_checksum_offset) == 0;
}

// RFC 7915 4.5: IPv6 wants a checksum where IPv4 had none. That of a super-packet is left to whoever cuts it.
void add_udp_checksum(Packet& packet, const Ipv4Headers& headers, ip::WordSum addresses6) {
  const std::uint16_t length = load_u16(packet.data + headers.transport_offset + 4);
  const ip::WordSum pseudo_header = addresses6 + ip::word(length) + ip::word(udp_number);
  const MutableBytes udp(packet.data + headers.transport_offset, length);
  std::uint8_t* field = udp.data() + udp_checksum_offset;
  if (packet.offload.is_super_packet()) {
    ip::store_word(field, ip::fold(pseudo_header));
    packet.offload.flags |= Offload::needs_checksum;
    packet.offload.checksum_offset = udp_checksum_offset;
    return;
  }
  write_checksum(udp, udp_checksum_offset, pseudo_header);
  if (ip::load_word(field) == 0) ip::store_word(field, 0xffff);
}

void translate_query(Packet& packet, MutableBytes icmp, const Tuple6& outgoing, ip::WordSum addresses6) {
  const ip::WordSum added = icmp6_pseudo_header(addresses6, icmp.size());
  const QueryChange change{0, added, *icmp6_query_of(icmp[0]), outgoing.source_port};
  translate_query(icmp.data(), change);
  if (!packet.offload.is_partial()) return;
  write_checksum(icmp, icmp_checksum_offset, added);
  packet.offload = {};
}

void translate_transport(Packet& packet, const Ipv4Headers& headers, const Tuple6& outgoing, const Options& options) {
  const MutableBytes transport(packet.data + headers.transport_offset, headers.transport_size);
  const ip::WordSum addresses6 = ip::sum_of<16>(outgoing.source.data()) + ip::sum_of<16>(outgoing.destination.data());
  if (headers.transport.kind == TransportKind::icmp_query) {
    return translate_query(packet, transport, outgoing, addresses6);
  }
  const ChecksumState state = checksum_state(packet.offload);
  const bool adds_checksum = has_zero_checksum(packet, headers);
  const ip::WordSum addresses4 = ip::sum_of<8>(headers.source);  // the destination lies behind the source
  translate_ports(transport, headers.transport.kind,
                  {addresses4, addresses6, outgoing.source_port, outgoing.destination_port}, state);
  if (adds_checksum) add_udp_checksum(packet, headers, addresses6);
  if (options.tcp_mss != 0 && headers.transport.kind == TransportKind::tcp) {
    clamp_tcp_mss(transport.first(tcp_size(transport.data())), options.tcp_mss, state);
  }
}

}  // namespace

Step four_to_six(Packet& packet, const Ipv4Headers& headers, const Tuple6& outgoing, const Options& options) {
  if (headers.ttl <= 1) return drop(DropReason::hop_limit, {icmp4::time_exceeded, 0});
  if (Step refusal = check_kind(packet, headers)) return refusal;
  const Segments segments =
      segments_of(packet.offload, Bytes(packet.data + headers.transport_offset, headers.transport_size));
  if (Step refusal = check_size(headers, segments, options)) return refusal;
  if (headers.fragment.more && has_zero_checksum(packet, headers)) return drop(DropReason::udp_zero_checksum);

  if (headers.fragment.is_first()) translate_transport(packet, headers, outgoing, options);
  const std::size_t ip_size = ipv6_size(headers);
  const std::uint8_t protocol = headers.protocol == icmp_number ? icmp6_number : headers.protocol;
  const bool has_fragment_header = !headers.fragment.is_whole();
  const Ipv6Fields fields{
      .traffic_class = options.copy_traffic_class ? headers.type_of_service : std::uint8_t{0},
      .payload_length = static_cast<std::uint16_t>(ip_size - ipv6_header_size + headers.transport_size),
      .next_header = has_fragment_header ? fragment_number : protocol,
      .hop_limit = static_cast<std::uint8_t>(headers.ttl - 1),
      .source = outgoing.source,
      .destination = outgoing.destination};

  packet.data += static_cast<std::ptrdiff_t>(headers.transport_offset) - static_cast<std::ptrdiff_t>(ip_size);
  packet.size = ip_size + headers.transport_size;
  write_ipv6(packet.data, fields);
  if (has_fragment_header) write_fragment_header(packet.data + ipv6_header_size, protocol, headers.fragment);
  translate_offload(packet.offload, Offload::tcp6, ip_size, segments);
  return {};
}

}  // namespace dragoman::nat64
