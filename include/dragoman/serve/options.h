// Where clients reach us, and how much one of them may take. Plain values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/base/result.h"
#include "dragoman/base/time.h"
#include "dragoman/ip/address.h"

namespace dragoman::serve {

// dns://ADDRESS[:53]   tls://ADDRESS[:853]   https://ADDRESS[:443]/PATH
enum class Scheme : unsigned char { dns, tls, https };

struct ListenOptions {
  Scheme scheme = Scheme::dns;
  ip::Endpoint endpoint;
  std::string path;  // https: exact path, "/dns-query" by default
  std::string url;   // as written

  static Result<ListenOptions> from_url(std::string_view url);
};

// Whether both can be served by one socket: https:// on the same address and port, which their paths tell apart.
bool may_share_socket(const ListenOptions& a, const ListenOptions& b);

// The listeners of one socket: one, or several https:// with a path each.
using Listeners = std::vector<ListenOptions>;

struct LimitOptions {
  std::uint32_t connections = 20000;           // in all
  std::uint32_t connections_per_client = 256;  // per IPv4 address or IPv6 /64; 0: no limit
  std::uint32_t queries_per_connection = 100;  // in flight
  std::uint32_t handshakes_in_progress = 256;  // per worker
  std::uint32_t handshakes_per_second = 0;     // per IPv4 address or IPv6 /64, twice as many at once; 0: no limit
  seconds idle_timeout{30};
  seconds read_timeout{5};                // for the rest of a message once it has begun
  seconds write_timeout{5};               // a client that takes nothing
  std::uint32_t max_output = 128 * 1024;  // octets waiting for one client; reading stops at half
};

}  // namespace dragoman::serve
