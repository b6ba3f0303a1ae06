// The listeners and connections of one worker.
#include "dragoman/serve/server.h"

#include <limits>

#include "connection.h"
#include "context.h"
#include "tcp_listener.h"
#include "udp_listener.h"

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
  struct Listener {
    ListenOptions options;  // connections refer to it, also after the socket is closed
    ip::Endpoint endpoint;
    std::unique_ptr<UdpListener> udp;
    std::unique_ptr<TcpListener> tcp;
  };

  template <class... Args>
  explicit State(Args&&... args) : context(std::forward<Args>(args)...) {}

  Context context;
  std::vector<std::unique_ptr<Listener>> listeners;

  // Connections first: they refer to the listeners' options.
  ~State() { context.connections.clear(); }
};

Server::Server(net::EventLoop& loop, resolve::QueryHandler& handler, std::shared_ptr<ConnectionLimits> limits,
               const LimitOptions& options, Metrics& metrics)
    : state_(std::make_unique<State>(loop, handler, std::move(limits), options, metrics)) {}

Server::~Server() = default;

namespace {

struct Sockets {
  net::UniqueFd tcp, udp;
};

// Both protocols on one port. When the system is to choose it, what is free for TCP may be taken for UDP: try another.
Result<Sockets> open_dns_sockets(const ip::Endpoint& endpoint) {
  constexpr int attempts = 16;
  for (int attempt = 1;; ++attempt) {
    auto tcp = net::listen_tcp(endpoint, false);
    if (!tcp) return tcp.error();
    auto udp = net::bind_udp({endpoint.address, net::local_endpoint(tcp->get()).port});
    if (udp) return Sockets{std::move(*tcp), std::move(*udp)};
    if (endpoint.port != 0 || attempt == attempts) return udp.error();
  }
}

}  // namespace

Result<void> Server::listen(const ListenOptions& listen) {
  Context& context = state_->context;
  Sockets sockets;
  if (listen.scheme == Scheme::dns) {
    auto opened = open_dns_sockets(listen.endpoint);
    if (!opened) return opened.error();
    sockets = std::move(*opened);
  } else {
    if (!context.tls) return Error{ErrorCode::tls, "this listener needs a certificate (tls: cert and key)", listen.url};
    auto tcp = net::listen_tcp(listen.endpoint, true);
    if (!tcp) return tcp.error();
    sockets.tcp = std::move(*tcp);
  }
  auto listener = std::make_unique<State::Listener>();
  listener->options = listen;
  listener->endpoint = net::local_endpoint(sockets.tcp.get());
  listener->tcp = std::make_unique<TcpListener>(context, listener->options, std::move(sockets.tcp));
  if (sockets.udp) listener->udp = std::make_unique<UdpListener>(context, std::move(sockets.udp));
  state_->listeners.push_back(std::move(listener));
  return {};
}

std::vector<ip::Endpoint> Server::endpoints() const {
  std::vector<ip::Endpoint> endpoints;
  for (const auto& listener : state_->listeners) endpoints.push_back(listener->endpoint);
  return endpoints;
}

void Server::use(std::shared_ptr<const net::ServerTls> tls, seconds handshake_timeout) {
  state_->context.tls = std::move(tls);
  state_->context.handshake_timeout = handshake_timeout;
}

void Server::drain() {
  state_->context.draining = true;
  for (const auto& listener : state_->listeners) listener->tcp.reset();
  state_->context.connections.drain();
}

std::size_t Server::connections() const { return state_->context.connections.size(); }

}  // namespace dragoman::serve
