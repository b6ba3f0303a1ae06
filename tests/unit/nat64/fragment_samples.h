// Random datagrams of both families, whole and in fragments. For tests.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "fragments.h"
#include "super_packets.h"

namespace dragoman::nat64::samples {

struct SampleFragment {
  FragmentKey key;
  Octets octets;
  FragmentPlace place;

  Packet packet() const { return {const_cast<std::uint8_t*>(octets.data()), octets.size(), {}}; }
};

struct Datagram {
  Octets whole;
  std::vector<SampleFragment> pieces;
};

struct DatagramShape {
  bool v6 = false;
  std::size_t extensions = 0;  // IPv6: in front of the Fragment Header
  std::size_t payload = 0;     // IPv6: behind the unfragmentable part
  std::size_t piece = 0;       // payload of each fragment but the last, rounded down to eight octets
};

inline std::size_t payload_start(const Octets& whole) {
  std::size_t at = is_v6(whole) ? 40 : (whole[0] & 0x0fU) * std::size_t{4};
  std::uint8_t next_header = is_v6(whole) ? whole[6] : whole[9];
  while (next_header == 0 || next_header == 60) {
    next_header = whole[at];
    at += (whole[at + 1] + std::size_t{1}) * 8;
  }
  return at;
}

// The fragment of `whole` that has `size` octets from `offset` on; key as `like`.
inline SampleFragment piece_of(const Octets& whole, const SampleFragment& like, std::size_t offset, std::size_t size,
                               bool more) {
  const std::size_t start = payload_start(whole);
  SampleFragment piece{like.key, Octets(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(start)), {}};
  if (is_v6(whole)) {
    std::size_t field = 6;
    for (std::size_t at = 40; at < start; at += (piece.octets[at + 1] + std::size_t{1}) * 8) field = at;
    Octets header{piece.octets[field], 0, 0, 0, 0, 0, 0, 0};
    piece.octets[field] = 44;
    store_u16(&header[2], static_cast<std::uint16_t>(offset | more));
    store_u32(&header[4], like.key.id);
    piece.octets.insert(piece.octets.end(), header.begin(), header.end());
  } else {
    store_u16(&piece.octets[6], static_cast<std::uint16_t>((more ? 0x2000 : 0) | offset / 8));
  }
  piece.place = {static_cast<std::uint16_t>(offset), more, piece.octets.size(), size};
  const auto from = whole.begin() + static_cast<std::ptrdiff_t>(start + offset);
  piece.octets.insert(piece.octets.end(), from, from + static_cast<std::ptrdiff_t>(size));
  if (is_v6(whole)) {
    store_u16(&piece.octets[4], static_cast<std::uint16_t>(piece.octets.size() - 40));
  } else {
    store_u16(&piece.octets[2], static_cast<std::uint16_t>(piece.octets.size()));
  }
  return piece;
}

inline Datagram cut_datagram(Random& random, const DatagramShape& shape) {
  Datagram datagram;
  Shape ip{.v6 = shape.v6, .ip_options = shape.extensions};
  datagram.whole = ip_header(random, ip);
  Octets& whole = datagram.whole;
  const Octets payload = random_octets(random, shape.payload);
  whole.insert(whole.end(), payload.begin(), payload.end());
  if (shape.v6) {
    store_u16(&whole[4], static_cast<std::uint16_t>(whole.size() - 40));
    whole[1] &= 0xcf;
  } else {
    store_u16(&whole[2], static_cast<std::uint16_t>(whole.size()));
    whole[1] &= 0xfc;
    store_u16(&whole[10], 0);
    const auto end = whole.begin() + (whole[0] & 0x0f) * 4;
    store_u16(&whole[10], static_cast<std::uint16_t>(~slow_sum(Octets(whole.begin(), end))));
  }
  SampleFragment like;
  const Octets address = random_octets(random, 32);
  std::copy_n(address.begin(), shape.v6 ? 16 : 4, like.key.source.begin());
  std::copy_n(address.begin() + 16, shape.v6 ? 16 : 4, like.key.destination.begin());
  like.key.id = static_cast<std::uint32_t>(shape.v6 ? random() : random() & 0xffff);
  like.key.protocol = 17;
  like.key.is_v6 = shape.v6;
  const std::size_t step = std::max<std::size_t>(8, shape.piece & ~std::size_t{7});
  for (std::size_t offset = 0; offset < shape.payload; offset += step) {
    const std::size_t size = std::min(step, shape.payload - offset);
    datagram.pieces.push_back(piece_of(whole, like, offset, size, offset + size < shape.payload));
  }
  return datagram;
}

inline unsigned ecn_of(const Octets& packet) { return is_v6(packet) ? packet[1] >> 4 & 3 : packet[1] & 3; }
inline void set_ecn(SampleFragment& piece, unsigned ecn) {
  std::uint8_t& octet = piece.octets[1];
  octet = static_cast<std::uint8_t>(is_v6(piece.octets) ? (octet & 0xcf) | ecn << 4 : (octet & 0xfc) | ecn);
}

}  // namespace dragoman::nat64::samples
