// The upstream resolvers, as configured. Plain values.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dragoman/base/result.h"
#include "dragoman/base/time.h"
#include "dragoman/ip/address.h"

namespace dragoman::upstream {

enum class Transport : unsigned char { udp, tcp, tls, https };   // udp falls back to TCP when an answer is truncated

// dns://ADDRESS[:53]  udp://  tcp://  tls://ADDRESS[:853][#NAME]  https://NAME[:443]/PATH
struct ServerOptions {
  Transport transport = Transport::udp;
  std::string host;            // an address or a name as written, without brackets
  std::uint16_t port = 53;
  std::string verify_name;     // tls, https: the name in the certificate; empty: the host
  std::string path;            // https: "/dns-query"
  std::string url;             // as written: the label in metrics and logs

  // Errors say what is wrong and show a URL that would do.
  static Result<ServerOptions> from_url(std::string_view url);
  // Empty when `host` is a name that must be resolved first.
  bool host_is_address() const;
};

struct Options {
  std::vector<ServerOptions> servers;
  std::vector<ip::Endpoint> bootstrap;      // who resolves names in URLs; empty: the system's resolver
  std::string ca_file;                      // empty: the system's certificate store
  milliseconds timeout{5000};               // for a lookup in all
  milliseconds attempt_timeout{800};        // for one server before the next is asked (doubled for a last one)
  std::uint32_t max_in_flight = 4096;       // questions waiting per server and worker
  std::uint32_t max_connections = 2;        // TCP, TLS, HTTPS: per server and worker
  seconds idle_timeout{10};
  bool use_0x20 = true;
};

}  // namespace dragoman::upstream
