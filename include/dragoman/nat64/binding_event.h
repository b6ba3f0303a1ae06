// What the binding log is told: who had which address and ports. Plain values without a time: whoever takes an event
// stamps it at once.
#pragma once

#include <cstdint>

#include "dragoman/ip/address.h"
#include "dragoman/nat64/options.h"

namespace dragoman::nat64 {

struct BindingEvent {
  // RFC 8158 4.3, natEvent.
  enum class Kind : std::uint8_t {
    block_allocated,
    block_released,
    session_created,
    session_deleted,
    pool_exhausted,  // no port to be had; at most one a second
    quota_exceeded,  // the subscriber's; at most one a second of each worker
  };
  Kind kind = Kind::block_allocated;
  Protocol protocol = Protocol::tcp;    // of a session
  std::uint8_t subscriber_length = 64;  // 128 in an event about a session
  ip::Ipv6Octets subscriber{};          // the prefix; the host in an event about a session
  std::uint16_t inside_port = 0;        // of a session
  ip::Ipv4Octets address{};
  std::uint16_t first_port = 0;  // of the block; the port of a session
  std::uint16_t last_port = 0;   // the same for a session
  ip::Ipv4Octets remote{};       // with log_destinations, else 0.0.0.0
  std::uint16_t remote_port = 0;
  friend bool operator==(const BindingEvent&, const BindingEvent&) = default;
};

}  // namespace dragoman::nat64
