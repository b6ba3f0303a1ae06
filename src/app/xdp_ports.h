// The interfaces whose queries come by AF_XDP: opened at the start, before privileges go, and a socket for each of
// their queues given to a worker. Follows the addresses of this host, and tells how it goes. Main thread, but for
// describe().
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "dragoman/net/address_watcher.h"
#include "dragoman/net/event_loop.h"
#include "dragoman/net/xdp_port.h"
#include "dragoman/telemetry/collector.h"
#include "worker.h"

namespace dragoman::app {

class XdpPorts {
 public:
  using Workers = std::vector<std::unique_ptr<Worker>>;

  explicit XdpPorts(net::EventLoop& loop);

  // When the workers have opened their listeners and not begun: worker w gets the queues q with q mod workers = w. An
  // interface that is not to be had is left to the ordinary way, with a warning, unless its mode was demanded.
  Result<void> open(const config::Config& config, const Workers& workers);

  void describe(telemetry::Collector& visit) const;  // any thread, while there are workers

 private:
  struct Port {
    std::string interface;
    std::unique_ptr<net::XdpPort> port;  // null: the ordinary way
    std::vector<int> sockets;            // the workers'
    const char* mode = "none";
  };

  Result<Port> open_port(const std::string& interface, net::XdpMode mode, const Workers& workers);
  void follow_addresses();

  net::AddressWatcher addresses_;
  std::vector<ip::Endpoint> listeners_;  // as they are bound, wildcards too
  std::vector<Port> ports_;
};

}  // namespace dragoman::app
