// The listeners and connections of one worker.
#include "dragoman/serve/server.h"

#include <limits>

#include "connection.h"
#include "context.h"
#include "tcp_listener.h"
#include "udp_listener.h"
#include "xdp_listener.h"

namespace dragoman::serve {

Context::Context(net::EventLoop& event_loop, resolve::QueryHandler& query_handler,
                 std::shared_ptr<ConnectionLimits> shared, const LimitOptions& limit_options, Metrics& counts)
    : loop(event_loop),
      handler(query_handler),
      limits(std::move(shared)),
      options(limit_options),
      metrics(counts),
      h2(counts, limit_options.connections) {}

std::uint16_t Context::keepalive() const {
  if (draining) return 0;
  constexpr std::int64_t most = std::numeric_limits<std::uint16_t>::max();
  return static_cast<std::uint16_t>(std::min<std::int64_t>(most, milliseconds(options.idle_timeout).count() / 100));
}

struct Server::State {
  struct Socket {
    Listeners listeners;  // connections refer to them, also after the socket is closed
    ip::Endpoint endpoint;
    std::unique_ptr<UdpListener> udp;
    std::unique_ptr<TcpListener> tcp;
  };

  template <class... Args>
  explicit State(Args&&... args) : context(std::forward<Args>(args)...) {}

  Context context;
  std::vector<std::unique_ptr<Socket>> sockets;
  std::vector<std::unique_ptr<XdpListener>> queues;  // behind `sockets`, which they use

  // Connections first: they refer to the listeners.
  ~State() { context.connections.clear(); }

  bool join(const ListenOptions& listen);
};

Server::Server(net::EventLoop& loop, resolve::QueryHandler& handler, std::shared_ptr<ConnectionLimits> limits,
               const LimitOptions& options, Metrics& metrics)
    : state_(std::make_unique<State>(loop, handler, std::move(limits), options, metrics)) {}

Server::~Server() = default;

namespace {

struct OpenSockets {
  net::UniqueFd tcp, udp;
};

// Both protocols on one port. When the system is to choose it, what is free for TCP may be taken for UDP: try another.
Result<OpenSockets> open_dns_sockets(const ip::Endpoint& endpoint) {
  constexpr int attempts = 16;
  for (int attempt = 1;; ++attempt) {
    auto tcp = net::listen_tcp(endpoint, false);
    if (!tcp) return tcp.error();
    auto udp = net::bind_udp({endpoint.address, net::local_endpoint(tcp->get()).port});
    if (udp) return OpenSockets{std::move(*tcp), std::move(*udp)};
    if (endpoint.port != 0 || attempt == attempts) return udp.error();
  }
}

}  // namespace

// A further path on a socket that is open already.
bool Server::State::join(const ListenOptions& listen) {
  for (const auto& socket : sockets) {
    ListenOptions open = socket->listeners.front();
    open.endpoint = socket->endpoint;
    if (!may_share_socket(open, listen)) continue;
    socket->listeners.push_back(listen);
    return true;
  }
  return false;
}

Result<void> Server::listen(const ListenOptions& listen) {
  if (state_->join(listen)) return {};
  Context& context = state_->context;
  OpenSockets opened;
  if (listen.scheme == Scheme::dns) {
    auto both = open_dns_sockets(listen.endpoint);
    if (!both) return both.error();
    opened = std::move(*both);
  } else {
    if (!context.tls) return Error{ErrorCode::tls, "this listener needs a certificate (tls: cert and key)", listen.url};
    auto tcp = net::listen_tcp(listen.endpoint, true);
    if (!tcp) return tcp.error();
    opened.tcp = std::move(*tcp);
  }
  auto socket = std::make_unique<State::Socket>();
  socket->listeners.push_back(listen);
  socket->endpoint = net::local_endpoint(opened.tcp.get());
  socket->tcp = std::make_unique<TcpListener>(context, socket->listeners, std::move(opened.tcp));
  if (opened.udp) {
    socket->udp = std::make_unique<UdpListener>(context, socket->listeners.front(), std::move(opened.udp));
  }
  state_->sockets.push_back(std::move(socket));
  return {};
}

void Server::listen(net::XdpSocket socket, const net::XdpPort& port) {
  std::vector<XdpListener::Door> doors;
  for (const auto& open : state_->sockets) {
    if (open->udp) doors.push_back({open->endpoint, open->udp.get()});
  }
  const XdpListener::Link link{port.link_index(), port.mtu()};
  state_->queues.push_back(std::make_unique<XdpListener>(state_->context, std::move(socket), link, std::move(doors)));
}

std::vector<ip::Endpoint> Server::endpoints() const {
  std::vector<ip::Endpoint> endpoints;
  for (const auto& socket : state_->sockets) endpoints.push_back(socket->endpoint);
  return endpoints;
}

void Server::use(std::shared_ptr<const net::ServerTls> tls, seconds handshake_timeout) {
  state_->context.tls = std::move(tls);
  state_->context.handshake_timeout = handshake_timeout;
}

void Server::drain() {
  state_->context.draining = true;
  for (const auto& socket : state_->sockets) socket->tcp.reset();
  state_->context.connections.drain();
}

std::size_t Server::connections() const { return state_->context.connections.size(); }

}  // namespace dragoman::serve
