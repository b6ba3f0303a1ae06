// An interface with our XDP program in front: frames with queries go to the AF_XDP socket of their queue
// (xdp_socket.h), everything else to the kernel as ever. What queries are is said by take(); until then there are none.
//
// Frames that are taken pass the packet filter, connection tracking and packet capture by: nothing of the kernel's
// stack sees them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dragoman/base/result.h"
#include "dragoman/ip/address.h"
#include "dragoman/net/bpf.h"
#include "dragoman/net/xdp_socket.h"

namespace dragoman::net {

enum class XdpMode : std::uint8_t {
  automatic,  // native where the driver can, else generic
  native,
  generic,
};

struct XdpOptions {
  std::vector<std::string> interfaces;  // empty: AF_XDP is not used
  XdpMode mode = XdpMode::automatic;
};

class XdpPort {
 public:
  // Takes CAP_NET_ADMIN and CAP_BPF. The program is gone with this object, and with the process, however that ends.
  // Errors say what to do.
  static Result<XdpPort> open(const std::string& interface, XdpMode mode);

  const std::string& interface() const { return interface_; }
  XdpHook hook() const { return hook_; }
  unsigned queues() const { return queues_; }  // that frames arrive at
  std::uint32_t mtu() const { return mtu_; }   // octets of an IP packet, when it was opened
  unsigned link_index() const { return link_index_; }
  bool is_attached() const { return net::is_attached(attachment_.get()); }  // any thread

  // The socket that gets the frames of a queue from now on. Takes CAP_NET_RAW.
  Result<XdpSocket> open_queue(unsigned queue);

  // From now on exactly what is sent to one of these is taken: addresses of this host, no wildcards. With an error some
  // of them are not taken, and so answered by other ways.
  Result<void> take(const std::vector<ip::Endpoint>& listeners);

 private:
  XdpPort(std::string interface, BpfMap listeners, BpfMap sockets)
      : interface_(std::move(interface)), listeners_(std::move(listeners)), sockets_(std::move(sockets)) {}
  Result<void> attach(int program, XdpMode mode);

  std::string interface_;
  BpfMap listeners_;
  BpfMap sockets_;
  UniqueFd attachment_;
  XdpHook hook_ = XdpHook::native;
  unsigned queues_ = 1;
  std::uint32_t mtu_ = 0;
  unsigned link_index_ = 0;
  std::vector<ip::Endpoint> taken_;
};

}  // namespace dragoman::net
