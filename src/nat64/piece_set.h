// The pieces of one datagram: whether another one fits to them (RFC 5722, RFC 8200 4.5), and what they are together.
// Part of Fragments (fragments.h), which counts and times them. Pure.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "fragments.h"

namespace dragoman::nat64 {

// A fragment that was copied, with head- and tailroom. What offload header it had is forgotten: a fragment has no use
// for one.
struct Piece {
  std::unique_ptr<std::uint8_t[]> room;
  std::size_t size = 0;
  FragmentPlace place;

  Packet packet() const { return {room.get() + Packet::headroom, size, {}}; }
  static std::size_t room_for(std::size_t size) { return Packet::headroom + size + Packet::tailroom; }
};
Piece copy_of(const Fragment& fragment);

// Whether a fragment can be part of a datagram at all; `is_v6` counts as RFC 8200 4.5 does, else as RFC 791 3.1.
bool is_well_formed(const FragmentPlace& place, bool is_v6);

// Pieces that were found to fit together, in any order.
class PieceSet {
 public:
  enum class Fit : std::uint8_t { fits, duplicate, contradiction };

  Fit fit(const Packet& packet, const FragmentPlace& place) const;
  // Whether one that fits is all that was missing.
  bool is_completed_by(const FragmentPlace& place) const;
  void add(Piece piece);

  const std::vector<Piece>& pieces() const { return pieces_; }
  std::vector<Piece> take();  // leaves it empty

  // The datagram that `last` completes, in Piece::room_for(Packet::max_size) octets. Nullopt: its headers are too long
  // for its length, or its ECN fields contradict each other.
  std::optional<Packet> join(const Fragment& last, std::uint8_t* room) const;

 private:
  std::vector<Piece> pieces_;
  std::size_t octets_ = 0;  // of all payloads
  std::size_t end_ = 0;     // of the last fragment; 0: not known
};

}  // namespace dragoman::nat64
