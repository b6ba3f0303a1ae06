// How our NAT64 is, looked at once a second on the main thread, and told to whoever decides which prefixes are answered
// with. The worker threads of the NAT64 hear nothing of it.
#pragma once

#include <atomic>
#include <functional>

#include "dragoman/gateway/nat64_state.h"
#include "dragoman/net/event_loop.h"

namespace dragoman::app {

class Nat64Watch {
 public:
  using Signs = std::function<gateway::Nat64Signs()>;
  using OnChange = std::function<void(gateway::Nat64State)>;

  // `on_change` runs on the loop's thread, from look() or from the timer.
  Nat64Watch(net::EventLoop& loop, OnChange on_change);
  Nat64Watch(const Nat64Watch&) = delete;
  Nat64Watch& operator=(const Nat64Watch&) = delete;

  // From now on. `signs` is asked on the loop's thread, and must last as long as this.
  void begin(Signs signs);
  // Now, without waiting for the next second: when a worker or the device has gone, and when the program drains.
  void look();

  // Any thread. False before begin().
  bool is_watching() const { return is_watching_.load(std::memory_order_acquire); }
  gateway::Nat64State state() const { return state_.load(std::memory_order_acquire); }

 private:
  net::EventLoop& loop_;
  OnChange on_change_;
  Signs signs_;
  gateway::Nat64Condition condition_;
  net::Timer timer_;
  std::atomic<bool> is_watching_{false};
  std::atomic<gateway::Nat64State> state_{gateway::Nat64State::ok};
};

}  // namespace dragoman::app
