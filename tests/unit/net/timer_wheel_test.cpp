// The timer wheel against the obvious thing: a sorted list, with a clock of the test's own.
#include "timer_wheel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <vector>

namespace dragoman::net {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const TimePoint start{std::chrono::hours(5) + std::chrono::nanoseconds(12'345'678)};

struct CountingTimer {
  CountingTimer() : timer([](void* self) { ++static_cast<CountingTimer*>(self)->fired; }, this) {}
  int fired = 0;
  Timer timer;
};

TEST(TimerWheel, fires_once_within_two_ticks_of_the_deadline) {
  TimerWheel wheel(start);
  CountingTimer one;
  wheel.set(one.timer, start + milliseconds(100));
  wheel.advance(start + milliseconds(99));
  EXPECT_EQ(one.fired, 0);
  wheel.advance(start + milliseconds(100) + TimerWheel::tick);
  EXPECT_EQ(one.fired, 1);
  EXPECT_FALSE(one.timer.is_set());
  wheel.advance(start + hours(1));
  EXPECT_EQ(one.fired, 1);
}

TEST(TimerWheel, cancelled_timers_do_not_fire) {
  TimerWheel wheel(start);
  CountingTimer one;
  wheel.set(one.timer, start + milliseconds(100));
  one.timer.cancel();
  wheel.advance(start + seconds(1));
  EXPECT_EQ(one.fired, 0);
}

TEST(TimerWheel, setting_again_moves_the_deadline) {
  TimerWheel wheel(start);
  CountingTimer one;
  wheel.set(one.timer, start + milliseconds(100));
  wheel.set(one.timer, start + milliseconds(300));
  wheel.advance(start + milliseconds(200));
  EXPECT_EQ(one.fired, 0);
  wheel.advance(start + milliseconds(320));
  EXPECT_EQ(one.fired, 1);
}

TEST(TimerWheel, a_deadline_in_the_past_fires_with_the_next_tick) {
  TimerWheel wheel(start);
  CountingTimer one;
  wheel.set(one.timer, start - hours(1));
  wheel.advance(start + TimerWheel::tick);
  EXPECT_EQ(one.fired, 1);
}

TEST(TimerWheel, timers_beyond_one_revolution_wait_for_theirs) {
  TimerWheel wheel(start);
  CountingTimer one;
  wheel.set(one.timer, start + hours(12));
  for (auto at = start; at < start + hours(12); at += seconds(20)) {
    wheel.advance(at);
    ASSERT_EQ(one.fired, 0);
  }
  wheel.advance(start + hours(12) + TimerWheel::tick);
  EXPECT_EQ(one.fired, 1);
}

TEST(TimerWheel, a_long_sleep_fires_all_that_is_due) {
  TimerWheel wheel(start);
  std::vector<CountingTimer> timers(500);
  for (std::size_t i = 0; i < timers.size(); ++i) wheel.set(timers[i].timer, start + milliseconds(i * 997));
  wheel.advance(start + hours(1));
  EXPECT_TRUE(std::all_of(timers.begin(), timers.end(), [](const CountingTimer& one) { return one.fired == 1; }));
}

TEST(TimerWheel, an_empty_wheel_needs_no_wake_up) {
  TimerWheel wheel(start);
  EXPECT_FALSE(wheel.next_wake_up().has_value());
  CountingTimer one;
  wheel.set(one.timer, start + seconds(3));
  one.timer.cancel();
  EXPECT_FALSE(wheel.next_wake_up().has_value());
}

TEST(TimerWheel, the_next_wake_up_is_the_first_deadline) {
  TimerWheel wheel(start);
  CountingTimer first, second;
  wheel.set(second.timer, start + seconds(30));
  wheel.set(first.timer, start + seconds(3));
  const TimePoint wake_up = wheel.next_wake_up().value();
  EXPECT_GE(wake_up, start + seconds(3));
  EXPECT_LE(wake_up, start + seconds(3) + TimerWheel::tick);
  wheel.advance(wake_up);
  EXPECT_EQ(first.fired, 1);
}

TEST(TimerWheel, timers_survive_their_wheel) {
  CountingTimer one;
  {
    TimerWheel wheel(start);
    wheel.set(one.timer, start + seconds(3));
  }
  EXPECT_FALSE(one.timer.is_set());
}

// Callbacks that change timers, themselves included.
struct Actor {
  TimerWheel& wheel;
  TimePoint now = start;
  int fired = 0;
  std::unique_ptr<Timer> timer = std::make_unique<Timer>();
  std::unique_ptr<Timer> other = std::make_unique<Timer>();
};

TEST(TimerWheel, a_callback_may_set_its_own_timer_even_in_the_past) {
  TimerWheel wheel(start);
  Actor actor{wheel};
  actor.timer->bind(
      [](void* self) {
        auto& me = *static_cast<Actor*>(self);
        ++me.fired;
        me.wheel.set(*me.timer, start);
      },
      &actor);
  wheel.set(*actor.timer, start);
  wheel.advance(start + seconds(1));
  EXPECT_EQ(actor.fired, 1);
  wheel.advance(start + seconds(2));
  EXPECT_EQ(actor.fired, 2);
}

TEST(TimerWheel, a_callback_may_cancel_and_destroy_what_is_due_with_it) {
  TimerWheel wheel(start);
  Actor actor{wheel};
  const auto end_both = [](void* self) {
    auto& me = *static_cast<Actor*>(self);
    ++me.fired;
    me.timer.reset();
    me.other.reset();
  };
  actor.timer->bind(end_both, &actor);
  actor.other->bind(end_both, &actor);
  wheel.set(*actor.timer, start + milliseconds(10));
  wheel.set(*actor.other, start + milliseconds(10));
  wheel.advance(start + seconds(1));
  EXPECT_EQ(actor.fired, 1);
}

// Random sets, moves, cancels and steps; beside it a sorted list says which timers must have fired.
class WheelBesideList {
 public:
  explicit WheelBesideList(unsigned seed) : random_(seed) {
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      entries_[i].owner = this;
      entries_[i].timer.bind([](void* entry) { static_cast<Entry*>(entry)->fire(); }, &entries_[i]);
    }
  }

