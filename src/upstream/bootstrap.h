// What the names in upstream URLs mean: asked of given resolvers, or of the system's (on a thread of its own for as
// long as getaddrinfo takes, so that the worker never waits). Refreshed by TTL; what was known is kept when that fails.
// Never asks the very servers whose names it resolves. One per forwarder, worker thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "dragoman/base/guarded.h"
#include "dragoman/base/task.h"
#include "dragoman/net/event_loop.h"
#include "dragoman/upstream/forwarder.h"
#include "dragoman/upstream/metrics.h"

namespace dragoman::upstream {

class Server;

class Bootstrap {
 public:
  Bootstrap(net::EventLoop& loop, const Options& options);
  ~Bootstrap();
  Bootstrap(const Bootstrap&) = delete;
  Bootstrap& operator=(const Bootstrap&) = delete;

  // Tells the server the addresses of its host, first and whenever they may have changed; both live as long as the
  // forwarder.
  void resolve(Server& server);

 private:
  struct Name;
  void look_up(Name& name);
  void ask_system(Name& name);
  Task<void> ask_resolvers(Name& name);
  void learned(Name& name, const std::vector<ip::Address>& addresses, seconds ttl);

  // What a thread in getaddrinfo holds; empty when the bootstrap is gone before it is done.
  struct Home {
    net::EventLoop* loop = nullptr;
  };

  net::EventLoop& loop_;
  const Options& options_;
  std::shared_ptr<Guarded<Home>> home_;
  std::shared_ptr<Bootstrap*> self_;
  Metrics metrics_;                       // of the resolvers below; nobody reads them
  std::unique_ptr<Forwarder> resolvers_;  // empty: the system's
  std::vector<std::unique_ptr<Name>> names_;
};

}  // namespace dragoman::upstream
