// Putting the program in front of an interface, and saying what it takes: see xdp_port.h.
#include "dragoman/net/xdp_port.h"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>

#include "dragoman/net/netlink.h"
#include "xdp_program.h"

namespace dragoman::net {
namespace {

constexpr std::uint32_t most_listeners = 4096;  // addresses of this host, times ports
constexpr std::uint32_t most_queues = 1024;

template <class Value>
Bytes octets_of(const Value& value) {
  return {reinterpret_cast<const std::uint8_t*>(&value), sizeof value};
}

// Those that receive, by the driver's word; one, where it has no word for it.
unsigned queues_of(const std::string& interface) {
  const UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ethtool_channels channels{};
  channels.cmd = ETHTOOL_GCHANNELS;
  ifreq request{};
  interface.copy(request.ifr_name, IFNAMSIZ - 1);
  request.ifr_data = reinterpret_cast<char*>(&channels);
  if (!socket || ::ioctl(socket.get(), SIOCETHTOOL, &request) != 0) return 1;
  return std::clamp(channels.combined_count + channels.rx_count, 1u, most_queues);
}

Result<Link> usable_link(const std::string& interface) {
  auto netlink = Netlink::open();
  if (!netlink) return netlink.error();
  auto link = netlink->link(interface);
  if (link && !link->is_up) return Error{ErrorCode::not_found, "the interface is down", interface};
  return link;
}

// Removes before it adds, so that a full map has room.
template <class Each>
Result<void> each_missing(const std::vector<ip::Endpoint>& of, const std::vector<ip::Endpoint>& in, Each each) {
  Result<void> first;
  for (const ip::Endpoint& endpoint : of) {
    if (std::find(in.begin(), in.end(), endpoint) != in.end()) continue;
    Result<void> done = each(xdp_listener_key(endpoint));
    if (!done && first) first = std::move(done);
  }
  return first;
}

}  // namespace

Result<XdpPort> XdpPort::open(const std::string& interface, XdpMode mode) {
  const auto link = usable_link(interface);
  if (!link) return link.error();
  auto listeners = BpfMap::make("dns_listeners", {BpfMap::Kind::hash, sizeof(XdpListenerKey), 4, most_listeners});
  if (!listeners) return listeners.error();
  auto sockets = BpfMap::make("dns_sockets", {BpfMap::Kind::xdp_sockets, 4, 4, most_queues});
  if (!sockets) return sockets.error();
  XdpPort port(interface, *std::move(listeners), *std::move(sockets));
  port.link_index_ = link->index;
  port.mtu_ = link->mtu;
  port.queues_ = queues_of(interface);
  const auto program = load_xdp("dns_queries", xdp_program({link->hardware_address, XdpSocket::max_frame},
                                                           {port.listeners_.fd(), port.sockets_.fd()}));
  if (!program) return program.error();
  if (auto attached = port.attach(program->get(), mode); !attached) return attached.error();
  return port;
}

Result<void> XdpPort::attach(int program, XdpMode mode) {
  hook_ = mode == XdpMode::generic ? XdpHook::generic : XdpHook::native;
  auto attached = attach_xdp(program, link_index_, hook_);
  if (!attached && mode == XdpMode::automatic && attached.error().code == ErrorCode::invalid_argument) {
    hook_ = XdpHook::generic;
    attached = attach_xdp(program, link_index_, hook_);
  }
  if (!attached) return attached.error();
  attachment_ = *std::move(attached);
  return {};
}

Result<XdpSocket> XdpPort::open_queue(unsigned queue) {
  auto socket = XdpSocket::open(interface_, queue, hook_);
  if (!socket) return socket;
  const std::uint32_t key = queue;
  const std::int32_t value = socket->fd();
  if (auto known = sockets_.update(octets_of(key), octets_of(value)); !known) return known.error();
  return socket;
}

Result<void> XdpPort::take(const std::vector<ip::Endpoint>& listeners) {
  const std::uint32_t something = 1;
  auto removed = each_missing(taken_, listeners, [&](const auto& key) { return listeners_.remove(octets_of(key)); });
  auto added = each_missing(listeners, taken_,
                            [&](const auto& key) { return listeners_.update(octets_of(key), octets_of(something)); });
  taken_ = listeners;
  return removed ? added : removed;
}

}  // namespace dragoman::net
