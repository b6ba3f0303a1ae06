// One question to one server, with everything that was heard: for `dragoman query` and `dragoman check`. Runs an event
// loop of its own until it is done; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dragoman/base/time.h"
#include "dragoman/net/stream.h"
#include "dragoman/upstream/forwarder.h"
#include "dragoman/upstream/options.h"

namespace dragoman::upstream {

struct Heard {
  Failure failure = Failure::none;
  std::string reason;                    // beside a failure: what the system or TLS said; may be empty
  std::vector<std::uint8_t> message;     // without a failure: the response as it came
  Transport transport = Transport::udp;  // tcp when an answer over UDP was truncated
  net::TlsVersion tls = net::TlsVersion::other;
  bool resumed = false;
  Duration elapsed{};  // connecting included
};

// `options` gives the time-outs and the CA file; its servers are not asked.
Heard ask_server(const ServerOptions& server, const Options& options, const Lookup& lookup);

}  // namespace dragoman::upstream
