// What stands in the way of a NAT64 on this machine: the kernel's settings, looked at once at the start. Each finding
// says what happens and the command that mends it. look_at_machine() asks the kernel; findings() is pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dragoman/gateway/nat64_options.h"
#include "dragoman/net/kernel_settings.h"
#include "dragoman/net/netlink.h"

namespace dragoman::gateway {

struct Finding {
  std::string text;
  std::string fix;
};

struct Uplink {
  std::string name;
  std::uint32_t mtu = 0;
  std::optional<net::ReversePathFilter> reverse_path_filter{};
  std::optional<net::ReceiveOffloads> offloads{};
};

struct Machine {
  std::optional<bool> forwards_ipv6{};
  std::optional<bool> forwards_ipv4{};  // what comes out of the device
  std::vector<Uplink> uplinks{};        // interfaces that are up, but for the device and the loopback one
  std::vector<ip::Address> addresses{};
  std::optional<net::PortRange> local_ports{};
  std::vector<ip::Ipv4Octets> pool_elsewhere{};  // first addresses of pool entries whose route is not the device
};

Machine look_at_machine(const Nat64Options& options);
std::vector<Finding> findings(const Nat64Options& options, const Machine& machine);

}  // namespace dragoman::gateway
