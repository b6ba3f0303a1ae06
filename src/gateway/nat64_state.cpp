// From numbers to a word; see nat64_state.h.
#include "dragoman/gateway/nat64_state.h"

namespace dragoman::gateway {
namespace {

bool reaches(std::size_t used, std::size_t all, std::size_t percent) { return all > 0 && used * 100 >= all * percent; }

}  // namespace

bool Nat64Condition::look(const Nat64Signs& signs) {
  const Nat64State before = state_;
  state_ = judge(signs);
  return state_ != before;
}

Nat64State Nat64Condition::judge(const Nat64Signs& signs) const {
  if (!signs.is_up) return Nat64State::down;
  if (signs.is_ending || signs.pool.blocks == 0) return Nat64State::draining;
  const std::size_t bound = state_ == Nat64State::full ? free_percent : full_percent;
  const bool is_full =
      reaches(signs.pool.taken, signs.pool.blocks, bound) || reaches(signs.sessions, signs.max_sessions, bound);
  return is_full ? Nat64State::full : Nat64State::ok;
}

}  // namespace dragoman::gateway
