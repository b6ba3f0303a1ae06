// The upstream resolvers, as configured. Plain values.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dragoman/base/result.h"
#include "dragoman/base/time.h"
#include "dragoman/ip/address.h"

namespace dragoman::upstream {

enum class Transport : unsigned char { udp, tcp, tls, https };  // udp falls back to TCP when an answer is truncated

// dns://HOST[:53]  udp://  tcp://  tls://HOST[:853][#NAME]  https://HOST[:443][/PATH][#NAME]
// HOST is an address or a name, an IPv6 address in brackets; NAME is the one in the certificate when it is not HOST.
struct ServerOptions {
  Transport transport = Transport::udp;
  std::string host;  // an address or a name as written, without brackets
  std::uint16_t port = 53;
  std::string verify_name;  // tls, https: the name in the certificate; empty: the host
  std::string path;         // https: "/dns-query"
  std::string url;          // as written: the label in metrics and logs

  // Errors say what is wrong and show a URL that would do.
  static Result<ServerOptions> from_url(std::string_view url);
  // Empty when `host` is a name that must be resolved first.
  bool host_is_address() const;
  friend bool operator==(const ServerOptions&, const ServerOptions&) = default;
};

struct Options {
  std::vector<ServerOptions> servers;
  std::vector<ip::Endpoint> bootstrap;  // who resolves names in URLs; empty: the system's resolver
  std::string ca_file;                  // empty: the system's certificate store
  milliseconds timeout{5000};           // for a lookup in all
  milliseconds attempt_timeout{800};    // for one server before the next is asked (doubled for a last one)
  std::uint32_t max_in_flight = 4096;   // questions waiting per server and worker
  std::uint32_t max_connections = 2;    // TCP, TLS, HTTPS: per server and worker
  seconds idle_timeout{10};
  bool use_0x20 = true;  // random letter case in questions over UDP
  bool cookies = true;   // DNS cookies for servers that are asked over UDP (RFC 7873)

  milliseconds connect_timeout{3000};  // TCP connection and TLS handshake together
  milliseconds silence_timeout{2000};  // a connection that says nothing for so long while questions wait is dead
  seconds ping_after{5};               // HTTP/2: a connection that was silent for so long is pinged when used again
  milliseconds first_probe{1000};      // a server that is down is asked after this time, then half as often ...
  milliseconds slowest_probe{30000};   // ... down to this

  friend bool operator==(const Options&, const Options&) = default;
};

}  // namespace dragoman::upstream
