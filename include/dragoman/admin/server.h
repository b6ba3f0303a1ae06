// The HTTP server for operators and probes: /metrics, /healthz, /readyz, the API and a short index at /. It has a
// thread of its own, so a scrape never holds up a query, and a page that waits for workers holds up no scrape. HTTP/1.1
// with keep-alive, GET and HEAD, POST for pages that change something; no TLS (bind it to loopback or to a management
// network).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "dragoman/admin/options.h"
#include "dragoman/admin/page.h"
#include "dragoman/base/result.h"
#include "dragoman/ip/address.h"
#include "dragoman/telemetry/exposition.h"

namespace dragoman::admin {

// Whether clients should be sent here. The reasons are shown to people: "draining", "no upstream answers".
struct Health {
  bool ready = false;
  std::vector<std::string> reasons;
};

// What the pages show. All of it is used on the server's thread, and must outlive it.
struct Pages {
  const telemetry::Catalogue& catalogue;
  std::function<Health()> health;
  std::vector<ApiPage> api{};
};

class Server {
 public:
  Server(const Options& options, Pages pages);
  ~Server();  // stops

  // Binds every address. One that cannot be had: none is bound.
  Result<void> listen();
  // Serves on a thread of its own; listens first if that has not been done. Call once.
  Result<void> start();
  // Where it listens, with the ports that the system chose; empty before listen().
  std::vector<ip::Endpoint> endpoints() const;
  // Threads that still hold a Reply must not call it after the server is destroyed; between stop() and that they may.
  // Closes everything, whatever is in the middle of an answer, and joins the thread. May be called again.
  void stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace dragoman::admin
