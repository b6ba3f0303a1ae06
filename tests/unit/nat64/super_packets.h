// Random TCP and UDP packets of any shape, and the slow, obvious twin of segmentation: segments by copying. For tests.
#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

#include "packet_buffer.h"
#include "sample_packets.h"

namespace dragoman::nat64::samples {

using test::Octets;
using test::PacketBuffer;
using test::random_octets;
using test::slow_sum;
using Random = std::mt19937;

inline std::size_t below(Random& random, std::size_t count) { return random() % count; }

inline Octets octets_of(const Packet& packet) { return {packet.data, packet.data + packet.size}; }

inline bool is_v6(const Octets& packet) { return packet[0] >> 4 == 6; }

// Where the transport header is, and whose it is.
struct Place {
  std::size_t transport = 0;
  std::uint8_t protocol = 0;
};
inline Place place_of(const Octets& packet) {
  if (!is_v6(packet)) return {(packet[0] & 0x0fU) * std::size_t{4}, packet[9]};
  Place place{40, packet[6]};
  while (place.protocol == 0 || place.protocol == 43 || place.protocol == 60 || place.protocol == 44) {
    const std::size_t size = place.protocol == 44 ? 8 : (packet[place.transport + 1] + std::size_t{1}) * 8;
    place.protocol = packet[place.transport];
    place.transport += size;
  }
  return place;
}
inline std::size_t checksum_place(const Place& place) { return place.transport + (place.protocol == 6 ? 16 : 6); }
inline std::size_t payload_place(const Octets& packet, const Place& place) {
  return place.transport + (place.protocol == 6 ? (packet[place.transport + 12] >> 4) * std::size_t{4} : 8);
}

inline Octets pseudo_header(const Octets& packet, const Place& place) {
  Octets octets = is_v6(packet) ? Octets(packet.begin() + 8, packet.begin() + 40)
                                : Octets(packet.begin() + 12, packet.begin() + 20);
  const std::size_t size = packet.size() - place.transport;
  octets.insert(octets.end(), {0, place.protocol, std::uint8_t(size >> 8), std::uint8_t(size)});
  return octets;
}

// Pseudo-header, transport header and payload; 0xffff if the checksum in it is right.
inline std::uint32_t transport_sum(const Octets& packet) {
  const Place place = place_of(packet);
  Octets covered = pseudo_header(packet, place);
  covered.insert(covered.end(), packet.begin() + static_cast<std::ptrdiff_t>(place.transport), packet.end());
  return slow_sum(covered);
}

// Lengths, IPv4 header checksum and transport checksum, as they should be.
inline void finish(Octets& packet, bool has_checksum = true) {
  const Place place = place_of(packet);
  if (is_v6(packet)) {
    store_u16(&packet[4], static_cast<std::uint16_t>(packet.size() - 40));
  } else {
    store_u16(&packet[2], static_cast<std::uint16_t>(packet.size()));
    store_u16(&packet[10], 0);
    store_u16(&packet[10], static_cast<std::uint16_t>(~slow_sum(
                               {packet.begin(), packet.begin() + static_cast<std::ptrdiff_t>(place.transport)})));
  }
  if (place.protocol == 17) {
    store_u16(&packet[place.transport + 4], static_cast<std::uint16_t>(packet.size() - place.transport));
  }
  store_u16(&packet[checksum_place(place)], 0);
  if (!has_checksum) return;
  auto checksum = static_cast<std::uint16_t>(~transport_sum(packet));
  if (checksum == 0 && place.protocol == 17) checksum = 0xffff;
  store_u16(&packet[checksum_place(place)], checksum);
}

// The sum of the pseudo-header alone, as Offload::needs_checksum asks.
inline void make_partial(Octets& packet, Offload& offload) {
  const Place place = place_of(packet);
  store_u16(&packet[checksum_place(place)], static_cast<std::uint16_t>(slow_sum(pseudo_header(packet, place))));
  offload.flags = Offload::needs_checksum;
  offload.checksum_start = static_cast<std::uint16_t>(place.transport);
  offload.checksum_offset = place.protocol == 6 ? 16 : 6;
}

struct Shape {
  bool v6 = false;
  bool tcp = false;
  bool partial = false;
  bool no_checksum = false;     // UDP over IPv4 alone
  bool df = false;              // IPv4
  std::size_t ip_options = 0;   // IPv4: words; IPv6: extension headers
  std::size_t tcp_options = 0;  // words
  std::size_t payload = 0;
  std::size_t segment_size = 0;  // 0: no super-packet
};

inline Shape random_shape(Random& random, std::size_t max_payload) {
  Shape shape;
  shape.v6 = below(random, 2) == 0;
  shape.tcp = below(random, 2) == 0;
  shape.partial = below(random, 2) == 0;
  shape.no_checksum = !shape.v6 && !shape.tcp && !shape.partial && below(random, 4) == 0;
  shape.df = below(random, 2) == 0;
  shape.ip_options = below(random, 3) == 0 ? below(random, 4) : 0;
  shape.tcp_options = below(random, 11);
  shape.payload =
      below(random, 4) == 0 ? below(random, max_payload) : below(random, std::min<std::size_t>(max_payload, 6000));
  shape.segment_size = 1 + (below(random, 4) == 0 ? below(random, 60) : 500 + below(random, 1000));
  return shape;
}

struct Sample {
  Octets octets;
  Offload offload;
};

inline Octets ip_header(Random& random, const Shape& shape) {
  const std::uint8_t protocol = shape.tcp ? 6 : 17;
  if (!shape.v6) {
    Octets header = random_octets(random, 20 + shape.ip_options * 4);
    header[0] = static_cast<std::uint8_t>(0x40 | header.size() / 4);
    store_u16(&header[6], shape.df ? 0x4000 : 0);
    header[8] |= 2;
    header[9] = protocol;
    std::fill(header.begin() + 20, header.end(), std::uint8_t{1});  // No Operation
    return header;
  }
  Octets header = random_octets(random, 40);
  header[0] = static_cast<std::uint8_t>(0x60 | (header[0] & 0x0f));
  header[7] |= 2;
  std::size_t next_header = 6;
  for (std::size_t i = 0; i < shape.ip_options; ++i) {
    header[next_header] = i == 0 ? 0 : 60;
    next_header = header.size();
    Octets extension(8 * (1 + below(random, 3)));
    extension[1] = static_cast<std::uint8_t>(extension.size() / 8 - 1);
    extension[2] = 1;  // PadN
    extension[3] = static_cast<std::uint8_t>(extension.size() - 4);
    header.insert(header.end(), extension.begin(), extension.end());
  }
  header[next_header] = protocol;
  return header;
}

inline Sample sample(Random& random, const Shape& shape) {
  Sample sample;
  Octets& packet = sample.octets;
  packet = ip_header(random, shape);
  const std::size_t transport = packet.size();
  const Octets rest = random_octets(random, (shape.tcp ? 20 + shape.tcp_options * 4 : 8) + shape.payload);
  packet.insert(packet.end(), rest.begin(), rest.end());
  if (shape.tcp) packet[transport + 12] = static_cast<std::uint8_t>((5 + shape.tcp_options) << 4);
  finish(packet, !shape.no_checksum);
  if (shape.partial) make_partial(packet, sample.offload);
  if (shape.segment_size == 0) return sample;
  sample.offload.kind = !shape.tcp ? Offload::udp : shape.v6 ? Offload::tcp6 : Offload::tcp4;
  if (shape.tcp && below(random, 4) == 0) sample.offload.kind |= Offload::ecn;
  sample.offload.segment_size = static_cast<std::uint16_t>(shape.segment_size);
  sample.offload.header_size = static_cast<std::uint16_t>(packet.size() - shape.payload);
  return sample;
}

// What segment() should make of a super-packet whose checksum is right.
inline std::vector<Octets> slow_segments(const Sample& whole) {
  const Octets& packet = whole.octets;
  const Place place = place_of(packet);
  const std::size_t header_size = payload_place(packet, place);
  const std::size_t payload = packet.size() - header_size;
  const bool has_checksum =
      place.protocol == 6 || whole.offload.is_partial() || load_u16(&packet[checksum_place(place)]) != 0;
  std::vector<Octets> segments;
  std::size_t done = 0;
  do {
    const std::size_t size = std::min<std::size_t>(whole.offload.segment_size, payload - done);
    const bool is_first = done == 0;
    const bool is_last = done + size == payload;
    Octets one(packet.begin(), packet.begin() + static_cast<std::ptrdiff_t>(header_size));
    const auto from = packet.begin() + static_cast<std::ptrdiff_t>(header_size + done);
    one.insert(one.end(), from, from + static_cast<std::ptrdiff_t>(size));
    if (!is_v6(one)) store_u16(&one[4], static_cast<std::uint16_t>(load_u16(&one[4]) + segments.size()));
    if (place.protocol == 6) {
      std::uint8_t* tcp = &one[place.transport];
      store_u32(tcp + 4, load_u32(tcp + 4) + static_cast<std::uint32_t>(done));
      if (!is_first) tcp[13] &= 0x7f;
      if (!is_last) tcp[13] &= 0xf6;
    }
    finish(one, has_checksum);
    segments.push_back(one);
    done += size;
  } while (done < payload);
  return segments;
}

}  // namespace dragoman::nat64::samples
