// The event loop over socket pairs and eventfds: who is called, in which order, and who no longer is.
#include "dragoman/net/event_loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <vector>

#include "dragoman/net/socket.h"
#include "work.h"

namespace dragoman::net {
namespace {

using testing::ElementsAre;

constexpr Duration no_wait = Duration::zero();

// An eventfd whose watcher runs what the test gives it.
class Bell final : public Watcher {
 public:
  Bell() : fd_(eventfd(0, EFD_NONBLOCK)) {}
  void on_ready(Ready ready) override {
    ++calls;
    last = ready;
    if (action) action();
  }
  void ring() {
    const std::uint64_t one = 1;
    ASSERT_EQ(::write(fd_.get(), &one, sizeof one), ssize_t{sizeof one});
  }
  int fd() const { return fd_.get(); }

  int calls = 0;
  Ready last;
  std::function<void()> action;

 private:
  UniqueFd fd_;
};

void watch_quietly(EventLoop& loop, Bell& bell) {
  loop.watch(bell.fd(), bell);
  loop.run_once(no_wait);
  bell.calls = 0;
}

TEST(EventLoop, tells_of_readiness_once_per_edge) {
  EventLoop loop;
  Bell bell;
  watch_quietly(loop, bell);
  loop.run_once(no_wait);
  EXPECT_EQ(bell.calls, 0);
  bell.ring();
  loop.run_once(seconds(1));
  EXPECT_EQ(bell.calls, 1);
  EXPECT_TRUE(bell.last.readable);
  EXPECT_FALSE(bell.last.hung_up);
  loop.run_once(no_wait);
  EXPECT_EQ(bell.calls, 1);
}

TEST(EventLoop, tells_when_the_other_side_is_gone) {
  int pair[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
  UniqueFd mine(pair[0]);
  EventLoop loop;
  Bell watcher;
  loop.watch(mine.get(), watcher);
  { UniqueFd other(pair[1]); }
  loop.run_once(seconds(1));
  EXPECT_TRUE(watcher.last.hung_up);
  loop.unwatch(mine.get(), watcher);
}

TEST(EventLoop, unwatching_another_during_dispatch_voids_its_readiness) {
  EventLoop loop;
  Bell first, second;
  watch_quietly(loop, first);
  watch_quietly(loop, second);
  first.action = [&] { loop.unwatch(second.fd(), second); };
  second.action = [&] { loop.unwatch(first.fd(), first); };
  first.ring();
  second.ring();
  loop.run_once(seconds(1));
  EXPECT_EQ(first.calls + second.calls, 1);
}

TEST(EventLoop, unwatching_one_leaves_the_rest_of_the_batch) {
  EventLoop loop;
  std::vector<std::unique_ptr<Bell>> bells;
  for (int i = 0; i < 5; ++i) watch_quietly(loop, *bells.emplace_back(std::make_unique<Bell>()));
  for (auto& bell : bells) {
    bell->action = [&loop, &bell] { loop.unwatch(bell->fd(), *bell); };
    bell->ring();
  }
  loop.run_once(seconds(1));
  for (auto& bell : bells) EXPECT_EQ(bell->calls, 1);
}

TEST(EventLoop, a_watcher_may_be_destroyed_by_another_of_the_same_batch) {
  EventLoop loop;
  auto first = std::make_unique<Bell>();
  auto second = std::make_unique<Bell>();
  watch_quietly(loop, *first);
  watch_quietly(loop, *second);
  int destroyed = 0;
  const auto destroy = [&](std::unique_ptr<Bell>& victim) {
    loop.unwatch(victim->fd(), *victim);
    victim.reset();
    ++destroyed;
  };
  first->action = [&] { destroy(second); };
  second->action = [&] { destroy(first); };
  first->ring();
  second->ring();
  loop.run_once(seconds(1));
  EXPECT_EQ(destroyed, 1);
}

TEST(EventLoop, a_reused_descriptor_does_not_inherit_readiness) {
  EventLoop loop;
  Bell first, second, third;
  watch_quietly(loop, first);
  watch_quietly(loop, second);
  // Whoever is called first takes the other off, and watches the other's descriptor, still readable in the batch, anew.
  const auto replace = [&](Bell& other) {
    loop.unwatch(other.fd(), other);
    loop.watch(other.fd(), third);
  };
  first.action = [&] { replace(second); };
  second.action = [&] { replace(first); };
  first.ring();
  second.ring();
  loop.run_once(seconds(1));
  EXPECT_EQ(third.calls, 0);
  loop.run_once(no_wait);
  EXPECT_EQ(third.calls, 1) << "told by its own registration, in the next turn";
}

TEST(EventLoop, again_comes_after_the_others_and_once_per_turn) {
  EventLoop loop;
  Bell busy, other;
  watch_quietly(loop, busy);
  watch_quietly(loop, other);
  std::vector<std::string> order;
  busy.action = [&] {
    order.push_back("busy");
    loop.again(busy);
    loop.again(busy);
  };
  other.action = [&] { order.push_back("other"); };
  busy.ring();
  other.ring();
  loop.run_once(seconds(1));
  ASSERT_EQ(order.size(), 3u);
  EXPECT_EQ(order[2], "busy");
  order.clear();
  other.ring();
  loop.run_once(seconds(1));
  EXPECT_THAT(order, ElementsAre("other", "busy")) << "others are not starved by who always asks again";
}

TEST(EventLoop, unwatch_forgets_a_call_of_again) {
  EventLoop loop;
  Bell busy;
  watch_quietly(loop, busy);
  busy.action = [&] {
    loop.again(busy);
    loop.unwatch(busy.fd(), busy);
  };
  busy.ring();
  loop.run_once(seconds(1));
  loop.run_once(no_wait);
  EXPECT_EQ(busy.calls, 1);
}

TEST(EventLoop, long_work_comes_after_the_others_one_piece_a_turn_and_the_next_turn_does_not_wait) {
  EventLoop loop;
  Bell first, second, other;
  for (Bell* bell : {&first, &second, &other}) watch_quietly(loop, *bell);
  std::vector<std::string> order;
  const auto put_off = [&](Bell& bell, const char* name) {
    bell.action = [&, name] {
      if (bell.last.at_leisure) return order.push_back(name);
      loop.when_at_leisure(bell);
      loop.when_at_leisure(bell);
    };
    bell.ring();
  };
  put_off(first, "long");
  put_off(second, "long");
  other.action = [&] { order.push_back("other"); };
  other.ring();
  loop.run_once(seconds(1));
  EXPECT_THAT(order, ElementsAre("other", "long"));
  other.ring();
  loop.run_once(seconds(1));
  EXPECT_THAT(order, ElementsAre("other", "long", "other", "long"));
  second.action = [&] { loop.when_at_leisure(second); };
  second.ring();
  loop.run_once(seconds(1));
  const TimePoint before = Clock::now();
  loop.run_once(seconds(30));
  EXPECT_LT(Clock::now() - before, seconds(15));
}

TEST(EventLoop, long_work_that_has_begun_goes_on_before_what_has_not) {
  EventLoop loop;
  Bell begun, next;
  for (Bell* bell : {&begun, &next}) watch_quietly(loop, *bell);
  std::vector<std::string> order;
  begun.action = [&] {
    order.push_back("begun");
    if (order.size() < 3) loop.go_on_at_leisure(begun);
  };
  next.action = [&] { order.push_back("next"); };
  loop.when_at_leisure(begun);
  loop.when_at_leisure(next);
  for (int i = 0; i < 4; ++i) loop.run_once(no_wait);
  EXPECT_THAT(order, ElementsAre("begun", "begun", "begun", "next"));
}

// Else a worker that is always busy would take no more connections.
TEST(EventLoop, after_a_long_turn_there_is_more_time_for_long_work) {
  EventLoop loop;
  Bell busy, patient;
  for (Bell* bell : {&busy, &patient}) watch_quietly(loop, *bell);
  busy.action = [] { work_for(milliseconds(60)); };
  patient.action = [&] {
    work_for(milliseconds(1));
    loop.go_on_at_leisure(patient);
  };
  loop.when_at_leisure(patient);
  busy.ring();
  loop.run_once(seconds(1));
  EXPECT_GE(patient.calls, 2) << "20 ms of 60";
  EXPECT_LE(patient.calls, 60);
  loop.unwatch(patient.fd(), patient);
}

TEST(EventLoop, unwatch_forgets_long_work) {
  EventLoop loop;
  Bell bell;
  watch_quietly(loop, bell);
  loop.when_at_leisure(bell);
  loop.unwatch(bell.fd(), bell);
  loop.run_once(no_wait);
  EXPECT_EQ(bell.calls, 0);
}

TEST(EventLoop, input_alone_wakes_nobody_for_what_was_read_before) {
  EventLoop loop;
  Bell bell;
  loop.watch_input(bell.fd(), bell);
  bell.ring();
  std::uint64_t rings;
  ASSERT_EQ(::read(bell.fd(), &rings, sizeof rings), ssize_t{sizeof rings});
  loop.run_once(no_wait);
  EXPECT_EQ(bell.calls, 0);
}

TEST(EventLoop, watch_output_tells_once_that_there_is_room_and_goes_on_telling_of_input) {
  EventLoop loop;
  Bell bell;
  loop.watch_input(bell.fd(), bell);
  loop.run_once(no_wait);
  ASSERT_EQ(bell.calls, 0);
  loop.watch_output(bell.fd());
  loop.run_once(no_wait);
  EXPECT_EQ(bell.calls, 1);
  EXPECT_TRUE(bell.last.writable);
  loop.run_once(no_wait);
  EXPECT_EQ(bell.calls, 1);
  bell.ring();
  loop.run_once(no_wait);
  EXPECT_EQ(bell.calls, 2);
  EXPECT_TRUE(bell.last.readable);
}

TEST(EventLoop, unwatch_forgets_a_call_of_again_that_is_next_in_line) {
  EventLoop loop;
  Bell first, second;
  first.action = [&] { loop.unwatch(second.fd(), second); };
  loop.watch(first.fd(), first);
  loop.watch(second.fd(), second);
  loop.again(first);
  loop.again(second);
  first.calls = second.calls = 0;
  // Both readinesses of the first turn are delivered before; the action ends the second there already.
  loop.run_once(no_wait);
  EXPECT_LE(second.calls, 1);
  const int before = second.calls;
  loop.run_once(no_wait);
  EXPECT_EQ(second.calls, before);
}

TEST(EventLoop, end_of_turn_work_runs_once_after_all_watchers) {
  EventLoop loop;
  Bell first, second;
  watch_quietly(loop, first);
  watch_quietly(loop, second);
  std::vector<std::string> order;
  first.action = second.action = [&] { order.push_back("ready"); };
  loop.at_end_of_turn([&] { order.push_back("end"); });
  first.ring();
  second.ring();
  loop.run_once(no_wait);
  EXPECT_THAT(order, ElementsAre("ready", "ready", "end"));
  loop.run_once(no_wait);
  EXPECT_EQ(order.size(), 3u);
}

TEST(EventLoop, end_of_turn_work_that_adds_work_does_not_hold_up_the_loop) {
  EventLoop loop;
  int runs = 0;
  std::function<void()> work = [&] {
    ++runs;
    loop.at_end_of_turn(work);
  };
  loop.at_end_of_turn(work);
  loop.run_once(seconds(5));
  loop.run_once(seconds(5));
  EXPECT_EQ(runs, 2);
}

TEST(EventLoop, timers_fire_at_their_time_by_themselves) {
  EventLoop loop;
  bool fired = false;
  Timer timer([](void* flag) { *static_cast<bool*>(flag) = true; }, &fired);
  const TimePoint set_at = Clock::now();
  loop.set(timer, set_at + milliseconds(30));
  while (!fired) loop.run_once(seconds(5));
  EXPECT_GE(Clock::now() - set_at, milliseconds(30));
}

TEST(EventLoop, data_comes_before_the_time_out_of_the_same_turn) {
  EventLoop loop;
  Bell bell;
  watch_quietly(loop, bell);
  std::vector<std::string> order;
  Timer timer([](void* list) { static_cast<std::vector<std::string>*>(list)->push_back("timer"); }, &order);
  bell.action = [&] { order.push_back("data"); };
  loop.set(timer, loop.now() - seconds(1));
  bell.ring();
  while (order.size() < 2) loop.run_once(seconds(1));
  EXPECT_THAT(order, ElementsAre("data", "timer"));
}

TEST(EventLoop, posted_work_runs_on_the_loop_in_order) {
  EventLoop loop;
  std::vector<int> order;
  std::thread poster([&] {
    for (int i = 0; i < 1000; ++i) loop.post([&order, i] { order.push_back(i); });
    loop.post([&loop] { loop.stop(); });
  });
  loop.run();
  poster.join();
  ASSERT_EQ(order.size(), 1000u);
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

TEST(EventLoop, posted_work_may_post) {
  EventLoop loop;
  int runs = 0;
  loop.post([&] {
    ++runs;
    loop.post([&] { ++runs; });
  });
  loop.run_once(seconds(1));
  EXPECT_EQ(runs, 1);
  loop.run_once(seconds(1));
  EXPECT_EQ(runs, 2);
}

TEST(EventLoop, many_threads_may_post) {
  EventLoop loop;
  int sum = 0;
  std::vector<std::thread> posters;
  for (int t = 0; t < 4; ++t) {
    posters.emplace_back([&] {
      for (int i = 0; i < 500; ++i) loop.post([&sum] { ++sum; });
    });
  }
  while (sum < 2000) loop.run_once(seconds(1));
  for (auto& poster : posters) poster.join();
  EXPECT_EQ(sum, 2000);
}

TEST(EventLoop, a_stop_before_run_is_not_lost) {
  EventLoop loop;
  loop.stop();
  loop.run();
  SUCCEED();
}

TEST(EventLoop, knows_its_longest_turn) {
  EventLoop loop;
  loop.post([] {
    const TimePoint until = Clock::now() + milliseconds(3);
    while (Clock::now() < until) {
    }
  });
  loop.post([&loop] { loop.stop(); });
  loop.run();
  EXPECT_GE(loop.take_longest_turn_us(), 3000u);
  EXPECT_EQ(loop.take_longest_turn_us(), 0u);
}

}  // namespace
}  // namespace dragoman::net
