// When sessions end: a wheel of seconds, each a ring through the sessions' records. Filing, moving and removing cost
// the same whatever the number of sessions, and a tick looks only at what was filed under its second. A session that
// was refreshed is filed anew when its old second comes. One thread.
#pragma once

#include <array>
#include <cstdint>

#include "slab.h"

namespace dragoman::nat64 {

using Second = std::uint32_t;  // since the translator's start

// Record has members wheel_next, wheel_previous and deadline (a Second).
template <class Record>
class ExpiryWheel {
 public:
  explicit ExpiryWheel(Slab<Record>& records) : records_(records) {
    for (std::uint32_t slot = 0; slot < slots; ++slot) heads_[slot] = {head | slot, head | slot};
  }

  // Under its deadline, or under the farthest second there is.
  void file(Index index) {
    Record& record = records_[index];
    const Second soonest = ticked_ + 1;
    Second at = record.deadline < soonest ? soonest : record.deadline;
    if (at - ticked_ >= slots) at = ticked_ + slots - 1;
    const Index ring = head | (at & (slots - 1));
    const Index last = previous(ring);
    record.wheel_next = ring;
    record.wheel_previous = last;
    next(last) = index;
    previous(ring) = index;
  }
  void remove(Index index) {
    const Record& record = records_[index];
    next(record.wheel_previous) = record.wheel_next;
    previous(record.wheel_next) = record.wheel_previous;
  }

  // Calls `end(index)` for records whose deadline has come by `now`; it must remove the record or give it a later
  // deadline and file it. Looks at no more than `most` records. True: there are more.
  template <class End>
  bool tick(Second now, std::size_t most, End end) {
    while (ticked_ < now) {
      const Second second = ticked_ + 1;
      const Index ring = head | (second & (slots - 1));
      for (Index index = next(ring); index != ring; index = next(ring)) {
        if (most-- == 0) return true;
        if (records_[index].deadline <= second) {
          end(index);
        } else {
          refile(index, second);
        }
      }
      ticked_ = second;
    }
    return false;
  }

 private:
  static constexpr std::uint32_t slots = 8192;  // a little more than TCP_EST
  static constexpr Index head = 0x80000000;     // marks the number of a ring's head
  struct Ends {
    Index next, previous;
  };

  Index& next(Index at) { return (at & head) != 0 ? heads_[at & ~head].next : records_[at].wheel_next; }
  Index& previous(Index at) { return (at & head) != 0 ? heads_[at & ~head].previous : records_[at].wheel_previous; }
  // Away from the ring of `second`, which is being emptied.
  void refile(Index index, Second second) {
    remove(index);
    const Second before = ticked_;
    ticked_ = second;
    file(index);
    ticked_ = before;
  }

  Slab<Record>& records_;
  std::array<Ends, slots> heads_;
  Second ticked_ = 0;
};

}  // namespace dragoman::nat64
