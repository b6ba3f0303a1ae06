// IP addresses, ports and prefixes as values. IPv4-mapped IPv6 addresses are normalised to IPv4 wherever an address
// comes from a socket, so that one rule for IPv4 holds on dual-stack sockets too. Pure; any thread.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/base/result.h"

struct sockaddr;

namespace dragoman::ip {

using Ipv4Octets = std::array<std::uint8_t, 4>;
using Ipv6Octets = std::array<std::uint8_t, 16>;

class Address {
 public:
  constexpr Address() = default;  // 0.0.0.0
  constexpr explicit Address(const Ipv4Octets& octets) : is_v6_(false) {
    for (std::size_t i = 0; i < 4; ++i) octets_[i] = octets[i];
  }
  constexpr explicit Address(const Ipv6Octets& octets) : octets_(octets), is_v6_(true) {}
  static Result<Address> from_text(std::string_view text);  // "192.0.2.1", "2001:db8::1"

  bool is_v6() const { return is_v6_; }
  std::size_t bit_length() const { return is_v6_ ? 128 : 32; }
  const std::uint8_t* octets() const { return octets_.data(); }
  Ipv4Octets v4() const { return {octets_[0], octets_[1], octets_[2], octets_[3]}; }
  Ipv6Octets v6() const { return octets_; }
  Address without_mapping() const;  // ::ffff:192.0.2.1 becomes 192.0.2.1
  Address with_mapping() const;     // the other way round
  bool is_loopback() const;
  bool is_unspecified() const;
  std::string to_text() const;

  friend bool operator==(const Address&, const Address&) = default;
  friend std::strong_ordering operator<=>(const Address&, const Address&) = default;

 private:
  Ipv6Octets octets_{};
  bool is_v6_ = false;
};

struct Endpoint {
  Address address;
  std::uint16_t port = 0;

  static Result<Endpoint> from_text(std::string_view text);  // "192.0.2.1:53", "[2001:db8::1]:53"
  // Mapped addresses are normalised. 0.0.0.0:0 for a family that is neither IPv4 nor IPv6.
  static Endpoint from_sockaddr(const sockaddr* address);
  // Fills a sockaddr_storage; returns its length.
  unsigned to_sockaddr(void* storage) const;
  std::string to_text() const;
  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

// A CIDR prefix; host bits are zero.
struct Prefix {
  Address network;
  std::uint8_t length = 0;

  // "192.0.2.0/24"; an address alone is a host prefix. Host bits that are set: malformed.
  static Result<Prefix> from_text(std::string_view text);
  bool contains(const Address& address) const;
  std::string to_text() const;
  friend bool operator==(const Prefix&, const Prefix&) = default;
};

// Which of many prefixes holds an address: the longest match decides.
class PrefixSet {
 public:
  // The same prefix allowed and refused is refused.
  void add(const Prefix& prefix, bool allow);
  // What the longest matching prefix says; `otherwise` when none matches.
  bool allows(const Address& address, bool otherwise) const;
  bool empty() const { return rules_.empty(); }

 private:
  struct Rule {
    Prefix prefix;
    bool allow;
  };
  std::vector<Rule> rules_;  // longest first
};

// True for the IPv4 blocks that are not globally reachable by the IANA special-purpose registry (RFC 6890), and for
// multicast.
bool is_non_global_v4(const Ipv4Octets& address);

}  // namespace dragoman::ip
