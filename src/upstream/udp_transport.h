// Questions over UDP: a pool of connected sockets, each with a random local port of the kernel's and used for a random
// number of questions, so that a forger must guess port, id and letter case (RFC 5452). A socket per question would
// cost some 15 us more. Worker thread.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "context.h"
#include "cookies.h"
#include "dragoman/ip/address.h"
#include "dragoman/net/socket.h"
#include "dragoman/upstream/metrics.h"
#include "query_message.h"
#include "waiting.h"

namespace dragoman::upstream {

class UdpSocket;

class UdpTransport {
 public:
  UdpTransport(Context& context, ServerMetrics& metrics);
  ~UdpTransport();

  // Where questions go from now on. Those on their way keep waiting for answers from where they were sent.
  void set_endpoint(const ip::Endpoint& endpoint);
  // The exchange ends through the agenda.
  void send(Exchange& exchange, const QueryForm& form);
  // What the server and we know each other by.
  Cookies& cookies() { return cookies_; }

 private:
  friend class UdpSocket;
  static constexpr std::size_t pool_size = 32;

  UdpSocket* choose();
  void meet_as(const ip::Address& address);
  void retire(std::size_t slot);
  // A retired socket on which nobody waits any more.
  void bury(UdpSocket& socket);

  Context& context_;
  ServerMetrics& metrics_;
  ip::Endpoint endpoint_;
  ip::Address own_address_;
  Cookies cookies_;
  std::array<std::unique_ptr<UdpSocket>, pool_size> sockets_;
  std::vector<std::unique_ptr<UdpSocket>> retired_;
};

}  // namespace dragoman::upstream
