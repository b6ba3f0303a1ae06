// Packets for tests, put together from what people say of them. Checksums come from slow code of its own. seen_packet.h
// takes packets apart again.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "dragoman/base/bytes.h"
#include "dragoman/ip/address.h"

namespace dragoman::fakes {

using Octets = std::vector<std::uint8_t>;

inline ip::Address address(std::string_view text) { return *ip::Address::from_text(text); }
// "192.0.2.1:53", "[2001:db8::1]:53".
inline ip::Endpoint endpoint(std::string_view text) { return *ip::Endpoint::from_text(text); }
inline ip::Endpoint endpoint(std::string_view host, std::uint16_t port) { return {address(host), port}; }

namespace detail {

inline constexpr std::uint8_t icmp4_number = 1, tcp_number = 6, udp_number = 17, fragment_number = 44,
                              icmp6_number = 58;
inline constexpr std::string_view tcp_letters = "FSRPA";  // from the lowest bit on

inline std::uint32_t sum(Bytes octets, std::uint32_t start = 0) {
  for (std::size_t i = 0; i < octets.size(); ++i) {
    start += i % 2 == 0 ? std::uint32_t{octets[i]} << 8 : octets[i];
    if (start > 0xffff) start -= 0xffff;
  }
  return start;
}
inline std::uint32_t pseudo_header(const ip::Address& source, const ip::Address& destination, std::uint8_t protocol,
                                   std::size_t size) {
  const std::size_t octets = source.bit_length() / 8;
  const std::uint32_t addresses = sum({destination.octets(), octets}, sum({source.octets(), octets}));
  const std::uint8_t rest[4] = {static_cast<std::uint8_t>(size >> 8), static_cast<std::uint8_t>(size), 0, protocol};
  return sum(rest, addresses);
}
inline std::size_t checksum_offset(std::uint8_t protocol) {
  return protocol == tcp_number ? 16 : protocol == udp_number ? 6 : 2;
}

// The transport header and payload, with their checksum, behind an IP header of the addresses' family.
inline Octets packet(const ip::Address& source, const ip::Address& destination, std::uint8_t protocol,
                     Octets transport) {
  const bool has_pseudo_header = protocol != icmp4_number;
  const std::uint32_t start =
      has_pseudo_header ? pseudo_header(source, destination, protocol, transport.size()) : std::uint32_t{0};
  std::uint8_t* field = transport.data() + checksum_offset(protocol);
  store_u16(field, 0);
  const auto checksum = static_cast<std::uint16_t>(~sum(transport, start));
  store_u16(field, protocol == udp_number && checksum == 0 ? std::uint16_t{0xffff} : checksum);

  Octets header(source.is_v6() ? 40 : 20);
  if (source.is_v6()) {
    header[0] = 0x60;
    store_u16(&header[4], static_cast<std::uint16_t>(transport.size()));
    header[6] = protocol;
    header[7] = 64;
    std::copy_n(source.octets(), 16, &header[8]);
    std::copy_n(destination.octets(), 16, &header[24]);
  } else {
    header[0] = 0x45;
    store_u16(&header[2], static_cast<std::uint16_t>(header.size() + transport.size()));
    header[8] = 64;
    header[9] = protocol;
    std::copy_n(source.octets(), 4, &header[12]);
    std::copy_n(destination.octets(), 4, &header[16]);
    store_u16(&header[10], static_cast<std::uint16_t>(~sum(header)));
  }
  header.insert(header.end(), transport.begin(), transport.end());
  return header;
}

inline void refresh_ipv4_checksum(Octets& packet) {
  store_u16(&packet[10], 0);
  store_u16(&packet[10], static_cast<std::uint16_t>(~sum(Bytes(packet).first(20))));
}

}  // namespace detail

// -- Making --

inline Octets udp(const ip::Endpoint& source, const ip::Endpoint& destination, std::string_view payload = "payload") {
  Octets transport(8);
  store_u16(&transport[0], source.port);
  store_u16(&transport[2], destination.port);
  store_u16(&transport[4], static_cast<std::uint16_t>(8 + payload.size()));
  transport.insert(transport.end(), payload.begin(), payload.end());
  return detail::packet(source.address, destination.address, detail::udp_number, std::move(transport));
}

// `flags`: of the letters F, S, R, P, A.
inline Octets tcp(const ip::Endpoint& source, const ip::Endpoint& destination, std::string_view flags,
                  std::string_view payload = "") {
  Octets transport(20);
  store_u16(&transport[0], source.port);
  store_u16(&transport[2], destination.port);
  store_u32(&transport[4], 1000);
  transport[12] = 0x50;
  for (const char letter : flags) {
    transport[13] = static_cast<std::uint8_t>(transport[13] | 1U << detail::tcp_letters.find(letter));
  }
  transport.insert(transport.end(), payload.begin(), payload.end());
  return detail::packet(source.address, destination.address, detail::tcp_number, std::move(transport));
}

enum class Echo : std::uint8_t { request, reply };
inline Octets ping(const ip::Address& source, const ip::Address& destination, std::uint16_t id,
                   Echo echo = Echo::request, std::string_view payload = "payload") {
  const bool is_v6 = source.is_v6(), is_request = echo == Echo::request;
  Octets transport{
      static_cast<std::uint8_t>(is_v6 ? (is_request ? 128 : 129) : (is_request ? 8 : 0)), 0, 0, 0, 0, 0, 0, 1};
  store_u16(&transport[4], id);
  transport.insert(transport.end(), payload.begin(), payload.end());
  return detail::packet(source, destination, is_v6 ? detail::icmp6_number : detail::icmp4_number, std::move(transport));
}

struct IcmpCode {
  std::uint8_t type = 0;
  std::uint8_t code = 0;
  std::uint32_t argument = 0;
};
// `about`: the packet in it.
inline Octets icmp_error(const ip::Address& source, const ip::Address& destination, const IcmpCode& code,
                         const Octets& about) {
  Octets transport{code.type, code.code, 0, 0, 0, 0, 0, 0};
  store_u32(&transport[4], code.argument);
  transport.insert(transport.end(), about.begin(), about.end());
  return detail::packet(source, destination, source.is_v6() ? detail::icmp6_number : detail::icmp4_number,
                        std::move(transport));
}

// -- Changing --

inline Octets with_hop_limit(Octets packet, std::uint8_t hops) {
  const bool is_v6 = packet[0] >> 4 == 6;
  packet[is_v6 ? 7 : 8] = hops;
  if (!is_v6) detail::refresh_ipv4_checksum(packet);
  return packet;
}
inline Octets with_dont_fragment(Octets packet) {
  packet[6] = 0x40;
  detail::refresh_ipv4_checksum(packet);
  return packet;
}
// IPv4 allows it (RFC 768).
inline Octets without_udp_checksum(Octets packet) {
  store_u16(&packet[20 + 6], 0);
  return packet;
}
// For protocols that there is no function for. The transport checksum is not touched.
inline Octets with_protocol(Octets packet, std::uint8_t protocol) {
  const bool is_v6 = packet[0] >> 4 == 6;
  packet[is_v6 ? 6 : 9] = protocol;
  if (!is_v6) detail::refresh_ipv4_checksum(packet);
  return packet;
}

// The packet in fragments with `piece` octets each, which must be a multiple of eight.
inline std::vector<Octets> fragments_of(const Octets& packet, std::uint32_t id, std::size_t piece = 16) {
  const bool is_v6 = packet[0] >> 4 == 6;
  const std::size_t header_size = is_v6 ? 40 : 20;
  const Bytes payload = Bytes(packet).subspan(header_size);
  std::vector<Octets> fragments;
  for (std::size_t at = 0; at < payload.size(); at += piece) {
    const Bytes part = payload.subspan(at, std::min(piece, payload.size() - at));
    const bool more = at + part.size() < payload.size();
    Octets fragment(packet.begin(), packet.begin() + static_cast<std::ptrdiff_t>(header_size));
    if (is_v6) {
      const std::uint8_t next_header = std::exchange(fragment[6], detail::fragment_number);
      store_u16(&fragment[4], static_cast<std::uint16_t>(8 + part.size()));
      fragment.resize(48);
      fragment[40] = next_header;
      store_u16(&fragment[42], static_cast<std::uint16_t>(at | (more ? 1 : 0)));
      store_u32(&fragment[44], id);
    } else {
      store_u16(&fragment[2], static_cast<std::uint16_t>(20 + part.size()));
      store_u16(&fragment[4], static_cast<std::uint16_t>(id));
      store_u16(&fragment[6], static_cast<std::uint16_t>(at / 8 | (more ? 0x2000 : 0)));
      detail::refresh_ipv4_checksum(fragment);
    }
    fragment.insert(fragment.end(), part.begin(), part.end());
    fragments.push_back(std::move(fragment));
  }
  return fragments;
}

}  // namespace dragoman::fakes
