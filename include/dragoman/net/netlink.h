// Interfaces, addresses and routes of this machine (rtnetlink, rtnetlink(7)): what a NAT64 has to set up, and what its
// start looks at. Everything is of the network namespace that the socket was opened in.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dragoman/base/result.h"
#include "dragoman/ip/address.h"

namespace dragoman::net {

class NetlinkSocket;

using LinkIndex = unsigned;

struct Link {
  std::string name;
  LinkIndex index = 0;
  std::uint32_t mtu = 0;
  std::uint32_t queue_length = 0;  // txqueuelen: packets that wait for a reader, of a TUN device in each queue
  std::uint64_t dropped = 0;       // packets that it could not take (tx_dropped)
  bool is_up = false;
  bool is_loopback = false;
  std::array<std::uint8_t, 6> hardware_address{};  // zeros where it is not one of Ethernet

  // Of a TUN or TAP device.
  struct Tun {
    bool is_tap = false;
    bool is_multi_queue = false;
    bool is_persistent = false;     // made by `ip tuntap add`, stays without a program
    std::uint32_t queues = 0;       // attached now; 0: no program uses it, or it was made without multi_queue
    std::optional<unsigned> owner;  // the user that may attach
  };
  std::string kind;  // "tun", "veth", ...; empty for hardware
  std::optional<Tun> tun;
};

struct LinkAddress {
  LinkIndex link = 0;
  ip::Address address;
  std::uint8_t prefix_length = 0;
  friend bool operator==(const LinkAddress&, const LinkAddress&) = default;
};

struct Route {
  // Who made a route (rtm_protocol). The program's own have a number of their own, so that they are recognised:
  // `ip route show proto 64`.
  static constexpr std::uint8_t own_protocol = 64;

  ip::Prefix destination;
  LinkIndex link = 0;
  std::optional<ip::Address> gateway;
  std::uint32_t metric = 0;  // the lowest is preferred; 0 becomes 1024 with IPv6
  std::uint8_t protocol = own_protocol;
  std::uint32_t table = 254;  // main
  bool is_local = false;      // the machine's own addresses (type local)
  friend bool operator==(const Route&, const Route&) = default;
};

// One socket, for one thread at a time; every call waits for the kernel's answer. Changes take CAP_NET_ADMIN: the error
// permission. No such interface, route or address: not_found.
class Netlink {
 public:
  static Result<Netlink> open();
  Netlink(Netlink&&) noexcept;
  Netlink& operator=(Netlink&&) noexcept;
  ~Netlink();

  Result<Link> link(const std::string& name);
  Result<std::vector<Link>> links();
  Result<void> set_up(LinkIndex link);
  Result<void> set_mtu(LinkIndex link, std::uint32_t mtu);
  Result<void> set_queue_length(LinkIndex link, std::uint32_t packets);
  // No link-local address: the interface then sends no router solicitations, MLD reports and the like. Before set_up().
  Result<void> set_no_link_local(LinkIndex link);

  Result<std::vector<LinkAddress>> addresses();
  Result<void> add_address(const LinkAddress& address);  // no error if it is there; IPv6: without DAD
  Result<void> remove_address(const LinkAddress& address);

  // Unicast and local routes of all tables, without the kernel's cache.
  Result<std::vector<Route>> routes();
  Result<void> add_route(const Route& route);  // in_use: there is one of the same destination, metric and table
  Result<void> replace_route(const Route& route);
  Result<void> remove_route(const Route& route);
  // Those of Route::own_protocol through this interface. Goes on after errors, and gives the first one.
  Result<void> remove_own_routes(LinkIndex link);

  // How a packet to `destination` leaves; unreachable: it does not.
  struct Path {
    LinkIndex link = 0;
    ip::Address source;
    std::optional<ip::Address> gateway;
    std::uint32_t mtu = 0;  // that was learnt for it; 0: the interface's
    bool is_local = false;  // it is for this machine
  };
  Result<Path> path_to(const ip::Address& destination);

 private:
  explicit Netlink(std::unique_ptr<NetlinkSocket> socket);
  std::unique_ptr<NetlinkSocket> socket_;
};

}  // namespace dragoman::net
