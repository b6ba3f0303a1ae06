// The event loop of one worker: edge-triggered epoll, timers, and a mailbox for other threads.
// Everything but post() and stop() is for the worker's own thread. One wake-up is a turn: read the clock once, call the
// watchers that are ready, then the ones that asked to go on, then some of the long work, then the timers that are due
// (an answer that came in time beats its time-out), then what was put off to the end of the turn.
// Why not Asio here: async_wait() costs an epoll_ctl per wait and some 200 octets per descriptor; docs/architecture.md
// has the measurement. Asio serves the control plane (admin, signals).
#pragma once

#include <boost/intrusive/list_hook.hpp>
#include <cstdint>
#include <functional>
#include <memory>

#include "dragoman/base/time.h"

namespace dragoman::net {

struct Ready {
  bool readable = false;
  bool writable = false;
  bool hung_up = false;     // EPOLLHUP, EPOLLERR or EPOLLRDHUP: read to learn what it was
  bool at_leisure = false;  // this is what when_at_leisure() or go_on_at_leisure() asked for
};

// A watcher's place among those that wait for another call of this turn or a later one: the loop's own business.
using WaitingHook = boost::intrusive::list_member_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

// What a descriptor's owner implements. Edge-triggered: read (or write) until EAGAIN, or call EventLoop::again().
// Readiness may be spurious. A watcher may watch several descriptors.
class Watcher {
 public:
  Watcher() = default;
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;
  virtual void on_ready(Ready ready) = 0;
  WaitingHook waiting;

 protected:
  ~Watcher() = default;
};

// A node of the timer wheel's lists: part of a set timer, or the head of a slot.
struct TimerLink {
  TimerLink* next = nullptr;
  TimerLink* previous = nullptr;
};

// A timer inside its owner; one deadline at a time; fires up to 9 ms late, never early. Setting and cancelling cost a
// list operation. Destroying it cancels it. The callback may set, cancel or destroy any timer, this one too.
class Timer : private TimerLink {
 public:
  using Callback = void (*)(void* owner);
  Timer() = default;
  Timer(Callback callback, void* owner) : callback_(callback), owner_(owner) {}
  ~Timer() { cancel(); }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  void bind(Callback callback, void* owner) { callback_ = callback, owner_ = owner; }
  bool is_set() const { return next != nullptr; }
  void cancel() {
    if (!is_set()) return;
    previous->next = next;
    next->previous = previous;
    next = previous = nullptr;
  }

 private:
  friend class TimerWheel;
  TimePoint deadline_{};
  Callback callback_ = nullptr;
  void* owner_ = nullptr;
};

class EventLoop {
 public:
  EventLoop();
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // Registers `fd` for both directions; what is ready already is told in the next turn. One watcher per descriptor,
  // which must outlive its registration.
  void watch(int fd, Watcher& watcher);
  // For input alone: each datagram that leaves makes its socket writable, and that is no reason to wake up.
  void watch_input(int fd, Watcher& watcher);
  // After watch_input(), for a stream that did not take what was written: tells from now on when it would, too, and at
  // once if it does again already. Streams mostly take everything, and one registered for both directions wakes us for
  // input that was read before it was told of.
  void watch_output(int fd);
  // Before closing `fd`. Also forgets its readiness of this turn that was not delivered yet and what it asked for by
  // again() or when_at_leisure(), so a watcher may be destroyed right after, even from within its own on_ready().
  void unwatch(int fd, Watcher& watcher);
  // Calls the watcher again after the others, with a Ready that says nothing new: for work beyond its budget. Once in
  // this turn, and when it asks again by then, in the next turn, which comes without waiting.
  void again(Watcher& watcher);
  // For long work, such as a handshake: calls the watcher when the others have had theirs. One piece of such work is
  // done in a turn, or a third of what the turn took so far, so that what arrives meanwhile does not wait for all of
  // it. In the order of asking. A watcher waits for one call at a time, this or that of again().
  void when_at_leisure(Watcher& watcher);
  // For the next piece of work that has begun: comes before what has not.
  void go_on_at_leisure(Watcher& watcher);

  // Sets or moves the timer.
  void set(Timer& timer, TimePoint deadline);
  void set_after(Timer& timer, Duration delay) { set(timer, now() + delay); }

  // Runs `work` once at the end of this turn: for flushing what several watchers gathered. What is added by such work
  // runs at the end of the next turn, which then comes without waiting.
  void at_end_of_turn(std::function<void()> work);

  // Any thread: runs `work` on the loop's thread, in order.
  void post(std::function<void()> work);

  void run();                       // until stop()
  void run_once(Duration longest);  // one turn; for tests and for the command line client
  void stop();                      // any thread

  TimePoint now() const;  // of this turn
  // Longest turn so far in microseconds since the last call; for the loop lag metric. Any thread.
  std::uint64_t take_longest_turn_us();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace dragoman::net
