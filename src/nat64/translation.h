// The IP/ICMP translation algorithm (RFC 7915), stateless: the tables have said which addresses and ports the packet
// leaves with. In place, towards the front. A refusal leaves the packet as it was. Pure.
#pragma once

#include <cstdint>
#include <span>

#include "dragoman/nat64/options.h"
#include "dragoman/nat64/packet.h"
#include "headers.h"
#include "refusal.h"

namespace dragoman::nat64 {

// The outgoing tuple (RFC 6146 3.6). For ICMP queries both ports are the identifier. Ports are not looked at in
// fragments other than the first.
struct Tuple4 {
  ip::Ipv4Octets source{};
  ip::Ipv4Octets destination{};
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
  friend bool operator==(const Tuple4&, const Tuple4&) = default;
};
struct Tuple6 {
  ip::Ipv6Octets source{};
  ip::Ipv6Octets destination{};
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
  friend bool operator==(const Tuple6&, const Tuple6&) = default;
};

// Identification values of the IPv4 packets that we make of unfragmented IPv6 ones (RFC 6864 4.3; RFC 7915 5.1): one
// of each worker, begun at a random place.
class Identification {
 public:
  explicit Identification(std::uint16_t first) : next_(first) {}
  // The first of `count` successive values: a super-packet takes one for each segment.
  std::uint16_t take(std::size_t count = 1) {
    const std::uint16_t first = next_;
    next_ = static_cast<std::uint16_t>(next_ + count);
    return first;
  }

 private:
  std::uint16_t next_;
};

// RFC 7915 5.1 and 5.2 but for errors: TCP, UDP, ICMP queries, and fragments of them.
Step six_to_four(Packet& packet, const Ipv6Headers& headers, const Tuple4& outgoing, Identification& identification,
                 const Options& options);
// RFC 7915 4.1 and 4.2 but for errors. What may be fragmented leaves here in one piece however large it is: see
// needs_fragmenting().
Step four_to_six(Packet& packet, const Ipv4Headers& headers, const Tuple6& outgoing, const Options& options);

// RFC 7915 5.2, 5.3 and 4.2, 4.3: ICMP errors. `embedded_tuple`: the packet that the error is about as it was on the
// other side (so its source is the outer destination, seen from whom it is told to). Outer addresses are given apart,
// because routers have addresses of their own. Hop limit as everywhere.
struct ErrorTuple4 {
  ip::Ipv4Octets source{};
  ip::Ipv4Octets destination{};
  Tuple4 embedded;
  const std::uint8_t* router6 = nullptr;  // 16 octets to add as a RFC 5837 extension; null: none
  std::uint16_t id = 0;                   // of an Identification, for a packet without a Fragment Header
};
struct ErrorTuple6 {
  ip::Ipv6Octets source{};
  ip::Ipv6Octets destination{};
  Tuple6 embedded;
};
Step error_six_to_four(Packet& packet, const Ipv6Headers& outer, const Ipv6Headers& embedded,
                       const ErrorTuple4& outgoing, const Options& options);
Step error_four_to_six(Packet& packet, const Ipv4Headers& outer, const Ipv4Headers& embedded,
                       const ErrorTuple6& outgoing, const Options& options);

// -- Errors of our own (RFC 4443 2.4, 3; RFC 792, RFC 1812 4.3.2) --

// Whether `packet` may be told of at all: not about ICMP errors or redirects, fragments other than the first,
// multicast or broadcast or unspecified addresses.
bool may_be_told(const Ipv6Headers& headers);
bool may_be_told(const Ipv4Headers& headers);

// Writes an ICMP error about `offending` from `source` to its source, hop limit 64, into `room`: Packet::headroom, 1280
// octets for IPv6 or 576 for IPv4, and Packet::tailroom. The result views it.
Packet make_icmp6_error(std::span<std::uint8_t> room, const Packet& offending, const Ipv6Headers& headers,
                        const ip::Ipv6Octets& source, const IcmpError& error);
Packet make_icmp4_error(std::span<std::uint8_t> room, const Packet& offending, const Ipv4Headers& headers,
                        const ip::Ipv4Octets& source, const IcmpError& error);

}  // namespace dragoman::nat64
