// limits: the rows of what one client, and all of them, may take.
#include "values.h"

namespace dragoman::config {

using namespace std::chrono_literals;

Keys<serve::LimitOptions> limit_keys() {
  using serve::LimitOptions;
  return {
      {"connections", integer(&LimitOptions::connections, 1u, 10'000'000u), Reload::restart,
       "Connections of all clients together; the process needs as many open files and a few more."},
      {"connections_per_client", integer(&LimitOptions::connections_per_client, 0u, 10'000'000u), Reload::restart,
       "Connections from one IPv4 address or IPv6 /64; 0 is no limit."},
      {"queries_per_connection", integer(&LimitOptions::queries_per_connection, 1u, 10'000u), Reload::restart,
       "Queries of one connection on their way at a time; reading pauses at the limit (HTTP/2: "
       "SETTINGS_MAX_CONCURRENT_STREAMS)."},
      {"handshakes_in_progress", integer(&LimitOptions::handshakes_in_progress, 1u, 1'000'000u), Reload::restart,
       "TLS handshakes that a worker has open at a time; more connections wait to be taken, until one is finished or "
       "half "
       "a second old."},
      {"handshakes_per_second", integer(&LimitOptions::handshakes_per_second, 0u, 1'000'000u), Reload::restart,
       "New DoT and DoH connections from one IPv4 address or IPv6 /64, twice as many at once; the rest is closed "
       "before its handshake costs anything. 0 is no limit."},
      {"idle_timeout", duration(&LimitOptions::idle_timeout, 1s, 1h), Reload::restart,
       "A connection without queries is closed after this; also what edns-tcp-keepalive tells (RFC 7828)."},
      {"read_timeout", duration(&LimitOptions::read_timeout, 1s, 1min), Reload::restart,
       "Time for the rest of a message once it has begun."},
      {"write_timeout", duration(&LimitOptions::write_timeout, 1s, 1min), Reload::restart,
       "A client that takes nothing of its answers for this long is disconnected."},
      {"max_output", size(&LimitOptions::max_output, 66'000, 16 << 20), Reload::restart,
       "Octets of answers that may wait for one client; at half of it no more is read from that client."},
  };
}

}  // namespace dragoman::config
