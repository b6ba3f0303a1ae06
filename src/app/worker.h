// A worker: one thread with its own event loop, listening sockets, client connections, upstream sockets and counters.
// Workers share the configuration (immutable), the answer cache, the connection limits, and nothing else.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "dragoman/cache/answer_cache.h"
#include "dragoman/config/config.h"
#include "dragoman/net/event_loop.h"
#include "dragoman/net/tls.h"
#include "dragoman/resolve/metrics.h"
#include "dragoman/resolve/resolver.h"
#include "dragoman/serve/metrics.h"
#include "dragoman/serve/server.h"
#include "dragoman/upstream/metrics.h"
#include "dragoman/upstream/routes.h"
#include "worker_event.h"

namespace dragoman::app {

// What all workers have in common.
struct Shared {
  std::shared_ptr<const config::Config> config;
  std::shared_ptr<const resolve::Settings> settings;
  std::shared_ptr<const net::ServerTls> tls;  // null without TLS listeners
  std::shared_ptr<serve::ConnectionLimits> limits;
  cache::AnswerCache& cache;
};

class Worker {
 public:
  explicit Worker(const Shared& shared);
  ~Worker();  // stop() and join() first
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Opens the listeners of the configuration. Before start(), on the thread that starts.
  Result<void> listen();
  void listen(net::XdpSocket socket, const net::XdpPort& port) { server_.listen(std::move(socket), port); }
  std::vector<ip::Endpoint> endpoints() const;  // before start()
  void start();
  void join();

  // Any thread.
  void post(WorkerEvent event);
  void stop() { loop_.stop(); }
  bool is_drained() const { return drained_.load(std::memory_order_acquire); }
  std::uint64_t take_longest_turn_us() { return loop_.take_longest_turn_us(); }
  const resolve::Metrics& resolve_metrics() const { return resolve_metrics_; }
  const serve::Metrics& serve_metrics() const { return serve_metrics_; }
  const upstream::Metrics& upstream_metrics() const { return upstream_metrics_; }

 private:
  void handle(const NewConfiguration& event);
  void handle(const NewCertificates& event);
  void handle(const Drain& event);
  void handle(const Explain& event);
  void handle(const TellUpstreams& event);
  void handle(const TellIpv4Only& event);
  void look_whether_drained();

  std::shared_ptr<const config::Config> config_;
  cache::AnswerCache& cache_;

  // Read by other threads.
  resolve::Metrics resolve_metrics_;
  serve::Metrics serve_metrics_;
  upstream::Metrics upstream_metrics_;
  std::atomic<bool> drained_{false};

  // Of the worker's thread alone, in the order in which they depend on each other.
  net::EventLoop loop_;
  net::Timer drain_timer_;
  upstream::Routes upstream_;
  Explainer explainer_;
  resolve::Resolver resolver_;
  serve::Server server_;

  std::thread thread_;
};

}  // namespace dragoman::app