  void act() {
    Entry& entry = entries_[pick(entries_.size())];
    switch (pick(8)) {
      case 0:
        entry.timer.cancel();
        deadlines_.erase(&entry);
        break;
      case 1:
      case 2:
        step();
        break;
      default:
        set(entry);
    }
  }

 private:
  struct Entry {
    Timer timer;
    WheelBesideList* owner = nullptr;
    void fire() {
      auto expected = owner->deadlines_.find(this);
      ASSERT_NE(expected, owner->deadlines_.end());
      EXPECT_LE(expected->second, owner->now_);
      owner->deadlines_.erase(expected);
      if (owner->pick(3) == 0) owner->set(*this);
    }
  };

  std::size_t pick(std::size_t below) { return std::uniform_int_distribution<std::size_t>(0, below - 1)(random_); }

  Duration some_time() {
    const Duration scales[] = {milliseconds(5), milliseconds(300), seconds(8), minutes(2)};
    return Duration(static_cast<Duration::rep>(pick(static_cast<std::size_t>(scales[pick(4)].count()))));
  }

  void set(Entry& entry) {
    deadlines_[&entry] = now_ + some_time();
    wheel_.set(entry.timer, deadlines_[&entry]);
  }

  void step() {
    if (auto wake_up = wheel_.next_wake_up(); !deadlines_.empty()) {
      const auto first = std::min_element(deadlines_.begin(), deadlines_.end(),
                                          [](const auto& a, const auto& b) { return a.second < b.second; });
      ASSERT_TRUE(wake_up.has_value());
      ASSERT_LT(*wake_up, std::max(first->second, now_) + 2 * TimerWheel::tick);
    }
    now_ += some_time();
    wheel_.advance(now_);
    for (const auto& [entry, deadline] : deadlines_) {
      ASSERT_TRUE(entry->timer.is_set());
      ASSERT_GT(deadline, now_ - 2 * TimerWheel::tick) << "should have fired";
    }
  }

  std::mt19937 random_;
  TimePoint now_ = start;
  TimerWheel wheel_{start};
  std::vector<Entry> entries_ = std::vector<Entry>(200);
  std::map<Entry*, TimePoint> deadlines_;
};

TEST(TimerWheel, agrees_with_a_sorted_list) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    WheelBesideList both(seed);
    for (int i = 0; i < 5000 && !testing::Test::HasFailure(); ++i) both.act();
  }
}

}  // namespace
}  // namespace dragoman::net
