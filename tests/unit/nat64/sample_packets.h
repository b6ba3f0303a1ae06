// Packets for tests, put together field by field, with checksums of the slow twin (packet_buffer.h).
#pragma once

#include <cstdint>
#include <initializer_list>
#include <random>

#include "dragoman/ip/address.h"
#include "packet_buffer.h"

namespace dragoman::nat64::test {

inline constexpr ip::Ipv6Octets client6{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
inline constexpr ip::Ipv6Octets server6{0x00, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, 198, 51, 100, 1};
inline constexpr ip::Ipv4Octets client4{192, 0, 2, 1};
inline constexpr ip::Ipv4Octets server4{198, 51, 100, 1};

inline Octets joined(Octets first, Bytes more) {
  first.insert(first.end(), more.begin(), more.end());
  return first;
}

inline Octets random_octets(std::mt19937& random, std::size_t size) {
  Octets result(size);
  for (std::uint8_t& octet : result) octet = static_cast<std::uint8_t>(random());
  return result;
}

// Transport headers; checksums are left zero for checksummed().
inline Octets udp(std::uint16_t source, std::uint16_t destination, Bytes payload) {
  Octets result(8);
  store_u16(&result[0], source);
  store_u16(&result[2], destination);
  store_u16(&result[4], static_cast<std::uint16_t>(8 + payload.size()));
  return joined(result, payload);
}
inline Octets tcp(std::uint16_t source, std::uint16_t destination, Bytes payload) {
  Octets result = octets("0000 0000 01020304 05060708 5010 0200 0000 0000");
  store_u16(&result[0], source);
  store_u16(&result[2], destination);
  return joined(result, payload);
}
inline Octets icmp(std::uint8_t type, std::uint16_t id, Bytes payload) {
  Octets result{type, 0, 0, 0, 0, 0, 0, 1};
  store_u16(&result[4], id);
  return joined(result, payload);
}

struct Ipv6Sample {
  std::uint8_t protocol = 17;
  ip::Ipv6Octets source = client6;
  ip::Ipv6Octets destination = server6;
  std::uint8_t traffic_class = 0;
  std::uint8_t hop_limit = 64;
};
inline Octets ipv6(const Ipv6Sample& sample, Bytes payload) {
  Octets result(40);
  store_u32(&result[0], 6U << 28 | static_cast<std::uint32_t>(sample.traffic_class) << 20);
  store_u16(&result[4], static_cast<std::uint16_t>(payload.size()));
  result[6] = sample.protocol;
  result[7] = sample.hop_limit;
  std::copy(sample.source.begin(), sample.source.end(), result.begin() + 8);
  std::copy(sample.destination.begin(), sample.destination.end(), result.begin() + 24);
  return joined(result, payload);
}

struct Ipv4Sample {
  std::uint8_t protocol = 17;
  ip::Ipv4Octets source = server4;
  ip::Ipv4Octets destination = client4;
  std::uint8_t type_of_service = 0;
  std::uint8_t ttl = 64;
  std::uint16_t id = 0x4321;
  std::uint16_t flags_and_offset = 0;
};
inline Octets ipv4(const Ipv4Sample& sample, Bytes payload) {
  Octets result(20);
  result[0] = 0x45;
  result[1] = sample.type_of_service;
  store_u16(&result[2], static_cast<std::uint16_t>(20 + payload.size()));
  store_u16(&result[4], sample.id);
  store_u16(&result[6], sample.flags_and_offset);
  result[8] = sample.ttl;
  result[9] = sample.protocol;
  std::copy(sample.source.begin(), sample.source.end(), result.begin() + 12);
  std::copy(sample.destination.begin(), sample.destination.end(), result.begin() + 16);
  store_u16(&result[10], static_cast<std::uint16_t>(~slow_sum(result)));
  return joined(result, payload);
}

// Of a packet without extension headers and options.
inline std::size_t transport_offset(Bytes packet) { return packet[0] >> 4 == 6 ? 40 : 20; }
inline std::uint8_t protocol_of(Bytes packet) { return packet[packet[0] >> 4 == 6 ? 6 : 9]; }
inline std::size_t checksum_offset(Bytes packet) {
  const std::uint8_t protocol = protocol_of(packet);
  return transport_offset(packet) + (protocol == 6 ? 16 : protocol == 17 ? 6 : 2);
}
inline std::uint32_t pseudo_header_of(Bytes packet) {
  const std::size_t offset = transport_offset(packet);
  return protocol_of(packet) == 1 ? 0 : slow_pseudo_header(packet, protocol_of(packet), packet.size() - offset);
}

// With its transport checksum.
inline Octets checksummed(Octets packet) {
  std::uint8_t* field = &packet[checksum_offset(packet)];
  store_u16(field, 0);
  const std::uint32_t sum = slow_sum(Bytes(packet).subspan(transport_offset(packet)), pseudo_header_of(packet));
  store_u16(field, static_cast<std::uint16_t>(~sum));
  if (protocol_of(packet) == 17 && load_u16(field) == 0) store_u16(field, 0xffff);
  return packet;
}

inline bool header_checksum_is_right(Bytes packet) {
  return packet[0] >> 4 == 6 || slow_sum(packet.first(20)) == 0xffff;
}
inline bool checksum_is_right(Bytes packet) {
  return slow_sum(packet.subspan(transport_offset(packet)), pseudo_header_of(packet)) == 0xffff;
}
// What a partial checksum must be (Offload::needs_checksum).
inline bool checksum_is_partial(Bytes packet) {
  return load_u16(packet.data() + checksum_offset(packet)) % 0xffff == pseudo_header_of(packet) % 0xffff;
}

}  // namespace dragoman::nat64::test
