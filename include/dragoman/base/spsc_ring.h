// A bounded queue from one thread to one other: neither waits, allocates or enters the kernel. One thread pushes, one
// other reads; a full ring refuses. The producer keeps a copy of where it last saw the consumer, so that it fetches the
// consumer's cache line once a lap and not once a value; the consumer reads in batches anyway.
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <memory>
#include <type_traits>

namespace dragoman {

template <class T>
requires std::is_trivially_copyable_v<T>
class SpscRing {
 public:
  // Room for at least `least` values, rounded up to a power of two. All of it is touched here: no page fault later.
  explicit SpscRing(std::size_t least)
      : mask_(std::bit_ceil(least < 1 ? 1 : least) - 1), slots_(std::make_unique<T[]>(mask_ + 1)) {}

  std::size_t capacity() const { return mask_ + 1; }

  // -- The producer --
  // False: full.
  bool push(const T& value) {
    const std::size_t head = head_.load(std::memory_order_relaxed);
    if (head - seen_tail_ > mask_) {
      seen_tail_ = tail_.load(std::memory_order_acquire);
      if (head - seen_tail_ > mask_) return false;
    }
    slots_[head & mask_] = value;
    head_.store(head + 1, std::memory_order_release);
    return true;
  }

  // -- The consumer --
  // How many values may be read now; more may come at any time.
  std::size_t readable() const { return head_.load(std::memory_order_acquire) - tail_.load(std::memory_order_relaxed); }
  // The value `offset` places behind the oldest, below what readable() said. Valid until it is popped.
  const T& peek(std::size_t offset) const { return slots_[(tail_.load(std::memory_order_relaxed) + offset) & mask_]; }
  // Gives the oldest `count` places back.
  void pop(std::size_t count) { tail_.store(tail_.load(std::memory_order_relaxed) + count, std::memory_order_release); }

 private:
  static constexpr std::size_t line = 64;  // octets of a cache line

  const std::size_t mask_;
  const std::unique_ptr<T[]> slots_;
  alignas(line) std::atomic<std::size_t> head_{0};  // the producer's line; positions only grow, and wrap with the type
  std::size_t seen_tail_ = 0;
  alignas(line) std::atomic<std::size_t> tail_{0};  // the consumer's line
};

}  // namespace dragoman
