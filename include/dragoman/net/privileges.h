// Giving up what the program does not need any more: capabilities (capabilities(7)), the user, and the chance to get
// either back. The kernel has these for each thread: call before any other thread is started.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>

#include "dragoman/base/result.h"

namespace dragoman::net {

// Those that this program has a use for; numbers of linux/capability.h.
enum class Capability : std::uint8_t {
  net_bind_service = 10,  // ports below 1024
  net_admin = 12,         // devices, routes
  net_raw = 13,
  bpf = 39,
};

class CapabilitySet {
 public:
  constexpr CapabilitySet() = default;
  constexpr CapabilitySet(std::initializer_list<Capability> capabilities) {
    for (const Capability capability : capabilities) add(capability);
  }
  constexpr void add(Capability capability) { bits_ |= bit(capability); }
  constexpr bool has(Capability capability) const { return (bits_ & bit(capability)) != 0; }
  constexpr std::uint64_t bits() const { return bits_; }

 private:
  static constexpr std::uint64_t bit(Capability capability) {
    return std::uint64_t{1} << static_cast<unsigned>(capability);
  }
  std::uint64_t bits_ = 0;
};

bool has_capability(Capability capability);  // this thread, now

struct PrivilegeChange {
  CapabilitySet keep{};  // of those that the process has; one that it has not is no error
  std::string user{};    // whom to become, by name or number; empty: as it is
  std::string group{};   // empty: the user's. Supplementary groups become the user's
};

// Afterwards the process has at most the capabilities of `keep`, whoever it is, and no program that it starts gets more
// (no_new_privs, securebits; the bounding set as far as CAP_SETPCAP allows). Errors: not_found (no such user or group),
// permission (not allowed to become it). After an error the process should end: part of the change may be done.
Result<void> reduce_privileges(const PrivilegeChange& change);

}  // namespace dragoman::net
