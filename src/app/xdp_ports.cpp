// Opening, falling back, and which addresses are ours: see xdp_ports.h.
#include "xdp_ports.h"

#include <algorithm>
#include <iterator>

#include "dragoman/base/log.h"
#include "dragoman/net/netlink.h"

namespace dragoman::app {
namespace {

constexpr const char* modes[] = {"zero_copy", "native", "generic", "none"};

const char* name_of(net::XdpHook hook, bool is_zero_copy) {
  if (hook == net::XdpHook::generic) return "generic";
  return is_zero_copy ? "zero_copy" : "native";
}

// Those that take datagrams. With port 0 each worker has another one.
std::vector<ip::Endpoint> datagram_listeners(const config::Config& config) {
  std::vector<ip::Endpoint> out;
  for (const serve::ListenOptions& listen : config.listen) {
    if (listen.scheme == serve::Scheme::dns && listen.endpoint.port != 0) out.push_back(listen.endpoint);
  }
  return out;
}

Error demanded(Error error) {
  error.detail += " (with xdp.mode: auto the start goes on without AF_XDP)";
  return error;
}

// A wildcard stands for every address of this host; [::] for those of IPv4, too.
bool stands_for(const ip::Address& listener, const ip::Address& address) {
  return listener.is_unspecified() && (listener.is_v6() || !address.is_v6());
}

// Those of the interface, and those that belong to none. Others may be those of a VLAN on the interface, whose tag the
// device has taken off by the time that a program sees the frame.
std::vector<net::LinkAddress> addresses_at(net::LinkIndex interface, const std::vector<net::Link>& links,
                                           const std::vector<net::LinkAddress>& addresses) {
  const auto may_come_by = [&](const net::LinkAddress& address) {
    return address.link == interface || std::any_of(links.begin(), links.end(), [&](const net::Link& link) {
             return link.index == address.link && (link.is_loopback || link.kind == "dummy");
           });
  };
  std::vector<net::LinkAddress> out;
  std::copy_if(addresses.begin(), addresses.end(), std::back_inserter(out), may_come_by);
  return out;
}

std::vector<ip::Endpoint> without_wildcards(const std::vector<ip::Endpoint>& listeners,
                                            const std::vector<net::LinkAddress>& addresses) {
  std::vector<ip::Endpoint> out;
  for (const ip::Endpoint& listener : listeners) {
    for (const net::LinkAddress& address : addresses) {
      const bool is_meant = address.address == listener.address || stands_for(listener.address, address.address);
      const ip::Endpoint endpoint{address.address, listener.port};
      if (is_meant && std::find(out.begin(), out.end(), endpoint) == out.end()) out.push_back(endpoint);
    }
  }
  return out;
}

}  // namespace

XdpPorts::XdpPorts(net::EventLoop& loop) : addresses_(loop, [this] { follow_addresses(); }) {}

Result<void> XdpPorts::open(const config::Config& config, const Workers& workers) {
  if (config.xdp.interfaces.empty()) return {};
  listeners_ = datagram_listeners(config);
  for (const std::string& interface : config.xdp.interfaces) {
    auto opened = open_port(interface, config.xdp.mode, workers);
    if (!opened && config.xdp.mode != net::XdpMode::automatic) return demanded(opened.error());
    if (opened) {
      ports_.push_back(*std::move(opened));
    } else {
      log::warn("xdp_unavailable", "queries of this interface take the ordinary way",
                {{"interface", interface}, {"reason", opened.error().text()}});
      ports_.push_back({interface, nullptr, {}});
    }
  }
  if (auto started = addresses_.start(); !started) {
    log::warn("xdp_addresses", "addresses that come later need a restart", {{"reason", started.error().text()}});
  }
  follow_addresses();
  return {};
}

// All sockets or none: workers have no use for half of the queues when the other half is lost.
Result<XdpPorts::Port> XdpPorts::open_port(const std::string& interface, net::XdpMode mode, const Workers& workers) {
  auto opened = net::XdpPort::open(interface, mode);
  if (!opened) return opened.error();
  Port out{interface, std::make_unique<net::XdpPort>(*std::move(opened)), {}};
  std::vector<net::XdpSocket> sockets;
  for (unsigned queue = 0; queue < out.port->queues(); ++queue) {
    auto socket = out.port->open_queue(queue);
    if (!socket) return socket.error();
    sockets.push_back(*std::move(socket));
  }
  out.mode = name_of(out.port->hook(), sockets.front().is_zero_copy());
  for (std::size_t queue = 0; queue < sockets.size(); ++queue) {
    out.sockets.push_back(sockets[queue].fd());
    workers[queue % workers.size()]->listen(std::move(sockets[queue]), *out.port);
  }
  log::info("xdp_open", "queries of this interface come by AF_XDP",
            {{"interface", interface}, {"mode", out.mode}, {"queues", std::to_string(out.sockets.size())}});
  return out;
}

void XdpPorts::follow_addresses() {
  auto netlink = net::Netlink::open();
  if (!netlink) return;
  const auto links = netlink->links();
  const auto addresses = netlink->addresses();
  if (!links || !addresses) return;  // the next change brings another chance; meanwhile it is the ordinary way
  for (const Port& port : ports_) {
    if (!port.port) continue;
    const auto known = addresses_at(port.port->link_index(), *links, *addresses);
    if (auto taken = port.port->take(without_wildcards(listeners_, known)); !taken) {
      log::warn("xdp_addresses", "queries to some addresses take the ordinary way",
                {{"interface", port.interface}, {"reason", taken.error().text()}});
    }
  }
}

void XdpPorts::describe(telemetry::Collector& visit) const {
  for (const Port& port : ports_) {
    const bool is_attached = port.port && port.port->is_attached();
    const std::string_view mode_now = is_attached ? port.mode : "none";
    auto of_interface = visit.with("interface", port.interface);
    for (const char* mode : modes) {
      of_interface.with("mode", mode)
          .gauge(mode == mode_now ? 1 : 0, "dragoman_xdp_mode",
                 "1 for the way that queries of the interface take: none is the ordinary one.");
    }
    net::XdpSocket::Statistics sum;
    for (const int socket : port.sockets) sum += net::XdpSocket::statistics(socket);
    const auto drops = [&](const char* reason, std::uint64_t count) {
      of_interface.with("reason", reason)
          .counter(static_cast<double>(count), "dragoman_xdp_dropped_total",
                   "Frames that the kernel dropped at the AF_XDP sockets.");
    };
    drops("rx_ring_full", sum.rx_ring_full);
    drops("rx_dropped", sum.rx_dropped);
    drops("rx_invalid_descs", sum.rx_invalid_descs);
    drops("tx_invalid_descs", sum.tx_invalid_descs);
  }
}

}  // namespace dragoman::app
