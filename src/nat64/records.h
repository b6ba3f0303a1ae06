// The records of the tables (RFC 6146 3.1, 3.2). They name each other by number, because numbers are half as large as
// pointers; addresses and ports of IPv4 are in host order. A session with its binding takes about 70 octets, indexes
// and the binding's place in its port block included.
//
//   Subscriber (a prefix) <-- Pairing (with an address of the pool) <-- PortBlock --> Binding --> Host --> Subscriber
//                                                                                       ^
//                                                                                    Session
#pragma once

#include <cstdint>

#include "dragoman/nat64/options.h"
#include "dragoman/nat64/translator.h"
#include "expiry_wheel.h"
#include "slab.h"

namespace dragoman::nat64 {

// All hosts of a prefix: what limits and port blocks belong to.
struct Subscriber {
  Index next = none;
  ip::Ipv6Octets prefix{};
  Index pairings = none;  // the first of a list, the one last used
  std::uint32_t hosts = 0;
  std::uint32_t bindings[protocol_count] = {};
  std::uint32_t sessions = 0;
  Second rate_second = 0;        // when
  std::uint32_t rate_count = 0;  // so many new sessions were begun
};

// A source address X'.
struct Host {
  Index next = none;
  ip::Ipv6Octets address{};
  Index subscriber = none;
  std::uint32_t address4 = 0;  // T, while it has bindings: where the next one belongs, too (RFC 6888 REQ-2)
  std::uint32_t bindings = 0;
};

// An entry of the Binding Information Base: (X', x) <-> (T, t).
struct Binding {
  Index next = none;
  Index host = none;
  std::uint32_t address = 0;  // T
  std::uint32_t sessions = 0;
  std::uint16_t inside_port = 0;   // x
  std::uint16_t outside_port = 0;  // t
  Protocol protocol = Protocol::tcp;
  bool is_static = false;    // stays without sessions
  bool is_of_block = false;  // t was taken from a port block
  bool is_retired = false;   // no packet finds it any more; it is there for its sessions, which are being ended
};

// An entry of the session table: a binding and whom it is with, (Z, z).
struct Session {
  Index next = none;
  Index binding = none;
  Index wheel_next = none;
  Index wheel_previous = none;
  Second deadline = 0;
  std::uint32_t remote = 0;       // Z
  std::uint16_t remote_port = 0;  // z; 0 for ICMP
  std::uint16_t name = 0;         // which name its traffic is counted for (NameTraffic); 0: none
  SessionState state = SessionState::open;
  std::uint8_t prefix = 0;      // which of the options' prefixes the inside uses
  bool has_permission = false;  // counts in its binding's permission for Z
  // Stands for all sessions of the binding with Z, as long as there are any: `deadline` counts them. Address-dependent
  // filtering asks for it.
  bool is_permission = false;
};
static_assert(sizeof(Session) == 32);
static_assert(sizeof(Binding) == 24);

}  // namespace dragoman::nat64
