// What every packet that leaves a translator must be, judged beside the code that made it: lengths that agree, and
// checksums that are right if and only if they were right before.
#pragma once

#include <cstdint>

#include "dragoman/base/bytes.h"
#include "dragoman/ip/checksum.h"
#include "fuzz/check.h"
#include "headers.h"

namespace dragoman::nat64::fuzzed {

using fuzz::check;

inline bool is_v6(const Packet& packet) { return packet.data[0] >> 4 == 6; }
inline Step read(Packet& packet, Ipv6Headers& headers) { return read_ipv6(packet, headers); }
inline Step read(Packet& packet, Ipv4Headers& headers) { return read_ipv4(packet, headers); }

// `none`: UDP without one. `zeros`: wrong, but an update takes it for right, because there are only zeros (RFC 1624 3).
// `not_known`: fragments, other protocols, and ICMP that a device is to finish.
enum class Checksum { right, wrong, none, zeros, not_known };

inline std::size_t checksum_offset(TransportKind kind) {
  if (kind == TransportKind::tcp) return 16;
  return kind == TransportKind::udp ? 6 : 2;
}

inline ip::WordSum pseudo_header(const Ipv6Headers& headers, std::size_t size) {
  return ip::sum_words(headers.source, 32) + ip::word(headers.protocol) + ip::word(static_cast<std::uint16_t>(size));
}
inline ip::WordSum pseudo_header(const Ipv4Headers& headers, std::size_t size) {
  if (headers.protocol == icmp_number) return 0;
  return ip::sum_words(headers.source, 8) + ip::word(headers.protocol) + ip::word(static_cast<std::uint16_t>(size));
}

template <class Headers>
Checksum judge(const Packet& packet, const Headers& headers) {
  const TransportKind kind = headers.transport.kind;
  const bool is_icmp = kind == TransportKind::icmp_query || kind == TransportKind::icmp_error;
  const bool has_one = is_icmp || kind == TransportKind::tcp || kind == TransportKind::udp;
  if (!has_one || !headers.fragment.is_whole()) return Checksum::not_known;
  const std::uint8_t* transport = packet.data + headers.transport_offset;
  const std::uint8_t* field = transport + checksum_offset(kind);
  const std::size_t size = kind == TransportKind::udp ? load_u16(transport + 4) : headers.transport_size;
  const ip::WordSum pseudo = pseudo_header(headers, size);
  if (packet.offload.is_partial()) {
    if (is_icmp) return Checksum::not_known;
    return ip::load_word(field) % 0xffff == ip::fold(pseudo) % 0xffff ? Checksum::right : Checksum::wrong;
  }
  if (kind == TransportKind::udp && ip::load_word(field) == 0) return Checksum::none;
  const std::uint16_t sum = ip::fold(pseudo + ip::sum_words(transport, size));
  return sum == 0 ? Checksum::zeros : sum == 0xffff ? Checksum::right : Checksum::wrong;
}

template <class Headers>
Checksum judge_as(Packet packet) {
  Headers headers;
  check(!read(packet, headers), "what was translated can be read");
  return judge(packet, headers);
}
inline Checksum judge(const Packet& packet) {
  return is_v6(packet) ? judge_as<Ipv6Headers>(packet) : judge_as<Ipv4Headers>(packet);
}

inline void check_lengths(const Packet& packet) {
  check(packet.size <= Packet::max_size, "no larger than a packet");
  if (is_v6(packet)) {
    check(packet.size == load_u16(packet.data + 4) + std::size_t{40}, "the payload length is right");
    return;
  }
  check(packet.data[0] == 0x45, "the IPv4 header has no options");
  check(packet.size == load_u16(packet.data + 2), "the total length is right");
  check(ip::fold(ip::sum_words(packet.data, 20)) == 0xffff, "the header checksum is right");
}

// Puts a checksum into a whole packet; a partial one if it has an offload header that says so.
template <class Headers>
void give_checksum(Packet& packet, const Headers& headers) {
  std::uint8_t* transport = packet.data + headers.transport_offset;
  std::uint8_t* field = transport + checksum_offset(headers.transport.kind);
  if (headers.transport.kind == TransportKind::udp) {
    store_u16(transport + 4, static_cast<std::uint16_t>(headers.transport_size));
  }
  const ip::WordSum pseudo = pseudo_header(headers, headers.transport_size);
  if (packet.offload.is_partial()) return ip::store_word(field, ip::fold(pseudo));
  ip::store_word(field, 0);
  ip::store_word(field, ip::checksum_of(pseudo + ip::sum_words(transport, headers.transport_size)));
  if (ip::load_word(field) == 0) ip::store_word(field, 0xffff);
}

}  // namespace dragoman::nat64::fuzzed
