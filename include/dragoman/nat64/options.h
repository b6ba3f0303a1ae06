// What the NAT64 is to do, as configured. Plain values; shared by all workers, swapped whole at a reload.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dragoman/base/time.h"
#include "dragoman/ip/address.h"
#include "dragoman/ip/pref64.h"

namespace dragoman::nat64 {

// What has ports or identifiers of its own: the three tables of RFC 6146 3.1. ICMP: query messages, by identifier.
enum class Protocol : std::uint8_t { tcp, udp, icmp };
inline constexpr std::size_t protocol_count = 3;

// Which IPv4 hosts may reach a binding (RFC 6146 3.5, RFC 4787 5).
enum class Filtering : std::uint8_t { endpoint_independent, address_dependent };

// A run of IPv4 addresses that the NAT64 owns, and which of their ports.
struct PoolEntry {
  ip::Ipv4Octets first{};
  ip::Ipv4Octets last{};
  std::uint16_t first_port = 1024;
  std::uint16_t last_port = 65535;
  bool drain = false;  // no new port blocks; what is in use goes on
  friend bool operator==(const PoolEntry&, const PoolEntry&) = default;
};

// An inbound service: outside's packets reach inside, and inside's leave as outside (RFC 6146 3.1, static entries).
struct StaticBinding {
  Protocol protocol = Protocol::tcp;
  ip::Endpoint inside;   // IPv6; for icmp the port is the identifier
  ip::Endpoint outside;  // IPv4, an address of the pool or another that is routed here
  friend bool operator==(const StaticBinding&, const StaticBinding&) = default;
};

// RFC 6146 4 names the minimums; shorter ones are for tests.
struct Timeouts {
  seconds udp{300};               // UDP_DEFAULT
  seconds tcp_established{7440};  // TCP_EST
  seconds tcp_transitory{240};    // TCP_TRANS
  seconds tcp_incoming_syn{6};    // TCP_INCOMING_SYN
  seconds icmp{60};               // ICMP_DEFAULT
  seconds fragment{2};            // FRAGMENT_MIN
  seconds port_hold{120};  // an empty port block stays with its subscriber, before others may have it (RFC 6888 REQ-8)
  friend bool operator==(const Timeouts&, const Timeouts&) = default;
};

// Of one subscriber; 0: no limit.
struct SubscriberLimits {
  std::uint32_t ports = 0;     // of each protocol (RFC 6888 REQ-4)
  std::uint32_t sessions = 0;  // of all protocols (REQ-5)
  std::uint32_t new_sessions_per_second = 0;
  friend bool operator==(const SubscriberLimits&, const SubscriberLimits&) = default;
};

struct IcmpOptions {
  bool errors = true;                     // whether drops are told to the sender at all (RFC 7915 4.4, 5.4)
  std::uint32_t errors_per_second = 100;  // of one worker
  // The NAT64's own addresses in the errors that it makes. Unset (0.0.0.0, ::): the address that the packet was for,
  // and the first address of the pool under the first prefix.
  ip::Ipv4Octets source4{};
  ip::Ipv6Octets source6{};
  // From these the source of an ICMPv6 error is chosen when the router has no IPv4 counterpart (RFC 6791 3). Empty: the
  // address of the binding.
  std::vector<ip::Ipv4Octets> router_addresses;
  bool router_extension = false;  // adds the router's IPv6 address to such errors (RFC 5837)
  friend bool operator==(const IcmpOptions&, const IcmpOptions&) = default;
};

struct Options {
  std::vector<ip::Pref64> prefixes;  // the first one is for what IPv4 starts
  ip::WellKnownPrefixRule well_known_prefix = ip::WellKnownPrefixRule::examples;
  std::vector<PoolEntry> pool4;
  std::uint16_t port_block_size = 256;  // a power of two, 64 to 1024
  std::uint8_t subscriber_prefix = 64;  // bits of an IPv6 source that make a subscriber; 48 to 128
  SubscriberLimits subscriber;
  std::uint32_t max_sessions = 2000000;  // of all workers; IPv4 begins none of the last eighth
  Timeouts timeouts;
  std::vector<StaticBinding> static_bindings;
  Filtering filtering = Filtering::endpoint_independent;
  bool inbound_refresh = false;                 // whether packets from IPv4 prolong UDP and ICMP sessions (RFC 7857 3)
  bool inbound_tcp = true;                      // whether IPv4 may start TCP connections to a binding
  bool parity = false;                          // keep ports odd or even (RFC 7857 7 advises against)
  std::vector<ip::Prefix> clients;              // IPv6 sources that are served; empty: all
  std::vector<ip::Prefix> denied_destinations;  // IPv4 that is not reached, beside what the prefix must not hold
  bool only_resolved = false;                   // IPv4 addresses only that this DNS64 answered to the client

  IcmpOptions icmp;
  std::uint16_t mtu6 = 1500;              // of the next IPv6 link
  std::uint16_t mtu4 = 1500;              // of the next IPv4 link
  std::uint16_t lowest_ipv6_mtu = 1280;   // what packets that may be fragmented are cut to (RFC 7915 4.1)
  std::uint16_t tcp_mss = 0;              // SYNs of either direction get at most this MSS; 0: as they are
  bool copy_traffic_class = true;         // TOS and traffic class into each other; else zero
  std::size_t fragment_memory = 4 << 20;  // octets that one worker holds of fragments and stored SYNs

  bool log_sessions = false;      // every session, not the port blocks alone
  bool log_destinations = false;  // ... and whom it was with (RFC 6888 REQ-12 advises against)
  friend bool operator==(const Options&, const Options&) = default;
};

}  // namespace dragoman::nat64
