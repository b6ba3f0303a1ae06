// Any series of calls to the store of fragments: memory stays bounded, every fragment is told of exactly once
// (released, dropped, or part of a datagram), and what is reassembled has the octets that were sent, whatever came in
// between.
#include <algorithm>
#include <array>
#include <functional>
#include <vector>

#include "dragoman/base/bytes.h"
#include "dragoman/ip/checksum.h"
#include "fragments.h"
#include "fuzz/check.h"
#include "fuzz/choices.h"

namespace dragoman::nat64 {
namespace {

using fuzz::check;
using fuzz::Choices;
using Octets = std::vector<std::uint8_t>;

constexpr std::size_t key_count = 4;
constexpr std::size_t largest_memory = 60000;

// What every datagram of a key has at a place, so that pieces of different sendings fit together.
std::uint8_t octet_of(std::size_t key, std::size_t place) {
  return static_cast<std::uint8_t>(key * 101 + place * 7 + place / 256 * 13);
}

class Game {
 public:
  explicit Game(Choices& choices) : choices_(choices) {}

  void play() {
    while (choices_.any()) {
      step();
      check(fragments_.held_octets() <= largest_memory, "memory stays bounded");
      check((fragments_.next_expiry() == TimePoint::max()) == (fragments_.held_octets() == 0),
            "what is held times out");
    }
    while (fragments_.next_expiry() != TimePoint::max()) {
      now_ = std::max(now_, fragments_.next_expiry());
      fragments_.expire(now_, on_drop_);
    }
    for (const std::size_t kept : kept_) check(kept == 0, "every fragment is told of");
    check(fragments_.held_octets() == 0, "nothing is left");
  }

 private:
  void step() {
    key_index_ = choices_.below(key_count);
    key_ = {};
    key_.is_v6 = key_index_ % 2 == 1;
    key_.source[0] = static_cast<std::uint8_t>(key_index_);
    key_.id = 7;
    key_.protocol = 17;
    switch (choices_.below(9)) {
      case 0:
        return fragments_.remember(key_, {static_cast<std::uint8_t>(key_index_)}, now_, on_drop_);
      case 1:
        return release();
      case 2:
        return fragments_.note_translated(key_, place());
      case 3:
        return fragments_.set_limits(choices_.octet() * std::size_t{200}, seconds(choices_.below(4)));
      case 4:
        now_ += milliseconds(choices_.octet() * 10);
        return;
      case 5:
        return fragments_.expire(now_, on_drop_);
      case 6:
        return hold();
      default:
        return reassemble();
    }
  }

  FragmentPlace place() {
    FragmentPlace place;
    place.header_size = key_.is_v6 ? 48 + 8 * choices_.below(3) : 20 + 4 * choices_.below(3);
    place.more = choices_.below(4) != 0;
    place.offset = static_cast<std::uint16_t>(choices_.octet() * 8 << (choices_.once_in(16) ? 5 : 0));
    place.payload_size = choices_.octet() * std::size_t{8} << (choices_.once_in(16) ? 3 : 0);
    if (!place.more) place.payload_size += choices_.below(8);
    return place;
  }

  void build(const FragmentPlace& place) {
    octets_.assign(place.header_size + place.payload_size, 0);
    octets_[0] = static_cast<std::uint8_t>(key_.is_v6 ? 0x60 : 0x40 | place.header_size / 4);
    octets_[1] = static_cast<std::uint8_t>(choices_.once_in(8) ? choices_.octet() : key_.is_v6 ? 0x20 : 2);
    octets_[key_.is_v6 ? 8 : 12] = static_cast<std::uint8_t>(key_index_);
    if (key_.is_v6) build_headers(place);
    for (std::size_t i = 0; i < place.payload_size; ++i) {
      octets_[place.header_size + i] = octet_of(key_index_, place.offset + i);
    }
    if (place.payload_size == 0 || !choices_.once_in(32)) return;
    octets_.back() ^= 1;
    ++wrong_octets_;
  }

