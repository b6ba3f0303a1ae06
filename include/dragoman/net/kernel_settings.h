// Settings of the kernel that decide whether a router's packets pass: read at the start, to tell what is in the way.
// Nothing is changed. Nullopt: this kernel does not say (no such file, interface or feature).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace dragoman::net {

// Whether packets that come in by this interface are routed on: net.ipv4.conf.NAME.forwarding.
std::optional<bool> forwards_ipv4(const std::string& link);
// net.ipv6.conf.all.forwarding, which alone counts.
std::optional<bool> forwards_ipv6();

// What the kernel does with an IPv4 packet whose sender would be reached by another interface (RFC 3704 2).
enum class ReversePathFilter : std::uint8_t { off = 0, strict = 1, loose = 2 };
// The stricter one of the interface's and of all's, as the kernel has it (the larger number).
std::optional<ReversePathFilter> reverse_path_filter(const std::string& link);

// Ports that the machine's own sockets take (net.ipv4.ip_local_port_range).
struct PortRange {
  std::uint16_t first = 0;
  std::uint16_t last = 0;
  friend bool operator==(const PortRange&, const PortRange&) = default;
};
std::optional<PortRange> local_port_range();

// Whether an interface joins what it receives to super-packets (ethtool -k).
struct ReceiveOffloads {
  bool gro = false;                 // generic-receive-offload: TCP
  bool udp_gro_forwarding = false;  // rx-udp-gro-forwarding: UDP, too
  bool gro_list = false;            // rx-gro-list: packets as a chain, which a TUN device takes apart again
  friend bool operator==(const ReceiveOffloads&, const ReceiveOffloads&) = default;
};
std::optional<ReceiveOffloads> receive_offloads(const std::string& link);

}  // namespace dragoman::net
