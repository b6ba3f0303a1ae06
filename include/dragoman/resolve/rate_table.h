// Token buckets for whoever asks, in memory that is fixed: one table of atomics for all workers, without a lock.
// A subject (a client's prefix, a kind of reply) is known by a hash under a key of this process, so nobody can choose
// what to collide with. When a place is needed the subject with the fullest bucket loses its own, and begins afresh
// when it comes again: what the table forgets is to the subject's good. That two subjects share a bucket happens once
// in some hundred thousand. Any thread.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

#include "dragoman/base/bytes.h"
#include "dragoman/base/time.h"

namespace dragoman::resolve {

// How fast a bucket fills and what it holds; `burst` at least 1. Both fit an hour: burst / per_second <= 3600.
struct Rate {
  std::uint32_t per_second = 0;
  std::uint32_t burst = 1;
};

class RateTable {
 public:
  RateTable();

  // Takes one token from the bucket of `subject`; false when it is empty.
  bool take(Bytes subject, const Rate& rate, TimePoint now);

 private:
  static constexpr std::size_t group_count = 65536;  // of 32 octets: 2 MiB
  static constexpr std::size_t group_size = 4;
  // A tag that tells the subjects of a group apart, and the time when the bucket will be full again: all that a token
  // bucket has to remember. 0 is an empty place.
  using Slot = std::atomic<std::uint64_t>;
  struct alignas(32) Group {
    std::array<Slot, group_size> slots{};
  };

  std::array<std::uint8_t, 16> key_;
  std::unique_ptr<std::array<Group, group_count>> groups_;
};

}  // namespace dragoman::resolve
