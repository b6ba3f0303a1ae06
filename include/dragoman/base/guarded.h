// Guarded<T>: data that several threads share cannot be reached without its lock. The only mutex of the program;
// everything else is owned by one thread or is an atomic.
#pragma once

#include <mutex>
#include <utility>

namespace dragoman {

template <class T>
class Guarded {
 public:
  Guarded() = default;
  template <class... Args>
  explicit Guarded(std::in_place_t, Args&&... args) : value_(std::forward<Args>(args)...) {}

  // Calls `use(T&)` with the lock held, and returns what it returns. Keep it short: others wait.
  template <class Use>
  decltype(auto) with(Use&& use) {
    std::lock_guard lock(mutex_);
    return std::forward<Use>(use)(value_);
  }
  template <class Use>
  decltype(auto) with(Use&& use) const {
    std::lock_guard lock(mutex_);
    return std::forward<Use>(use)(std::as_const(value_));
  }

 private:
  mutable std::mutex mutex_;
  T value_{};
};

}  // namespace dragoman
