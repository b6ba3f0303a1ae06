// What servers say in the tests of failover, and how to tell questions of clients from probes.
#pragma once

#include <string>
#include <vector>

#include "fakes/fake_server_udp.h"

namespace dragoman::upstream {

using fakes::FakeUdpServer;
using fakes::Octets;
using fakes::reply_to;

// Not the questions by which servers are probed.
inline std::size_t client_questions(const FakeUdpServer& server) {
  std::size_t count = 0;
  for (const FakeUdpServer::Asked& asked : server.asked()) {
    count += !fakes::parsed(asked.query).question().name.is_root();
  }
  return count;
}

inline FakeUdpServer::Script answers(std::string address) {
  return [address](const Octets& query, std::size_t) {
    return std::vector<Octets>{reply_to(query, {.address = address})};
  };
}
inline FakeUdpServer::Script says(dns::Rcode rcode) {
  return [rcode](const Octets& query, std::size_t) { return std::vector<Octets>{reply_to(query, {.rcode = rcode})}; };
}
inline std::vector<Octets> stays_silent(const Octets&, std::size_t) { return {}; }

// The URL of a port where nobody listens.
inline std::string closed_url(net::EventLoop& loop) {
  FakeUdpServer gone(loop);
  return gone.url();
}

}  // namespace dragoman::upstream
