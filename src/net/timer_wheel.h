// A hashed timer wheel (Varghese and Lauck): 4096 slots of 8.4 ms, so that the usual time-outs fit into one revolution
// of 34 s; later ones stay in their slot and are looked at once per revolution.
// A bitmap of slots that may hold timers tells the next wake-up, so an idle worker does not tick. Knows no clock: time
// is an argument. One thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "dragoman/net/event_loop.h"

namespace dragoman::net {

class TimerWheel {
 public:
  static constexpr int tick_shift = 23;  // 2^23 ns
  static constexpr Duration tick{std::int64_t{1} << tick_shift};

  explicit TimerWheel(TimePoint now);
  ~TimerWheel();
  TimerWheel(const TimerWheel&) = delete;
  TimerWheel& operator=(const TimerWheel&) = delete;

  // Sets or moves the timer. A deadline that is over fires with the next advance() to a later tick.
  void set(Timer& timer, TimePoint deadline);
  // Calls the timers that are due at `now`, by tick and then in the order in which they were set.
  void advance(TimePoint now);
  // When advance() should be called next: never after the first deadline's tick, sometimes before it.
  std::optional<TimePoint> next_wake_up();

 private:
  static constexpr std::size_t slot_count = 4096;
  using Tick = std::int64_t;

  static Tick tick_after(TimePoint time) { return ((time.time_since_epoch().count() - 1) >> tick_shift) + 1; }
  static Tick tick_before(TimePoint time) { return time.time_since_epoch().count() >> tick_shift; }
  static std::size_t slot_of(Tick at) { return static_cast<std::size_t>(at) % slot_count; }
  static void append(TimerLink& head, Timer& timer);

  void mark(std::size_t slot);
  void unmark(std::size_t slot);
  // Slots from `first` on, cyclically, until one that may hold timers; slot_count: none.
  std::size_t distance_to_marked(std::size_t first) const;
  void move_due(std::size_t slot, Tick until);

  std::array<TimerLink, slot_count> slots_;
  std::array<std::uint64_t, slot_count / 64> marks_{};  // a bit per slot
  std::uint64_t marked_words_ = 0;                      // a bit per word of marks_
  TimerLink due_;                                       // what advance() is calling
  Tick current_;
};

}  // namespace dragoman::net
