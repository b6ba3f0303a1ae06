// The control plane of a running server: builds the workers, then waits for signals, renewed certificates and the end.
// Runs on the main thread; workers hear of things through WorkerEvents.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dragoman/admin/server.h"
#include "dragoman/config/config.h"
#include "dragoman/gateway/nat64.h"
#include "dragoman/gateway/prefixes.h"
#include "dragoman/net/event_loop.h"
#include "dragoman/net/file_watcher.h"
#include "dragoman/net/signals.h"
#include "dragoman/telemetry/exposition.h"
#include "dragoman/telemetry/process.h"
#include "dragoman/trust/anchors.h"
#include "nat64_questions.h"
#include "nat64_watch.h"
#include "worker.h"
#include "xdp_ports.h"

namespace dragoman::app {

class Supervisor {
 public:
  // `workers`, if given, counts instead of what the configuration says.
  Supervisor(std::shared_ptr<const config::Config> config, std::optional<unsigned> workers);
  ~Supervisor();

  // Loads certificates, opens every listener, starts the threads. An error says what to do.
  Result<void> start();
  // Serves until SIGTERM or SIGINT, then drains.
  void run();

 private:
  Result<void> load_certificates();
  void watch_certificates();
  Result<void> open_workers();
  Result<void> open_admin();
  Result<void> open_nat64();
  Result<void> start_nat64();
  void look_after_nat64();
  void renew_nat64();
  void describe_nat64();
  gateway::Nat64Signs nat64_signs() const;
  Nat64Questions nat64_questions();
  void describe_metrics();
  void on_signal(int signal);
  void reload();
  void renew_certificates();
  void renew_settings();
  void drain();
  void look_whether_drained();
  void announce() const;
  admin::Health health() const;
  void tell_workers(const WorkerEvent& event);

  std::shared_ptr<const config::Config> config_;
  std::shared_ptr<const resolve::Settings> settings_;
  std::optional<unsigned> worker_count_;
  net::EventLoop loop_;
  net::Signals signals_;
  std::shared_ptr<const net::TicketKeys> tickets_;
  std::shared_ptr<const net::ServerTls> tls_;
  net::FileWatcher watcher_;

  gateway::Prefixes prefixes_;
  trust::Anchors anchors_;
  Nat64Watch nat64_watch_;                              // begins with the NAT64
  std::shared_ptr<nat64::ResolvedAddresses> resolved_;  // null without a NAT64 beside the resolver

  cache::AnswerCache cache_;
  std::vector<std::unique_ptr<Worker>> workers_;
  XdpPorts xdp_ports_;

  // Read by the admin thread.
  struct Status;
  std::unique_ptr<Status> status_;
  telemetry::Catalogue catalogue_;
  std::optional<admin::Server> admin_;

  std::unique_ptr<gateway::Nat64> nat64_;  // null without
  net::Timer nat64_timer_;

  net::Timer drain_timer_;
  TimePoint drain_deadline_{};
};

}  // namespace dragoman::app
