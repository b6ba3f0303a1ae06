// What the gateway module is to do, as configured. Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/base/result.h"
#include "dragoman/base/time.h"
#include "dragoman/ip/address.h"
#include "dragoman/ip/pref64.h"
#include "dragoman/upstream/options.h"

namespace dragoman::gateway {

// Whom a probe asks through a prefix, by IPv4:
//   tcp://198.51.100.1:443   connects: an acceptance or a reset shows that packets go there and come back
//   dns://192.0.2.53[:53]    asks a question over UDP: any answer shows the same
struct ProbeTarget {
  enum class Kind : std::uint8_t { tcp, dns };
  Kind kind = Kind::tcp;
  ip::Ipv4Octets address{};
  std::uint16_t port = 0;
  std::string url;  // as written

  // Errors say what is wrong and show a URL that would do.
  static Result<ProbeTarget> from_url(std::string_view url);
  friend bool operator==(const ProbeTarget&, const ProbeTarget&) = default;
};

// Finding the prefixes that the network's own DNS64 uses (RFC 7050).
struct DiscoveryOptions {
  std::vector<upstream::ServerOptions> from;     // asked in this order; empty: the servers of `resolv_conf`
  std::string resolv_conf = "/etc/resolv.conf";  // asked for its name servers, and watched
  seconds min_interval{60};                      // between two questions, whatever the TTL says
  seconds max_interval{3600};
  milliseconds timeout{5000};        // for one server
  std::optional<ProbeTarget> probe;  // what is found is probed, too

  milliseconds first_retry{1000};      // after a failure, then half as often ...
  milliseconds slowest_retry{300000};  // ... down to this, or max_interval if that is less

  friend bool operator==(const DiscoveryOptions&, const DiscoveryOptions&) = default;
};

// How often packets are sent through a prefix, and what it takes to believe the result.
struct ProbingOptions {
  milliseconds interval{10000};
  milliseconds timeout{2000};
  std::uint32_t fall = 3;  // failures in a row until a prefix is down
  std::uint32_t rise = 2;  // successes in a row until it is up again
  friend bool operator==(const ProbingOptions&, const ProbingOptions&) = default;
};

struct ProbedPrefix {
  ip::Pref64 prefix;
  ProbeTarget target;
  friend bool operator==(const ProbedPrefix&, const ProbedPrefix&) = default;
};

struct Options {
  bool discover = false;
  DiscoveryOptions discovery;
  ProbingOptions probing;
  std::vector<ProbedPrefix> probed;
  std::vector<ip::Pref64> own;              // those of our NAT64
  std::vector<ip::Endpoint> own_listeners;  // plain DNS ones: a name server that is one of them would ask ourselves
  upstream::Options upstream;               // its CA file and bootstrap servers serve `discovery.from`, too
};

}  // namespace dragoman::gateway
