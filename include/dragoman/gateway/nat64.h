// The NAT64 of this machine: the TUN device, its routes, the steering program, and a worker for each queue. Owned by
// the control thread, which opens it with whatever privileges the process has, may then give those up, and starts it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dragoman/base/result.h"
#include "dragoman/gateway/binding_log.h"
#include "dragoman/gateway/nat64_metrics.h"
#include "dragoman/gateway/nat64_options.h"
#include "dragoman/nat64/translator.h"

namespace dragoman::gateway {

class Nat64 {
 public:
  // Opens the device with a queue for each of Options::queues (else `workers`), routes to it what is to come to it, and
  // loads the steering program. Errors say what to do; what an unprivileged process could not do and does not need is
  // only in the log. `resolved` outlives the NAT64; null: none.
  static Result<std::unique_ptr<Nat64>> open(const Nat64Options& options, unsigned workers,
                                             const nat64::ResolvedAddresses* resolved);
  ~Nat64();
  Nat64(const Nat64&) = delete;
  Nat64& operator=(const Nat64&) = delete;

  // Opens the binding log and starts the threads: no privilege is needed for it.
  Result<void> start();
  // A reload: pool, limits, timers and all that the configuration marks as such; sessions stay. Error: the new pool is
  // too large for what was set aside at the start; nothing was changed.
  Result<void> apply(const Nat64Options& options);
  void reopen_log();
  // About once a second: takes offloads off that the kernel keeps refusing.
  void look_after();

  // -- Any thread, once started --
  std::size_t worker_count() const;
  // Runs `work` on each worker's thread, soon.
  using Work = std::function<void(nat64::Translator&, TimePoint)>;
  void post(unsigned worker, Work work);
  bool is_alive() const;  // every worker has its device
  const nat64::PortPool& pool() const;
  std::int64_t session_limit() const;
  const nat64::Metrics& metrics(unsigned worker) const;
  const TunMetrics& tun_metrics(unsigned worker) const;
  const BindingLogMetrics* log_metrics() const;  // null: no log
  // Packets that found a queue of the device full.
  std::uint64_t queue_drops() const;

  // "nat64: 2 queues, tso uso, steering": for people, at the start.
  std::string description() const;

 private:
  struct State;
  explicit Nat64(std::unique_ptr<State> state);
  static Result<void> steer(State& state);
  std::unique_ptr<State> state_;
};

}  // namespace dragoman::gateway
