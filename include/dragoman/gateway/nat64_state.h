// How our own NAT64 is, as far as DNS64 has to know: whether new sessions through it can begin. Pure; one thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "dragoman/nat64/port_pool.h"
#include "dragoman/telemetry/metric.h"

namespace dragoman::gateway {

enum class Nat64State : std::uint8_t {
  ok,
  full,      // nearly no port block, or no session, is left: existing ones go on
  draining,  // on purpose nothing new begins: the program ends, or every address of the pool drains
  down,      // the device or a worker is gone: nothing passes
};

// What the state is made of, at one moment.
struct Nat64Signs {
  nat64::PortPool::Usage pool;
  std::size_t sessions = 0, max_sessions = 0;  // of all workers
  bool is_up = true;                           // the device and every worker
  bool is_ending = false;                      // the program drains
};

class Nat64Condition {
 public:
  // Full from here on, and no longer full below that: between the two it stays what it was, so that answers do not
  // change with every block that somebody gives back.
  static constexpr std::size_t full_percent = 95, free_percent = 90;

  // True when the state is another one than before.
  bool look(const Nat64Signs& signs);
  Nat64State state() const { return state_; }

 private:
  Nat64State judge(const Nat64Signs& signs) const;
  Nat64State state_ = Nat64State::ok;
};

}  // namespace dragoman::gateway

namespace dragoman::telemetry {
template <>
struct LabelValues<gateway::Nat64State> {
  static constexpr std::array<const char*, 4> values{"ok", "full", "draining", "down"};
};
}  // namespace dragoman::telemetry
