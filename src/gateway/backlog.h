// What a target of the binding log did not take yet: whole units (lines, datagrams) one behind the other, in bounded
// memory. The writer's thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "dragoman/base/bytes.h"

namespace dragoman::gateway {

class Backlog {
 public:
  struct Unit {
    std::uint32_t length = 0;
    std::uint32_t events = 0;   // of producers, told in it
    std::uint32_t records = 0;  // those and others (the start, a gap)
  };

  explicit Backlog(std::size_t limit) : limit_(limit) {}

  // Full from the limit on; what comes all the same is kept, so ask before.
  bool is_full() const { return size() >= limit_; }
  bool is_half_empty() const { return size() <= limit_ / 2; }
  bool is_empty() const { return units_.empty(); }
  std::size_t size() const { return octets_.size() - start_; }
  std::uint64_t events() const;

  void add(Bytes octets, std::uint32_t events, std::uint32_t records);

  // The octets of all units, the oldest first. Valid until the next call that is not const.
  MutableBytes octets() { return MutableBytes(octets_).subspan(start_); }
  const std::deque<Unit>& units() const { return units_; }
  // Takes the oldest unit off.
  void pop();

 private:
  const std::size_t limit_;
  std::vector<std::uint8_t> octets_;
  std::size_t start_ = 0;  // octets in front of it are gone
  std::deque<Unit> units_;
};

}  // namespace dragoman::gateway
