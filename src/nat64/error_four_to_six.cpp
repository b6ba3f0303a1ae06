// ICMPv4 errors become ICMPv6 errors (RFC 7915 4.2, 4.3; RFC 4884).
#include <array>
#include <cstring>

#include "icmp_extension.h"
#include "icmp_mapping.h"
#include "translation.h"
#include "transport_translation.h"
#include "wire_headers.h"

namespace dragoman::nat64 {
namespace {

// RFC 4443 2.4 (c). Built here and copied back, because it may grow: see error_six_to_four.cpp.
constexpr std::size_t largest_message = lowest_ipv6_mtu - ipv6_header_size;
using Room = std::array<std::uint8_t, largest_message>;

IcmpError read_error(const std::uint8_t* icmp) {
  const std::uint32_t argument = icmp[0] == icmp4::parameter_problem ? icmp[4] : load_u16(icmp + 6);
  return {icmp[0], icmp[1], argument};
}

// RFC 5508 REQ-3: damaged errors are dropped in silence.
bool is_intact(const Packet& packet, const Ipv4Headers& outer) {
  if (packet.offload.is_partial()) return true;
  return ip::fold(ip::sum_words(packet.data + outer.transport_offset, outer.transport_size)) == 0xffff;
}

const std::uint8_t* embedded_packet(const Packet& packet, const Ipv4Headers& outer) {
  return packet.data + outer.transport_offset + icmp_header_size;
}

// Of the embedded packet's transport header and payload, also what the error has not of it.
std::size_t original_size(const Packet& packet, const Ipv4Headers& outer, const Ipv4Headers& embedded) {
  const std::size_t total = load_u16(embedded_packet(packet, outer) + 2);
  return outer.transport_offset + icmp_header_size + total - embedded.transport_offset;
}

// `transport`: what there is of it, a copy. `size`: all of it.
void translate_embedded_transport(MutableBytes transport, const Ipv4Headers& embedded, std::size_t size,
                                  const Tuple6& tuple) {
  const ip::WordSum addresses6 = ip::sum_of<16>(tuple.source.data()) + ip::sum_of<16>(tuple.destination.data());
  if (embedded.transport.kind == TransportKind::icmp_query) {
    const ip::WordSum added = icmp6_pseudo_header(addresses6, size);
    return translate_query(transport.data(), {0, added, *icmp6_query_of(transport[0]), tuple.source_port});
  }
  translate_ports(transport, embedded.transport.kind,
                  {ip::sum_of<8>(embedded.source), addresses6, tuple.source_port, tuple.destination_port},
                  ChecksumState::full);
}

std::uint8_t traffic_class(const Ipv4Headers& headers, const Options& options) {
  return options.copy_traffic_class ? headers.type_of_service : std::uint8_t{0};
}

std::size_t fragment_header(const Ipv4Headers& embedded) {
  return embedded.fragment.is_whole() ? 0 : fragment_header_size;
}

// RFC 7915 4.3: as any packet, but the TTL stays.
Ipv6Fields embedded_fields(const Ipv4Headers& embedded, std::size_t size, const Tuple6& tuple, const Options& options) {
  return {.traffic_class = traffic_class(embedded, options),
          .payload_length = static_cast<std::uint16_t>(fragment_header(embedded) + size),
          .next_header = embedded.protocol == icmp_number ? icmp6_number : embedded.protocol,
          .hop_limit = embedded.ttl,
          .source = tuple.source,
          .destination = tuple.destination};
}

// Writes the translated packet that the error is about; returns what was written, as much as there is and fits.
std::size_t write_embedded(MutableBytes room, const Packet& packet, const Ipv4Headers& embedded, Ipv6Fields fields,
                           const Tuple6& tuple) {
  const std::size_t ip_size = ipv6_header_size + fragment_header(embedded);
  const std::size_t size = std::min(embedded.transport_size, room.size() - ip_size);
  const MutableBytes transport = room.subspan(ip_size, size);
  std::memcpy(transport.data(), packet.data + embedded.transport_offset, size);
  translate_embedded_transport(transport, embedded, fields.payload_length - fragment_header(embedded), tuple);
  if (!embedded.fragment.is_whole()) {
    write_fragment_header(room.data() + ipv6_header_size, fields.next_header, embedded.fragment);
    fields.next_header = fragment_number;
  }
  write_ipv6(room.data(), fields);
  return ip_size + size;
}

std::optional<IcmpError> translated_error(const Packet& packet, const Ipv4Headers& outer, const Options& options) {
  std::optional<IcmpError> error = icmp6_error_of(read_error(packet.data + outer.transport_offset));
  if (error && error->type == icmp6::packet_too_big) {
    const std::uint16_t total_length = load_u16(embedded_packet(packet, outer) + 2);
    error->argument = icmp6_mtu_of(static_cast<std::uint16_t>(error->argument), total_length, options);
  }
  return error;
}

}  // namespace

Step error_four_to_six(Packet& packet, const Ipv4Headers& outer, const Ipv4Headers& embedded,
                       const ErrorTuple6& outgoing, const Options& options) {
  if (outer.ttl <= 1) return drop(DropReason::hop_limit);
  if (outer.transport.kind != TransportKind::icmp_error || !outer.fragment.is_whole()) {
    return drop(DropReason::unsupported_icmp);
  }
  if (!is_intact(packet, outer)) return drop(DropReason::malformed);
  const std::optional<IcmpError> error = translated_error(packet, outer, options);
  if (!error) return drop(DropReason::unsupported_icmp);

  Room room;
  write_icmp6_error(room.data(), *error);
  const std::size_t size = original_size(packet, outer, embedded);
  const std::size_t written =
      write_embedded(MutableBytes(room).subspan(icmp_header_size), packet, embedded,
                     embedded_fields(embedded, size, outgoing.embedded, options), outgoing.embedded);
  const Bytes message(packet.data + outer.transport_offset, outer.transport_size);
  const IcmpExtension extension(parts_of(Family::ipv4, message).extension, nullptr);
  const std::size_t message_size = extension.append(room, Family::ipv6, written);
  const ip::WordSum addresses6 = ip::sum_of<16>(outgoing.source.data()) + ip::sum_of<16>(outgoing.destination.data());
  write_checksum(MutableBytes(room).first(message_size), icmp_checksum_offset,
                 icmp6_pseudo_header(addresses6, message_size));

  const Ipv6Fields fields{.traffic_class = traffic_class(outer, options),
                          .payload_length = static_cast<std::uint16_t>(message_size),
                          .next_header = icmp6_number,
                          .hop_limit = static_cast<std::uint8_t>(outer.ttl - 1),
                          .source = outgoing.source,
                          .destination = outgoing.destination};
  std::uint8_t* const end = packet.data + packet.size;
  packet.size = ipv6_header_size + message_size;
  packet.data = end - packet.size;  // grows by 124 octets at most
  std::memcpy(packet.data + ipv6_header_size, room.data(), message_size);
  write_ipv6(packet.data, fields);
  packet.offload = {};
  return {};
}

}  // namespace dragoman::nat64
