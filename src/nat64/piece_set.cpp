// Fitting together and joining. The number of pieces is bounded by Fragments::max_pieces, so they are simply looked
// through.
#include "piece_set.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "dragoman/base/bytes.h"
#include "dragoman/ip/checksum.h"

namespace dragoman::nat64 {
namespace {

constexpr std::size_t ipv6_header_size = 40;
constexpr std::size_t fragment_header_size = 8;
constexpr std::size_t max_length = 65535;  // IPv4 Total Length, IPv6 Payload Length
constexpr std::uint8_t fragment_number = 44;

enum Ecn : std::uint8_t { not_ect = 0, ce = 3 };

// The length field of the whole datagram, if it ends with this piece.
std::size_t length_of_whole(const FragmentPlace& place, bool is_v6) {
  return place.end() + place.header_size - (is_v6 ? ipv6_header_size + fragment_header_size : 0);
}

std::uint8_t ecn_of(const std::uint8_t* packet, bool is_v6) { return is_v6 ? packet[1] >> 4 & 3 : packet[1] & 3; }

void set_ce(std::uint8_t* packet, bool is_v6) {
  packet[1] = static_cast<std::uint8_t>(packet[1] | (is_v6 ? ce << 4 : ce));
}

// Takes the Fragment Header out of the chain of Next Header fields; it is the last one of `size` octets of headers.
bool unlink_fragment_header(std::uint8_t* headers, std::size_t size) {
  const std::size_t fragment_header = size - fragment_header_size;
  std::size_t field = 6;
  std::size_t at = ipv6_header_size;
  while (at < fragment_header) {
    field = at;
    at += (std::size_t{headers[at + 1]} + 1) * 8;
  }
  if (at != fragment_header || headers[field] != fragment_number) return false;
  headers[field] = headers[fragment_header];
  return true;
}

// The IP header of a whole datagram of `size` octets. DF goes, too: it spoke of the fragments.
void finish_ipv4_header(std::uint8_t* header, std::size_t header_size, std::size_t size) {
  store_u16(header + 2, static_cast<std::uint16_t>(size));
  store_u16(header + 6, 0);
  ip::store_word(header + 10, 0);
  ip::store_word(header + 10, ip::checksum_of(ip::sum_words(header, header_size)));
}

}  // namespace

Piece copy_of(const Fragment& fragment) {
  const Packet& packet = fragment.packet;
  Piece piece{std::make_unique_for_overwrite<std::uint8_t[]>(Piece::room_for(packet.size)), packet.size,
              fragment.place};
  std::memcpy(piece.packet().data, packet.data, packet.size);
  return piece;
}

bool is_well_formed(const FragmentPlace& place, bool is_v6) {
  if (place.payload_size == 0 || length_of_whole(place, is_v6) > max_length) return false;
  return place.offset % 8 == 0 && (!place.more || place.payload_size % 8 == 0);
}

PieceSet::Fit PieceSet::fit(const Packet& packet, const FragmentPlace& place) const {
  const bool ends_elsewhere = end_ != 0 && (place.end() > end_ || (!place.more && place.end() != end_));
  Fit fit = ends_elsewhere ? Fit::contradiction : Fit::fits;
  for (const Piece& piece : pieces_) {
    const FragmentPlace& other = piece.place;
    const bool is_behind_the_end = !place.more && other.end() > place.end();
    const bool overlaps = place.offset < other.end() && other.offset < place.end();
    if (!overlaps && !is_behind_the_end) continue;
    const bool is_same =
        place.offset == other.offset && place.payload_size == other.payload_size && place.more == other.more &&
        std::memcmp(packet.data + place.header_size, piece.packet().data + other.header_size, place.payload_size) == 0;
    if (is_same) return Fit::duplicate;
    fit = Fit::contradiction;
  }
  return fit;
}

bool PieceSet::is_completed_by(const FragmentPlace& place) const {
  const std::size_t end = place.more ? end_ : place.end();
  return end != 0 && octets_ + place.payload_size == end;
}

void PieceSet::add(Piece piece) {
  octets_ += piece.place.payload_size;
  if (!piece.place.more) end_ = piece.place.end();
  pieces_.push_back(std::move(piece));
}

std::vector<Piece> PieceSet::take() {
  octets_ = end_ = 0;
  return std::exchange(pieces_, {});
}

std::optional<Packet> PieceSet::join(const Fragment& last, std::uint8_t* room) const {
  const bool is_v6 = last.key.is_v6;
  std::uint8_t* whole = room + Packet::headroom;
  std::size_t header_size = 0;
  std::size_t size = 0;
  unsigned ecn_seen = 0;
  auto each_piece = [&](auto&& use) {
    for (const Piece& piece : pieces_) use(piece.packet().data, piece.place);
    use(last.packet.data, last.place);
  };
  each_piece([&](const std::uint8_t* packet, const FragmentPlace& place) {
    ecn_seen |= 1u << ecn_of(packet, is_v6);
    size = std::max(size, place.end());
    if (place.offset != 0) return;
    header_size = place.header_size;
    std::memcpy(whole, packet, header_size);
  });

  // RFC 3168 5.3: congestion on the way of one fragment is that of the whole, and must not get lost.
  if (ecn_seen & 1u << ce) {
    if (ecn_seen & 1u << not_ect) return std::nullopt;
    set_ce(whole, is_v6);
  }
  if (is_v6) {
    if (!unlink_fragment_header(whole, header_size)) return std::nullopt;
    header_size -= fragment_header_size;
  }
  size += header_size;
  const std::size_t length = is_v6 ? size - ipv6_header_size : size;
  if (length > max_length) return std::nullopt;
  if (is_v6) {
    store_u16(whole + 4, static_cast<std::uint16_t>(length));
  } else {
    finish_ipv4_header(whole, header_size, size);
  }
  each_piece([&](const std::uint8_t* packet, const FragmentPlace& place) {
    std::memcpy(whole + header_size + place.offset, packet + place.header_size, place.payload_size);
  });
  return Packet{whole, size, {}};
}

}  // namespace dragoman::nat64
