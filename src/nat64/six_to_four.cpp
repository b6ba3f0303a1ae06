// RFC 7915 5.1, 5.1.1, 5.2 but for errors, 5.5.
#include <algorithm>

#include "icmp_mapping.h"
#include "super_packet.h"
#include "translation.h"
#include "transport_translation.h"
#include "wire_headers.h"

namespace dragoman::nat64 {
namespace {

// RFC 6146 3.4: a stateful translator has nothing for other protocols. ICMP is translated whole alone, because ICMPv6
// has its length in the checksum.
Step check_kind(const Packet& packet, const Ipv6Headers& headers) {
  const TransportKind kind = headers.transport.kind;
  if (is_tcp_or_udp(kind)) return {};
  if (kind == TransportKind::other) {
    return drop(DropReason::unsupported_protocol, {icmp6::destination_unreachable, icmp6::port_unreachable});
  }
  const bool is_translated = kind == TransportKind::icmp_query && headers.fragment.is_whole() &&
                             icmp4_query_of(packet.data[headers.transport_offset]).has_value();
  return is_translated ? Step{} : drop(DropReason::unsupported_icmp);
}

// RFC 7915 5.1: IPv4 routers may fragment what is small, and what was a fragment (5.1.1).
bool may_be_fragmented(const Ipv6Headers& headers, const Segments& segments) {
  return headers.fragment.has_header || ipv4_header_size + segments.largest <= largest_without_df;
}

Step check_size(const Ipv6Headers& headers, const Segments& segments, const Options& options) {
  const std::size_t end = ipv4_header_size + headers.fragment.offset + headers.transport_size;
  const bool fits_link = ipv4_header_size + segments.largest <= options.mtu4 || may_be_fragmented(headers, segments);
  if (fits_link && end <= largest_ip_packet) return {};
  const std::uint32_t mtu = std::max<std::uint32_t>(lowest_ipv6_mtu, options.mtu4 + 20U);
  return drop(DropReason::too_big, {icmp6::packet_too_big, 0, mtu});
}

void translate_transport(Packet& packet, const Ipv6Headers& headers, const Tuple4& outgoing, const Options& options) {
  const MutableBytes transport(packet.data + headers.transport_offset, headers.transport_size);
  const ip::WordSum addresses6 = ip::sum_of<32>(headers.source);  // the destination lies behind the source
  if (headers.transport.kind == TransportKind::icmp_query) {
    const ip::WordSum removed = icmp6_pseudo_header(addresses6, transport.size());
    const QueryChange change{removed, 0, *icmp4_query_of(transport[0]), outgoing.source_port};
    translate_query(transport.data(), change);
    if (packet.offload.is_partial()) {  // ICMPv4 has no pseudo-header that a partial checksum could be of
      write_checksum(transport, icmp_checksum_offset, 0);
      packet.offload = {};
    }
    return;
  }
  const ip::WordSum addresses4 = ip::sum_of<4>(outgoing.source.data()) + ip::sum_of<4>(outgoing.destination.data());
  const ChecksumState state = checksum_state(packet.offload);
  translate_ports(transport, headers.transport.kind,
                  {addresses6, addresses4, outgoing.source_port, outgoing.destination_port}, state);
  if (options.tcp_mss != 0 && headers.transport.kind == TransportKind::tcp) {
    clamp_tcp_mss(transport.first(tcp_size(transport.data())), options.tcp_mss, state);
  }
}

Ipv4Fields ipv4_fields(const Ipv6Headers& headers, const Tuple4& outgoing, const Options& options) {
  return {.type_of_service = options.copy_traffic_class ? headers.traffic_class : std::uint8_t{0},
          .total_length = static_cast<std::uint16_t>(ipv4_header_size + headers.transport_size),
          .ttl = static_cast<std::uint8_t>(headers.hop_limit - 1),
          .protocol = headers.protocol == icmp6_number ? icmp_number : headers.protocol,
          .source = outgoing.source,
          .destination = outgoing.destination};
}

}  // namespace

Step six_to_four(Packet& packet, const Ipv6Headers& headers, const Tuple4& outgoing, Identification& identification,
                 const Options& options) {
  if (headers.hop_limit <= 1) return drop(DropReason::hop_limit, {icmp6::time_exceeded, 0});
  if (Step refusal = check_kind(packet, headers)) return refusal;
  const Segments segments =
      segments_of(packet.offload, Bytes(packet.data + headers.transport_offset, headers.transport_size));
  if (Step refusal = check_size(headers, segments, options)) return refusal;

  Ipv4Fields fields = ipv4_fields(headers, outgoing, options);
  if (headers.fragment.has_header) {
    fields.id = static_cast<std::uint16_t>(headers.fragment.id);
    fields.flags_and_offset = ipv4_flags_and_offset(headers.fragment);
  } else if (may_be_fragmented(headers, segments)) {
    fields.id = identification.take(segments.count);  // the device numbers the segments from here on
  } else {
    fields.id = identification.take();
    fields.flags_and_offset = dont_fragment_bit;
  }
  if (headers.fragment.is_first()) translate_transport(packet, headers, outgoing, options);

  packet.data += headers.transport_offset - ipv4_header_size;
  packet.size = fields.total_length;
  write_ipv4(packet.data, fields);
  translate_offload(packet.offload, Offload::tcp4, ipv4_header_size, segments);
  return {};
}

}  // namespace dragoman::nat64
