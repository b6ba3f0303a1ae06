// What the NAT64 is to do beyond translating: its device, its threads, whom it tells about bindings. Plain values.
#pragma once

#include <cstdint>
#include <string>

#include "dragoman/base/time.h"
#include "dragoman/gateway/binding_log_options.h"
#include "dragoman/nat64/options.h"

namespace dragoman::gateway {

// `automatic`: on where the kernel lets us.
enum class Switch : std::uint8_t { automatic, on, off };

struct Nat64Options {
  nat64::Options nat64;

  std::string device = "nat64";         // the TUN device; made if it is not there
  std::uint32_t queues = 0;             // of the device, each with a thread of its own; 0: as many as `workers`
  bool routes = true;                   // bring the device up, route prefixes, pool and static bindings to it
  std::uint32_t device_mtu = 0;         // 0: the larger of mtu6 and mtu4
  std::uint32_t txqueuelen = 4096;      // packets that wait in a queue of the device
  Switch tso = Switch::automatic;       // TCP super-packets
  Switch uso = Switch::automatic;       // UDP super-packets
  Switch steering = Switch::automatic;  // the eBPF program that gives each packet to its owner's queue
  std::string user, group;              // who to be after the start; empty: who started us, the user's own group

  BindingLogOptions binding_log;

  std::size_t resolved_memory = 16 << 20;  // octets that remember who was answered with which IPv4 address
  bool traffic_by_name = true;             // count sessions and octets by the name that led to them
  seconds unready_max_ttl{60};  // of synthetic records while the pool is full or drains, so that clients soon ask again

  friend bool operator==(const Nat64Options&, const Nat64Options&) = default;
};

}  // namespace dragoman::gateway
