// How many sessions all workers together may have (Options::max_sessions). A worker takes leave for many at a time, so
// that it seldom meets the others. Any thread.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

namespace dragoman::nat64 {

class SessionBudget {
 public:
  explicit SessionBudget(std::uint32_t limit) : left_(limit), limit_(limit) {}

  // How many a worker takes at a time. It may have two portions that it does not use, so they are a small part of all.
  std::int64_t portion() const { return std::clamp<std::int64_t>(limit() / 1024, 1, 256); }
  // Leave for at most a portion more; 0: there is none.
  std::int64_t take() {
    std::int64_t left = left_.load(std::memory_order_relaxed);
    while (left > 0) {
      const std::int64_t taken = std::min(left, portion());
      if (left_.compare_exchange_weak(left, left - taken, std::memory_order_relaxed)) return taken;
    }
    return 0;
  }
  void give_back(std::int64_t count) { left_.fetch_add(count, std::memory_order_relaxed); }

  // The last eighth is for sessions that the inside begins.
  bool is_scarce() const { return left_.load(std::memory_order_relaxed) < limit() / 8; }

  // At a reload, on one thread. Sessions beyond a lower limit stay; there are no new ones until they are gone.
  void set_limit(std::uint32_t limit) {
    left_.fetch_add(std::int64_t{limit} - limit_.load(std::memory_order_relaxed), std::memory_order_relaxed);
    limit_.store(limit, std::memory_order_relaxed);
  }
  std::int64_t limit() const { return limit_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> left_;
  std::atomic<std::int64_t> limit_;
};

}  // namespace dragoman::nat64
