// What all client connections of one worker share: where queries go, the limits, the counters, and buffers that only
// hold something within one turn. Worker thread only; outlives listeners and connections.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "connection_set.h"
#include "dragoman/net/event_loop.h"
#include "dragoman/net/tls.h"
#include "dragoman/resolve/query.h"
#include "dragoman/serve/metrics.h"
#include "dragoman/serve/options.h"
#include "dragoman/serve/server.h"
#include "h2_shared.h"

namespace dragoman::serve {

struct Context {
  static constexpr std::size_t input_size = 64 * 1024;
  static constexpr std::size_t reply_size = 65535;

  Context(net::EventLoop& event_loop, resolve::QueryHandler& query_handler, std::shared_ptr<ConnectionLimits> shared,
          const LimitOptions& limits, Metrics& counts);

  // What Query::keepalive says (RFC 7828 3.1): units of 100 ms, 0 once the server drains.
  std::uint16_t keepalive() const;

  // Fixed after construction.
  net::EventLoop& loop;
  resolve::QueryHandler& handler;
  std::shared_ptr<ConnectionLimits> limits;
  const LimitOptions options;
  Metrics& metrics;

  std::shared_ptr<const net::ServerTls> tls;  // for connections from now on
  seconds handshake_timeout{5};
  bool draining = false;

  H2Shared h2;
  std::vector<std::uint8_t> input = std::vector<std::uint8_t>(input_size);
  std::vector<std::uint8_t> reply = std::vector<std::uint8_t>(reply_size);
  std::vector<std::uint8_t> output;
  std::array<char, 255> tls_name{};  // RFC 6066 3: a host name in DNS form
  std::vector<std::uint64_t> cancelled;
  ConnectionSet connections;  // last: they use what is above
};

}  // namespace dragoman::serve
