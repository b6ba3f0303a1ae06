// The choice among the connections to one server; see connection_pool.h.
#include "connection_pool.h"

#include <algorithm>

#include "dns_connection.h"
#include "http_connection.h"

namespace dragoman::upstream {
namespace {

constexpr std::size_t busy = 32;  // questions on every connection before another one is opened

bool is_better(const Connection& a, const Connection& b) {
  if (a.is_suspect() != b.is_suspect()) return b.is_suspect();
  return a.load() < b.load();
}

}  // namespace

ConnectionPool::ConnectionPool(Context& context, ServerMetrics& metrics, ConnectionPlan plan)
    : context_(context), metrics_(metrics), plan_(std::move(plan)) {}

ConnectionPool::~ConnectionPool() = default;

void ConnectionPool::send(Exchange& exchange) {
  const bool may_open = connections_.size() < context_.options.max_connections;
  Connection* connection = choose();
  if (may_open && (connection == nullptr || connection->is_suspect() || connection->load() >= busy)) {
    if (Connection* opened = open()) connection = opened;
  }
  if (connection == nullptr) {
    return context_.agenda.finish(exchange, may_open ? Ending::network : Ending::overloaded);
  }
  connection->send(exchange);
}

Connection* ConnectionPool::choose() {
  Connection* best = nullptr;
  for (const auto& connection : connections_) {
    if (!connection->has_room()) continue;
    if (best == nullptr || is_better(*connection, *best)) best = connection.get();
  }
  return best;
}

Connection* ConnectionPool::open() {
  Result<net::UniqueFd> fd = net::connect_tcp(endpoint_);
  if (!fd) {
    set_trouble(fd.error().text());
    return nullptr;
  }
  std::unique_ptr<Connection> connection;
  if (plan_.transport == Transport::https) {
    connection = std::make_unique<HttpConnection>(context_, *this, std::move(*fd));
  } else {
    connection = std::make_unique<DnsConnection>(context_, *this, std::move(*fd));
  }
  connections_.push_back(std::move(connection));
  return connections_.back().get();
}

void ConnectionPool::bury(Connection& connection) {
  const auto at =
      std::find_if(connections_.begin(), connections_.end(), [&](const auto& one) { return one.get() == &connection; });
  if (at == connections_.end()) return;
  context_.agenda.bury(std::move(*at));
  connections_.erase(at);
}

}  // namespace dragoman::upstream
