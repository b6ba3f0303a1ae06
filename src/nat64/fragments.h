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
  std::size_t payload_size = 0;  // octets of its data
};

class Fragments {
 public:
  // Of a datagram's owner: who translates it. `verdict` is opaque here (an index, a tuple): 40 octets.
  using Verdict = std::array<std::uint8_t, 40>;
  // Dropped fragments are told here, each one, with its reason: fragment_timeout, fragment_overlap, fragment_memory, or
  // udp_zero_checksum for pieces of what remember_reassembly() named so.
  using OnDrop = FunctionRef<void(DropReason, const Packet&)>;

  // `memory`: octets of packets held, and of the records about them. `seed`: a secret, since others choose the keys.
  Fragments(std::size_t memory, seconds timeout, std::uint64_t seed);
  ~Fragments();
  void set_limits(std::size_t memory, seconds timeout);  // what is held already stays

  // What was decided for the first fragment, if it came already and has not timed out.
  const Verdict* find(const FragmentKey& key) const;
  // Remembers it until the timeout. Then release() gives what waited for it.
  void remember(const FragmentKey& key, const Verdict& verdict, TimePoint now, OnDrop on_drop);
  // A copy of a fragment that came before the first one.
  void hold(const FragmentKey& key, const Packet& packet, const FragmentPlace& place, TimePoint now, OnDrop on_drop);
  // Every fragment of this datagram that is held, in order of arrival, and forgets them. Packets have head- and
  // tailroom and are valid, and may be overwritten, during the call.
  void release(const FragmentKey& key, FunctionRef<void(Packet&)> each);

  // Holds `packet`, which is part of a datagram that must be whole before it is translated, with everything of it that
  // is held already. `reason` counts its pieces if it never is. When this fragment completes it: the whole datagram,
  // with the IP header of the first fragment (lengths and checksum corrected, no fragmentation in it; IPv6: without the
  // Fragment Header), valid until the next call. Nullopt: wait. A piece that overlaps another ends the datagram
  // (RFC 5722): all of it is dropped.
  std::optional<Packet> reassemble(const FragmentKey& key, const Packet& packet, const FragmentPlace& place,
                                   DropReason reason, TimePoint now, OnDrop on_drop);
  // Whether reassemble() has been called for this datagram, so that later fragments go there, too.
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
