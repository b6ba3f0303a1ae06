// Sends packets through a prefix, again and again, and knows whether they come back. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "dragoman/gateway/metrics.h"
#include "dragoman/gateway/options.h"
#include "dragoman/net/datagram.h"
#include "dragoman/net/event_loop.h"
#include "dragoman/net/socket.h"
#include "rise_and_fall.h"

namespace dragoman::gateway {

class Probe final : private net::Watcher {
 public:
  // `on_change` hears of every change of is_up(); it may not destroy the probe.
  Probe(net::EventLoop& loop, const ProbedPrefix& probed, const ProbingOptions& options, Metrics& metrics,
        std::function<void(const Probe&)> on_change);
  ~Probe();

  // When the first attempt begins.
  void start_after(Duration delay) { loop_.set_after(begin_timer_, delay); }
  const ProbedPrefix& probed() const { return probed_; }
  bool is_up() const { return state_.is_up(); }

 private:
  void begin();
  void begin_tcp();
  void begin_dns();
  void on_ready(net::Ready ready) override;
  void read_tcp(bool is_writable);
  void read_dns();
  bool is_answer(Bytes message) const;
  void on_timeout();
  void end(ProbeResult result, const std::string& reason);
  void close();

  net::EventLoop& loop_;
  const ProbedPrefix probed_;
  const ProbingOptions options_;
  const ip::Endpoint endpoint_;  // the target, embedded
  PrefixMetrics& metrics_;
  std::function<void(const Probe&)> on_change_;
  RiseAndFall state_;

  net::UniqueFd fd_;  // open while an attempt is under way
  std::uint16_t id_ = 0;
  net::Timer begin_timer_;
  net::Timer end_timer_;
};

}  // namespace dragoman::gateway
