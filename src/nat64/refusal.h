// Why a step does not go on with a packet, and what its sender is to be told. A step that refuses has not touched the
// packet.
#pragma once

#include <cstdint>
#include <optional>

#include "dragoman/nat64/drop_reason.h"

namespace dragoman::nat64 {

// An ICMP error of the family that the packet came from. Type 0: nothing is told.
struct IcmpError {
  std::uint8_t type = 0;
  std::uint8_t code = 0;
  std::uint32_t argument = 0;  // the second word of the header: MTU, or pointer (ICMPv6 and ICMPv4 alike)
  friend bool operator==(const IcmpError&, const IcmpError&) = default;
};

struct Refusal {
  DropReason reason = DropReason::malformed;
  IcmpError tell{};
  bool is_kept = false;  // not dropped: stored, and counted when that ends
  friend bool operator==(const Refusal&, const Refusal&) = default;
};

using Step = std::optional<Refusal>;  // nothing: go on

inline Step drop(DropReason reason, IcmpError tell = {}) { return Refusal{reason, tell, false}; }
inline Step keep() { return Refusal{DropReason::syn_unanswered, {}, true}; }

}  // namespace dragoman::nat64
