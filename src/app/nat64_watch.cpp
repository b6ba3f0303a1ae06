// A timer, and a line in the log when something has changed.
#include "nat64_watch.h"

#include <algorithm>

#include "dragoman/base/log.h"

namespace dragoman::app {
namespace {

using gateway::Nat64State;

constexpr Duration look_interval{seconds(1)};
// Counting the blocks of a pool of 65536 addresses takes a tenth of a second: it is done as rarely as to cost a
// hundredth of a CPU.
constexpr int most_of_a_cpu = 100;

void tell(Nat64State state) {
  switch (state) {
    case Nat64State::ok:
      return log::info("nat64_ok", "new sessions can begin again");
    case Nat64State::full:
      return log::warn("nat64_full", "hardly a port or session is left; other prefixes take its place in new answers");
    case Nat64State::draining:
      return log::info("nat64_draining", "no new sessions; other prefixes take its place in new answers");
    case Nat64State::down:
      return log::error("nat64_down", "its device or a worker is gone: nothing passes");
  }
}

}  // namespace

Nat64Watch::Nat64Watch(net::EventLoop& loop, OnChange on_change) : loop_(loop), on_change_(std::move(on_change)) {
  timer_.bind([](void* self) { static_cast<Nat64Watch*>(self)->look(); }, this);
}

void Nat64Watch::begin(Signs signs) {
  signs_ = std::move(signs);
  is_watching_.store(true, std::memory_order_release);
  look();
}

void Nat64Watch::look() {
  if (!signs_) return;
  const TimePoint begun = Clock::now();
  const bool is_changed = condition_.look(signs_());
  loop_.set_after(timer_, std::max(look_interval, (Clock::now() - begun) * most_of_a_cpu));
  if (!is_changed) return;
  state_.store(condition_.state(), std::memory_order_release);
  tell(condition_.state());
  on_change_(condition_.state());
}

}  // namespace dragoman::app
