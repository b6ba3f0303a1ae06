// What stands in the way of a NAT64, and how it is mended; see start_checks.h.
// look_at_machine() asks the kernel on the control thread; everything else is pure.
#include "start_checks.h"

#include <algorithm>

namespace dragoman::gateway {
namespace {

bool is_within(const nat64::PoolEntry& entry, const ip::Ipv4Octets& address) {
  return entry.first <= address && address <= entry.last;
}

std::string text_of(const ip::Ipv4Octets& address) { return ip::Address(address).to_text(); }

void check_forwarding(const Machine& machine, std::vector<Finding>& found) {
  if (machine.forwards_ipv6 == false) {
    found.push_back({"the kernel does not forward IPv6: no client's packet reaches the NAT64",
                     "sysctl -w net.ipv6.conf.all.forwarding=1"});
  }
  if (machine.forwards_ipv4 == false) {
    found.push_back({"the kernel does not forward IPv4: nothing that is translated leaves this machine",
                     "sysctl -w net.ipv4.ip_forward=1"});
  }
}

// Packets to an address of the machine's own are the machine's: the routing table "local" comes before any route of
// ours.
void check_addresses(const Nat64Options& options, const Machine& machine, std::vector<Finding>& found) {
  for (const nat64::PoolEntry& entry : options.nat64.pool4) {
    for (const ip::Address& address : machine.addresses) {
      if (address.is_v6() || !is_within(entry, address.v4())) continue;
      std::string text =
          address.to_text() + " of the pool is an address of this machine: its packets do not come to the NAT64";
      if (machine.local_ports && machine.local_ports->first <= entry.last_port &&
          entry.first_port <= machine.local_ports->last) {
        text += ", and its ports are those that the machine's own sockets use, " +
                std::to_string(machine.local_ports->first) + " to " + std::to_string(machine.local_ports->last);
      }
      found.push_back({text, "take an address for the pool that is routed to this machine and that no interface has"});
    }
  }
}

void check_paths(const Nat64Options& options, const Machine& machine, std::vector<Finding>& found) {
  for (const ip::Ipv4Octets& address : machine.pool_elsewhere) {
    found.push_back({text_of(address) + " of the pool is routed elsewhere: answers from IPv4 do not come to the NAT64",
                     "ip route replace " + text_of(address) + "/32 dev " + options.device +
                         "  (or set nat64.routes: true and start as root)"});
  }
}

void check_uplink(const Nat64Options& options, const Uplink& uplink, std::vector<Finding>& found) {
  const std::string& name = uplink.name;
  if (uplink.reverse_path_filter == net::ReversePathFilter::strict && !options.routes) {
    found.push_back({"strict reverse path filtering on " + name + " drops packets whose way back is another interface",
                     "sysctl -w net.ipv4.conf." + name + ".rp_filter=2"});
  }
  if (!uplink.offloads) return;
  if (!uplink.offloads->gro) {
    found.push_back({name + " does not join what it receives (GRO): every packet costs a turn, some ten times the CPU",
                     "ethtool -K " + name + " gro on"});
  } else if (!uplink.offloads->udp_gro_forwarding) {
    found.push_back({name + " joins TCP alone: UDP, QUIC among it, costs a turn for every packet",
                     "ethtool -K " + name + " rx-udp-gro-forwarding on"});
  }
  if (uplink.offloads->gro_list) {
    found.push_back({name + " joins packets to chains, which a TUN device takes apart again",
                     "ethtool -K " + name + " rx-gro-list off"});
  }
}

void check_mtu(const Nat64Options& options, const Machine& machine, std::vector<Finding>& found) {
  std::uint32_t largest = 0;
  for (const Uplink& uplink : machine.uplinks) largest = std::max(largest, uplink.mtu);
  if (largest == 0 || std::max(options.nat64.mtu4, options.nat64.mtu6) <= largest) return;
  found.push_back({"nat64.mtu4 or nat64.mtu6 is above the MTU of every interface, " + std::to_string(largest),
                   "set them to what the links to clients and to the Internet take"});
}

}  // namespace

std::vector<Finding> findings(const Nat64Options& options, const Machine& machine) {
  std::vector<Finding> found;
  check_forwarding(machine, found);
  check_addresses(options, machine, found);
  check_paths(options, machine, found);
  for (const Uplink& uplink : machine.uplinks) check_uplink(options, uplink, found);
  check_mtu(options, machine, found);
  return found;
}

Machine look_at_machine(const Nat64Options& options) {
  Machine machine;
  machine.forwards_ipv6 = net::forwards_ipv6();
  machine.forwards_ipv4 = net::forwards_ipv4(options.device);
  machine.local_ports = net::local_port_range();
  auto netlink = net::Netlink::open();
  if (!netlink) return machine;
  const auto links = netlink->links();
  const auto addresses = netlink->addresses();
  net::LinkIndex device = 0;
  if (links) {
    for (const net::Link& link : *links) {
      if (link.name == options.device) device = link.index;
      if (!link.is_up || link.is_loopback || link.name == options.device) continue;
      machine.uplinks.push_back(
          {link.name, link.mtu, net::reverse_path_filter(link.name), net::receive_offloads(link.name)});
    }
  }
  if (addresses) {
    for (const net::LinkAddress& known : *addresses) machine.addresses.push_back(known.address);
  }
  for (const nat64::PoolEntry& entry : options.nat64.pool4) {
    const auto path = netlink->path_to(ip::Address(entry.first));
    if (!path || (path->link != device && !path->is_local)) machine.pool_elsewhere.push_back(entry.first);
  }
  return machine;
}

}  // namespace dragoman::gateway