  void build_headers(const FragmentPlace& place) {
    std::uint8_t* field = &octets_[6];
    for (std::size_t at = 40; at + 8 < place.header_size; at += 8) {
      *field = 60;
      field = &octets_[at];
    }
    *field = 44;
    octets_[place.header_size - 8] = 17;
    if (!choices_.once_in(32)) return;
    octets_[40 + choices_.below(place.header_size - 40)] = choices_.octet();
    has_wrong_headers_ = true;
  }

  void hold() {
    const FragmentPlace where = place();
    build(where);
    ++kept_[key_index_];
    const Packet packet{octets_.data(), octets_.size(), {}};
    fragments_.hold({key_, packet, where}, now_, on_drop_);
  }

  void release() {
    std::size_t& kept = kept_[key_index_];
    being_released_ = fragments_.is_reassembling(key_) ? 0 : kept;
    fragments_.release(key_, [&](Packet& packet) {
      check(being_released_ > 0, "only what was held is released");
      --kept;
      --being_released_;
      if (choices_.once_in(4)) step_inside();
      std::fill(packet.data - Packet::headroom, packet.data + packet.size + Packet::tailroom, std::uint8_t{0xee});
    });
    check(being_released_ == 0, "all that waits is released");
  }

  // What a translator may do with a fragment that is released to it.
  void step_inside() {
    switch (choices_.below(3)) {
      case 0:
        return hold();
      case 1:
        return fragments_.note_translated(key_, place());
      default:
        return reassemble();
    }
  }

  void reassemble() {
    const FragmentPlace where = place();
    build(where);
    ++kept_[key_index_];
    const Packet packet{octets_.data(), octets_.size(), {}};
    const auto whole = fragments_.reassemble({key_, packet, where}, DropReason::udp_zero_checksum, now_, on_drop_);
    if (!whole) return;
    kept_[key_index_] = being_released_;
    check(!fragments_.is_reassembling(key_), "a whole datagram is forgotten");
    check_whole(*whole);
    std::fill(whole->data - Packet::headroom, whole->data + whole->size + Packet::tailroom, std::uint8_t{0xee});
  }

  void check_whole(const Packet& whole) {
    const std::size_t length = load_u16(whole.data + (key_.is_v6 ? 4 : 2)) + std::size_t{key_.is_v6 ? 40u : 0u};
    check(length == whole.size, "the length is that of the whole");
    if (has_wrong_headers_) return;
    std::size_t header_size = 40;
    if (key_.is_v6) {
      for (std::uint8_t next = whole.data[6]; next == 60; header_size += 8) next = whole.data[header_size];
    } else {
      header_size = (whole.data[0] & 0x0f) * std::size_t{4};
      check(ip::fold(ip::sum_words(whole.data, header_size)) == 0xffff, "the IPv4 header checksum is right");
      check(load_u16(whole.data + 6) == 0, "no fragmentation is left");
    }
    std::size_t different = 0;
    for (std::size_t i = header_size; i < whole.size; ++i) {
      different += whole.data[i] != octet_of(key_index_, i - header_size);
    }
    check(different <= wrong_octets_, "octets are those that were sent");
  }

  Choices& choices_;
  Fragments fragments_{largest_memory, seconds(2), 1};
  TimePoint now_ = TimePoint() + seconds(1);
  std::size_t key_index_ = 0;
  FragmentKey key_;
  Octets octets_;
  std::array<std::size_t, key_count> kept_{};
  std::size_t being_released_ = 0;  // of the current key
  std::size_t wrong_octets_ = 0;    // that were sent
  bool has_wrong_headers_ = false;
  std::function<void(DropReason, const Packet&)> on_drop_ = [this](DropReason, const Packet& packet) {
    std::size_t& kept = kept_[packet.data[packet.data[0] >> 4 == 6 ? 8 : 12]];
    check(kept > 0, "nothing is dropped twice");
    --kept;
  };
};

}  // namespace
}  // namespace dragoman::nat64

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  dragoman::fuzz::Choices choices({data, size});
  dragoman::nat64::Game(choices).play();
  return 0;
}
