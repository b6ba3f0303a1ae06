// TCP, UDP and ICMP headers as they come, and what an offload header says of them (VIRTIO 1.2 5.1.6).
#include "transport_header.h"

namespace dragoman::nat64 {
namespace {

// RFC 4443 2.1: below 128 are errors. Of ICMPv4 those are errors here that have a counterpart (RFC 7915 4.2).
TransportKind icmp_kind(Family family, std::uint8_t type) {
  if (family == Family::ipv6) {
    if (type < 128) return TransportKind::icmp_error;
    return type == 128 || type == 129 ? TransportKind::icmp_query : TransportKind::other_icmp;
  }
  switch (type) {
    case 0:
    case 8:
      return TransportKind::icmp_query;
    case 3:
    case 11:
    case 12:
      return TransportKind::icmp_error;
    default:
      return TransportKind::other_icmp;
  }
}

constexpr std::uint8_t icmp_of(Family family) { return family == Family::ipv6 ? icmp6_number : icmp_number; }

TransportKind kind_without_header(Family family, std::uint8_t protocol) {
  if (protocol == tcp_number) return TransportKind::tcp;
  if (protocol == udp_number) return TransportKind::udp;
  return protocol == icmp_of(family) ? TransportKind::other_icmp : TransportKind::other;
}

Transport with_ports(TransportKind kind, const std::uint8_t* octets) {
  return {kind, load_u16(octets), load_u16(octets + 2)};
}

Transport icmp(Family family, const std::uint8_t* octets) {
  Transport transport{icmp_kind(family, octets[0])};
  if (transport.kind == TransportKind::icmp_query) {
    transport.source_port = transport.destination_port = load_u16(octets + icmp_id_offset);
  }
  return transport;
}

// All of the header must be there: a first fragment without it is refused (RFC 6146 3.4, RFC 7112).
Step read_header(const std::uint8_t* octets, const TransportPlace& place, Transport& transport) {
  if (place.protocol == tcp_number) {
    if (place.size < tcp_header_size) return drop(DropReason::malformed);
    const std::size_t header = tcp_size(octets);
    if (header < tcp_header_size || header > place.size) return drop(DropReason::malformed);
    transport = with_ports(TransportKind::tcp, octets);
  } else if (place.protocol == udp_number) {
    if (place.size < udp_header_size) return drop(DropReason::malformed);
    const std::size_t length = load_u16(octets + 4);
    const bool fits = length >= udp_header_size && (length <= place.size || place.fragment.more);
    if (!fits) return drop(DropReason::malformed);
    transport = with_ports(TransportKind::udp, octets);
  } else if (place.protocol == icmp_of(place.family)) {
    if (place.size < icmp_header_size) return drop(DropReason::malformed);
    transport = icmp(place.family, octets);
  }
  return {};
}

std::size_t checksum_offset_of(TransportKind kind) {
  if (kind == TransportKind::tcp) return tcp_checksum_offset;
  return kind == TransportKind::udp ? udp_checksum_offset : icmp_checksum_offset;
}

// What the kernel itself refuses when it is written (EINVAL), and what no device gives: offload of
// fragments, because a checksum is finished before fragmenting.
bool fits(const Offload& offload, const TransportPlace& place, TransportKind kind) {
  if (!place.fragment.is_whole()) return false;
  if (offload.is_partial() && kind != TransportKind::other &&
      (offload.checksum_start != place.offset || offload.checksum_offset != checksum_offset_of(kind))) {
    return false;
  }
  if (!offload.is_super_packet()) return true;
  if (offload.segment_size == 0) return false;
  switch (offload.kind & ~Offload::ecn) {
    case Offload::tcp4:
      return kind == TransportKind::tcp && place.family == Family::ipv4;
    case Offload::tcp6:
      return kind == TransportKind::tcp && place.family == Family::ipv6;
    case Offload::udp:
      return kind == TransportKind::udp && offload.kind == Offload::udp;
    default:
      return false;
  }
}

}  // namespace

Step read_transport(const Packet& packet, const TransportPlace& place, Transport& transport) {
  transport = {};
  if (place.fragment.is_first()) {
    if (Step refusal = read_header(packet.data + place.offset, place, transport)) return refusal;
  } else {
    transport.kind = kind_without_header(place.family, place.protocol);
  }
  const bool is_offloaded = packet.offload.is_super_packet() || packet.offload.is_partial();
  if (is_offloaded && !fits(packet.offload, place, transport.kind)) return drop(DropReason::offload);
  return {};
}

Step read_embedded_transport(Bytes octets, Family family, std::uint8_t protocol, Transport& transport) {
  transport = {};
  if (protocol == tcp_number || protocol == udp_number) {
    if (octets.size() < 4) return drop(DropReason::icmp_error_embedded);
    transport = with_ports(kind_without_header(family, protocol), octets.data());
    return {};
  }
  if (protocol != icmp_of(family) || octets.size() < icmp_id_offset + 2) return drop(DropReason::icmp_error_embedded);
  transport = icmp(family, octets.data());
  return transport.kind == TransportKind::icmp_query ? Step{} : drop(DropReason::icmp_error_embedded);
}

}  // namespace dragoman::nat64
