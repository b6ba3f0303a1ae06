// ICMPv6 errors become ICMPv4 errors (RFC 7915 5.2, 5.3; RFC 4884; RFC 6791 4).
#include <array>
#include <cstring>

#include "icmp_extension.h"
#include "icmp_mapping.h"
#include "translation.h"
#include "transport_translation.h"
#include "wire_headers.h"

namespace dragoman::nat64 {
namespace {

// The message is built here and copied back, because it may grow: RFC 4884 wants 128 octets in front of an extension.
constexpr std::size_t largest_message = largest_without_df - ipv4_header_size;
using Room = std::array<std::uint8_t, largest_message>;

IcmpError read_error(const std::uint8_t* icmp) { return {icmp[0], icmp[1], load_u32(icmp + 4)}; }

// RFC 5508 REQ-3: damaged errors are dropped in silence.
bool is_intact(const Packet& packet, const Ipv6Headers& outer) {
  if (packet.offload.is_partial()) return true;
  const ip::WordSum pseudo_header = icmp6_pseudo_header(ip::sum_of<32>(outer.source), outer.transport_size);
  return ip::fold(pseudo_header + ip::sum_words(packet.data + outer.transport_offset, outer.transport_size)) == 0xffff;
}

// Of the embedded packet's transport header and payload, also what the error has not of it.
std::size_t original_size(const Packet& packet, const Ipv6Headers& outer, const Ipv6Headers& embedded) {
  const std::size_t header = outer.transport_offset + icmp_header_size;
  return header + ipv6_header_size + load_u16(packet.data + header + 4) - embedded.transport_offset;
}

// RFC 7915 5.3: as any packet, but the hop limit stays.
Ipv4Fields embedded_fields(const Ipv6Headers& embedded, std::size_t size, const Tuple4& tuple, const Options& options) {
  const std::size_t total = std::min(ipv4_header_size + size, largest_ip_packet);
  Ipv4Fields fields{.type_of_service = options.copy_traffic_class ? embedded.traffic_class : std::uint8_t{0},
                    .total_length = static_cast<std::uint16_t>(total),
                    .flags_and_offset = total > largest_without_df ? dont_fragment_bit : std::uint16_t{0},
                    .ttl = embedded.hop_limit,
                    .protocol = embedded.protocol == icmp6_number ? icmp_number : embedded.protocol,
                    .source = tuple.source,
                    .destination = tuple.destination};
  if (embedded.fragment.has_header) {
    fields.id = static_cast<std::uint16_t>(embedded.fragment.id);
    fields.flags_and_offset = ipv4_flags_and_offset(embedded.fragment);
  }
  return fields;
}

// `transport`: what there is of it, a copy. `size`: all of it.
void translate_embedded_transport(MutableBytes transport, const Ipv6Headers& embedded, std::size_t size,
                                  const Tuple4& tuple) {
  const ip::WordSum addresses6 = ip::sum_of<32>(embedded.source);
  if (embedded.transport.kind == TransportKind::icmp_query) {
    const ip::WordSum removed = icmp6_pseudo_header(addresses6, size);
    return translate_query(transport.data(), {removed, 0, *icmp4_query_of(transport[0]), tuple.source_port});
  }
  const ip::WordSum addresses4 = ip::sum_of<4>(tuple.source.data()) + ip::sum_of<4>(tuple.destination.data());
  translate_ports(transport, embedded.transport.kind,
                  {addresses6, addresses4, tuple.source_port, tuple.destination_port}, ChecksumState::full);
}

// Writes the translated packet that the error is about; returns what was written, as much as there is and fits.
std::size_t write_embedded(MutableBytes room, const Packet& packet, const Ipv6Headers& embedded,
                           const Ipv4Fields& fields, const Tuple4& tuple) {
  const std::size_t size = std::min(embedded.transport_size, room.size() - ipv4_header_size);
  const MutableBytes transport = room.subspan(ipv4_header_size, size);
  std::memcpy(transport.data(), packet.data + embedded.transport_offset, size);
  translate_embedded_transport(transport, embedded, fields.total_length - ipv4_header_size, tuple);
  write_ipv4(room.data(), fields);
  return ipv4_header_size + size;
}

Ipv4Fields outer_fields(const Ipv6Headers& outer, const ErrorTuple4& outgoing, const Options& options) {
  return {.type_of_service = options.copy_traffic_class ? outer.traffic_class : std::uint8_t{0},
          .id = outer.fragment.has_header ? static_cast<std::uint16_t>(outer.fragment.id) : outgoing.id,
          .ttl = static_cast<std::uint8_t>(outer.hop_limit - 1),
          .protocol = icmp_number,
          .source = outgoing.source,
          .destination = outgoing.destination};
}

}  // namespace

Step error_six_to_four(Packet& packet, const Ipv6Headers& outer, const Ipv6Headers& embedded,
                       const ErrorTuple4& outgoing, const Options& options) {
  if (outer.hop_limit <= 1) return drop(DropReason::hop_limit);
  if (outer.transport.kind != TransportKind::icmp_error || !outer.fragment.is_whole()) {
    return drop(DropReason::unsupported_icmp);
  }
  if (!is_intact(packet, outer)) return drop(DropReason::malformed);
  std::optional<IcmpError> error = icmp4_error_of(read_error(packet.data + outer.transport_offset));
  if (!error) return drop(DropReason::unsupported_icmp);
  if (error->type == icmp4::destination_unreachable && error->code == icmp4::fragmentation_needed) {
    error->argument = icmp4_mtu_of(error->argument, options);
  }

  Room room;
  write_icmp4_error(room.data(), *error);
  const std::size_t size = original_size(packet, outer, embedded);
  const std::size_t written =
      write_embedded(MutableBytes(room).subspan(icmp_header_size), packet, embedded,
                     embedded_fields(embedded, size, outgoing.embedded, options), outgoing.embedded);
  const Bytes message(packet.data + outer.transport_offset, outer.transport_size);
  const IcmpExtension extension(parts_of(Family::ipv6, message).extension, outgoing.router6);
  const std::size_t message_size = extension.append(room, Family::ipv4, written);
  write_checksum(MutableBytes(room).first(message_size), icmp_checksum_offset, 0);

  Ipv4Fields fields = outer_fields(outer, outgoing, options);
  fields.total_length = static_cast<std::uint16_t>(ipv4_header_size + message_size);
  std::uint8_t* const end = packet.data + packet.size;
  packet.size = fields.total_length;
  packet.data = end - packet.size;  // grows by 92 octets at most
  std::memcpy(packet.data + ipv4_header_size, room.data(), message_size);
  write_ipv4(packet.data, fields);
  packet.offload = {};
  return {};
}

}  // namespace dragoman::nat64
