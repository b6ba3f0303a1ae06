// DNS over UDP in the frames of one queue of an interface (AF_XDP). A frame becomes a query of the UDP listener that it
// is for, and the reply is made in the frame. What comes late, or is longer than the link, leaves through that
// listener's socket, by the kernel's routes and in fragments: both are rare, and not in a hurry. Worker thread only.
#pragma once

#include <vector>

#include "context.h"
#include "dragoman/ip/udp_frame.h"
#include "dragoman/net/xdp_socket.h"
#include "udp_listener.h"

namespace dragoman::serve {

class XdpListener final : public net::Watcher {
 public:
  struct Door {
    ip::Endpoint endpoint;
    UdpListener* listener;  // outlives this
  };
  struct Link {
    unsigned index = 0;
    std::uint32_t mtu = 0;
  };
  XdpListener(Context& context, net::XdpSocket socket, Link link, std::vector<Door> doors);
  ~XdpListener();
  void on_ready(net::Ready ready) override;

 private:
  XdpFrame answer(std::size_t index);
  net::UdpBatch::Ends ends_of(const ip::UdpFrame& query) const;
  UdpListener* listener_at(const ip::Endpoint& endpoint) const;

  Context& context_;
  net::XdpSocket socket_;
  const Link link_;
  std::vector<Door> doors_;  // those of one address before those of all
};

}  // namespace dragoman::serve
