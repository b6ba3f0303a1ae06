// Fragments that cannot go on at once (RFC 6146 3.4): those that came before the first one of their datagram, and whole
// datagrams that can be translated in one piece alone. One worker's; memory is bounded, time is given.
//
// Every other fragment is translated by itself. The first fragment has the ports; what it became is remembered here, so
// that the rest, in whatever order, leaves with the same addresses (RFC 4787 REQ-14).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>

#include "dragoman/base/function_ref.h"
#include "dragoman/base/time.h"
#include "dragoman/nat64/packet.h"
#include "refusal.h"

namespace dragoman::nat64 {

// Of one datagram: source, destination, identification, protocol (RFC 8200 4.5, RFC 791 3.2).
struct FragmentKey {
  std::array<std::uint8_t, 16> source{};
  std::array<std::uint8_t, 16> destination{};  // an IPv4 address: four octets and zeros
  std::uint32_t id = 0;
  std::uint8_t protocol = 0;
  bool is_v6 = false;
  friend bool operator==(const FragmentKey&, const FragmentKey&) = default;
};

struct FragmentPlace {
  std::uint16_t offset = 0;  // octets
  bool more = false;
  std::size_t header_size = 0;   // octets in front of the fragment's data in its packet
  std::size_t payload_size = 0;  // octets of its data; with header_size the whole packet

  std::size_t end() const { return offset + payload_size; }
};

// A fragment as it is handed to the store, which keeps copies.
struct Fragment {
  const FragmentKey& key;
  const Packet& packet;
  FragmentPlace place;
};

class Fragments {
 public:
  // Of a datagram's owner: who translates it. `verdict` is opaque here (an index, a tuple): 40 octets.
  using Verdict = std::array<std::uint8_t, 40>;
  // Dropped fragments are told here, each one, with its reason:
  //   malformed         ends beyond 65535, or not at a multiple of 8 though more follow (RFC 8200 4.5); CE beside
  //                     Not-ECT (RFC 3168 5.3)
  //   fragment_memory   no room left, or more than max_pieces of one datagram
  //   fragment_overlap  RFC 5722, and duplicates
  //   fragment_timeout, or the reason given to reassemble(): the first fragment, or the rest, never came
  using OnDrop = FunctionRef<void(DropReason, const Packet&)>;

  // Of one datagram. Enough for 65535 octets over links of 296 octets; bounds the work on each fragment.
  static constexpr std::size_t max_pieces = 256;
  // Datagrams that one call of expire() ends at most.
  static constexpr std::size_t max_expired = 64;

  // `memory`: octets of packets held, and of the records about them. An eighth of it is for remember() alone, so that a
  // flood of fragments without a first one does not keep others from going through. `seed`: secret, of the hash.
  Fragments(std::size_t memory, seconds timeout, std::uint64_t seed);
  ~Fragments();
  // What is held already stays; the timeout holds for it, too.
  void set_limits(std::size_t memory, seconds timeout);

  // What was decided for the first fragment, if it came already and has not timed out. Valid until the next call that
  // is not const.
  const Verdict* find(const FragmentKey& key) const;
  // Remembers it until the timeout, which begins anew; what was decided for an earlier datagram of this key is
  // forgotten. Then release() gives what waited for it. A datagram that is being reassembled has two first fragments
  // now: it is dropped (fragment_overlap). Without memory nothing is remembered, and hold() refuses what comes later.
  void remember(const FragmentKey& key, const Verdict& verdict, TimePoint now, OnDrop on_drop);
  // Tells that a fragment was translated, the first one included. When all of a datagram were, in their order, its
  // verdict is forgotten at once: its room is free, and the identification too. Need not be called.
  void note_translated(const FragmentKey& key, const FragmentPlace& place);
  // A copy of a fragment that came before the first one.
  void hold(const Fragment& fragment, TimePoint now, OnDrop on_drop);
  // Every fragment of this datagram that is held, in order of arrival, and forgets them. Packets have head- and
  // tailroom and are valid, and may be overwritten, during the call. `each` may call everything here.
  void release(const FragmentKey& key, FunctionRef<void(Packet&)> each);

  // Takes `fragment`, part of a datagram that must be whole before it is translated, to everything of it that is held
  // already. `reason` of the first call counts its pieces if it never is. When this fragment completes it: the whole
  // datagram, with the IP header of the first fragment (lengths and checksum corrected, no fragmentation in it; IPv6:
  // without the Fragment Header; ECN of RFC 3168 5.3), valid until the next call. Nullopt: wait.
  // A piece that overlaps another, or does not agree on the end, ends the datagram (RFC 5722): all of it is dropped,
  // also what comes until the timeout. An exact duplicate is dropped alone (RFC 8200 4.5).
  std::optional<Packet> reassemble(const Fragment& fragment, DropReason reason, TimePoint now, OnDrop on_drop);
  // Whether reassemble() has been called for this datagram, so that all later fragments go there, too.
  bool is_reassembling(const FragmentKey& key) const;

  // Ends what waited too long; a bounded number of datagrams each call.
  void expire(TimePoint now, OnDrop on_drop);
  // When expire() has something to do; TimePoint::max() when nothing is held.
  TimePoint next_expiry() const;
  std::size_t held_octets() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace dragoman::nat64
