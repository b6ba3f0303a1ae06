// Packets as tests see them: taken apart, with every length and checksum checked by slow code, and printable.
#pragma once

#include <memory>
#include <ostream>
#include <string>

#include "packets.h"

namespace dragoman::fakes {

struct Seen {
  std::string kind = "nothing";      // udp, tcp, ping, pong, error, fragment, or other
  ip::Endpoint source, destination;  // port: of UDP and TCP; of ping and pong the identifier
  std::string flags;                 // of TCP, in the order of "FSRPA"
  std::string payload;
  std::uint8_t hop_limit = 0;
  bool is_sound = true;  // lengths and checksums; of an embedded packet nothing is asked
  IcmpCode icmp;         // of ICMP errors
  std::shared_ptr<Seen> about;
  std::uint32_t fragment_id = 0;
  std::size_t fragment_offset = 0;
  bool more = false;
  Octets octets;

  // "udp 192.0.2.1:1024 > 198.51.100.1:53 payload". An error: "error 3/1 192.0.2.1 > 198.51.100.1 about (...)".
  std::string text() const {
    std::string text = kind;
    if (kind == "error") text += " " + std::to_string(icmp.type) + "/" + std::to_string(icmp.code);
    if (kind == "error" && icmp.argument != 0) text += " (" + std::to_string(icmp.argument) + ")";
    const bool has_ports = source.port != 0 || destination.port != 0;
    text += " " + (has_ports ? source.to_text() : source.address.to_text());
    text += " > " + (has_ports ? destination.to_text() : destination.address.to_text());
    if (kind == "fragment") text += " at " + std::to_string(fragment_offset) + (more ? "+" : "");
    if (!flags.empty()) text += " " + flags;
    if (!payload.empty()) text += " " + payload;
    if (about) text += " about (" + about->text() + ")";
    return is_sound ? text : text + " DAMAGED";
  }
  friend std::ostream& operator<<(std::ostream& out, const Seen& seen) { return out << seen.text(); }
};

namespace detail {

inline Seen look(Bytes packet, bool is_embedded);

inline void look_at_icmp(Seen& seen, Bytes transport, bool is_v6) {
  const std::uint8_t type = transport[0], echo_request = is_v6 ? 128 : 8, echo_reply = is_v6 ? 129 : 0;
  if (type == echo_request || type == echo_reply) {
    seen.kind = type == echo_request ? "ping" : "pong";
    seen.source.port = seen.destination.port = load_u16(&transport[4]);
    seen.payload.assign(transport.begin() + 8, transport.end());
    return;
  }
  seen.kind = "error";
  const bool is_rfc4884_length = transport.size() > 136 && transport[4 + (is_v6 ? 0 : 1)] != 0 && type != 2;
  seen.icmp = {type, transport[1], is_rfc4884_length ? 0 : load_u32(&transport[4])};
  seen.about = std::make_shared<Seen>(look(transport.subspan(8), true));
}

inline void look_at_transport(Seen& seen, Bytes transport, std::uint8_t protocol) {
  const bool is_v6 = seen.source.address.is_v6();
  if (protocol == icmp4_number || protocol == icmp6_number) return look_at_icmp(seen, transport, is_v6);
  if (protocol != tcp_number && protocol != udp_number) return;
  seen.kind = protocol == tcp_number ? "tcp" : "udp";
  seen.source.port = load_u16(&transport[0]);
  seen.destination.port = load_u16(&transport[2]);
  if (protocol == tcp_number && transport.size() > 13) {
    for (std::size_t bit = 0; bit < tcp_letters.size(); ++bit) {
      if ((transport[13] >> bit & 1) != 0) seen.flags += tcp_letters[bit];
    }
  }
  const std::size_t header_size = protocol == tcp_number ? 20 : 8;
  if (transport.size() > header_size) {
    seen.payload.assign(transport.begin() + static_cast<std::ptrdiff_t>(header_size), transport.end());
  }
}

inline bool is_checksum_right(const Seen& seen, Bytes transport, std::uint8_t protocol) {
  const bool is_bare = protocol == icmp4_number;
  const std::uint32_t start =
      is_bare ? 0 : pseudo_header(seen.source.address, seen.destination.address, protocol, transport.size());
  const bool is_without = protocol == udp_number && !seen.source.address.is_v6() && load_u16(&transport[6]) == 0;
  return is_without || sum(transport, start) == 0xffff;
}

inline Seen look(Bytes packet, bool is_embedded) {
  Seen seen;
  seen.octets.assign(packet.begin(), packet.end());
  const bool is_v6 = packet[0] >> 4 == 6;
  std::size_t header_size = is_v6 ? 40 : std::size_t{4} * (packet[0] & 15);
  if (packet.size() < header_size) return seen;
  const std::size_t size = is_v6 ? 40 + std::size_t{load_u16(&packet[4])} : load_u16(&packet[2]);
  std::uint8_t protocol = packet[is_v6 ? 6 : 9];
  seen.hop_limit = packet[is_v6 ? 7 : 8];
  if (is_v6) {
    ip::Ipv6Octets octets;
    std::copy_n(&packet[8], 16, octets.begin());
    seen.source.address = ip::Address(octets);
    std::copy_n(&packet[24], 16, octets.begin());
    seen.destination.address = ip::Address(octets);
  } else {
    seen.source.address = ip::Address(ip::Ipv4Octets{packet[12], packet[13], packet[14], packet[15]});
    seen.destination.address = ip::Address(ip::Ipv4Octets{packet[16], packet[17], packet[18], packet[19]});
    seen.fragment_id = load_u16(&packet[4]);
    seen.fragment_offset = std::size_t{load_u16(&packet[6]) & 0x1fffU} * 8;
    seen.more = (packet[6] & 0x20) != 0;
    if (!is_embedded) seen.is_sound = sum(packet.first(header_size)) == 0xffff;
  }
  if (is_v6 && protocol == fragment_number) {
    protocol = packet[40];
    seen.fragment_id = load_u32(&packet[44]);
    seen.fragment_offset = load_u16(&packet[42]) & 0xfff8U;
    seen.more = (packet[43] & 1) != 0;
    header_size = 48;
  }
  seen.kind = "other";
  if (!is_embedded && packet.size() != size) seen.is_sound = false;
  const Bytes transport = packet.subspan(header_size);
  const bool is_fragment = seen.fragment_offset != 0 || seen.more;
  if (seen.fragment_offset == 0 && transport.size() >= 8) look_at_transport(seen, transport, protocol);
  if (is_fragment) {
    seen.kind = "fragment";
    seen.payload.clear();
    return seen;
  }
  if (!is_embedded && seen.kind != "other") {
    seen.is_sound = seen.is_sound && is_checksum_right(seen, transport, protocol);
  }
  return seen;
}

}  // namespace detail

inline Seen look(Bytes packet) { return detail::look(packet, false); }

}  // namespace dragoman::fakes
