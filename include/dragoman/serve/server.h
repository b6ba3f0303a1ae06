// The client side of one worker: its listening sockets and the connections that came in by them.
// Bytes become queries for the resolver, replies become bytes; everything about DNS is decided behind the resolver.
// Worker thread only, but for ConnectionLimits, which all workers share.
#pragma once

#include <memory>
#include <vector>

#include "dragoman/base/result.h"
#include "dragoman/net/event_loop.h"
#include "dragoman/net/tls.h"
#include "dragoman/net/xdp_port.h"
#include "dragoman/resolve/query.h"
#include "dragoman/serve/options.h"

namespace dragoman::serve {

struct Metrics;

// Counts connections of all workers: in all and per client prefix.
class ConnectionLimits {
 public:
  explicit ConnectionLimits(const LimitOptions& options);
  ~ConnectionLimits();
  enum class Verdict : unsigned char { admitted, too_many, too_many_of_client };
  Verdict admit(const ip::Address& client);  // any thread; give back what was admitted
  void release(const ip::Address& client);
  bool admit_handshake(const ip::Address& client, TimePoint now);  // any thread; nothing to give back
  bool crowded() const;        // more than four fifths are in use: idle connections make room for new ones
  std::uint32_t open() const;  // of all workers

 private:
  struct State;
  std::unique_ptr<State> state_;
};

class Server {
 public:
  Server(net::EventLoop& loop, resolve::QueryHandler& handler, std::shared_ptr<ConnectionLimits> limits,
         const LimitOptions& options, Metrics& metrics);
  ~Server();

  // Opens the sockets of one listener (UDP and TCP for dns://), but for an https:// on the address and port of an
  // earlier one, which adds its path to that one's socket. Several workers may listen on the same address. Before the
  // loop runs.
  Result<void> listen(const ListenOptions& listen);
  // Serves the frames of a queue of `port` as datagrams to the dns:// listeners that are open. Before the loop runs.
  void listen(net::XdpSocket socket, const net::XdpPort& port);
  // The endpoints that are open, with the ports that the system chose for port 0. Each counts once, whatever it serves.
  std::vector<ip::Endpoint> endpoints() const;

  // Certificates for connections from now on; needed before a tls:// or https:// listener is opened. A client that has
  // not finished its handshake after `handshake_timeout` is closed.
  void use(std::shared_ptr<const net::ServerTls> tls, seconds handshake_timeout = seconds(5));

  // Stops accepting, tells clients to go (GOAWAY, keepalive 0), closes each connection when its queries are answered.
  void drain();
  std::size_t connections() const;  // a drain waits for 0

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace dragoman::serve
