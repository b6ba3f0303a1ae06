// The event loop: epoll, edge-triggered, one registration for the life of a descriptor.
// What epoll hands back is a token of descriptor and generation, looked up in a table, so that readiness that was
// fetched but not delivered is void the moment its descriptor is unwatched, however the number is used again in the
// same turn.
#include "dragoman/net/event_loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/intrusive/list.hpp>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <system_error>
#include <vector>

#include "dragoman/base/guarded.h"
#include "dragoman/base/log.h"
#include "dragoman/net/socket.h"
#include "timer_wheel.h"

namespace dragoman::net {
namespace {

using Work = std::function<void()>;
using WaitingList =
    boost::intrusive::list<Watcher, boost::intrusive::member_hook<Watcher, WaitingHook, &Watcher::waiting>,
                           boost::intrusive::constant_time_size<false>>;

constexpr std::uint64_t mailbox_token = ~std::uint64_t{0};
constexpr std::size_t events_per_turn = 256;
constexpr Duration forever = Duration::max();
constexpr std::uint32_t input_alone = EPOLLIN | EPOLLRDHUP;
constexpr std::uint32_t both_directions = input_alone | EPOLLOUT;

struct Registration {
  Watcher* watcher = nullptr;
  std::uint32_t generation = 0;
};

std::uint64_t token_of(int fd, const Registration& registration) {
  return std::uint64_t{registration.generation} << 32 | static_cast<std::uint32_t>(fd);
}

Ready ready_of(std::uint32_t events) {
  return {.readable = (events & EPOLLIN) != 0,
          .writable = (events & EPOLLOUT) != 0,
          .hung_up = (events & (EPOLLHUP | EPOLLERR | EPOLLRDHUP)) != 0};
}

// What epoll_wait takes: milliseconds, rounded up so that a timer is due when it returns; -1 waits for ever.
int milliseconds_of(Duration wait) {
  if (wait == forever) return -1;
  if (wait <= Duration::zero()) return 0;
  constexpr milliseconds longest = std::chrono::minutes(1);
  return static_cast<int>(std::min(std::chrono::ceil<milliseconds>(wait), longest).count());
}

UniqueFd owned(int fd, const char* call) {
  if (fd < 0) throw std::system_error(errno, std::generic_category(), call);
  return UniqueFd(fd);
}

}  // namespace

struct EventLoop::State {
  // Fixed after construction.
  UniqueFd epoll = owned(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
  UniqueFd bell = owned(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), "eventfd");

  // The loop's own thread.
  std::array<epoll_event, events_per_turn> events;
  std::vector<Registration> registrations;  // by descriptor
  WaitingList again, again_now, at_leisure;
  std::vector<Work> end_of_turn;
  std::vector<Work> end_of_turn_now;
  std::vector<Work> mail;
  TimePoint now = Clock::now();
  TimerWheel wheel{now};

  // Other threads too.
  Guarded<std::vector<Work>> mailbox;
  std::atomic<bool> stopped{false};
  std::atomic<std::uint64_t> longest_turn_us{0};

  void add(int fd, Watcher& watcher, std::uint32_t events_wanted);
  void ask_kernel(int operation, int fd, std::uint32_t events_wanted);
  void turn(Duration longest);
  int wait(Duration longest);
  void deliver(const epoll_event& event);
  void go_on();
  void use_leisure();
  void open_mailbox();
  void finish_turn();
  void ring() const;
  void note_turn(Duration elapsed);
};

EventLoop::EventLoop() : state_(std::make_unique<State>()) {
  // OpenSSL writes to its descriptor with write(2): a client that went away must be an error, not the end of us.
  std::signal(SIGPIPE, SIG_IGN);
  epoll_event event{.events = EPOLLIN | EPOLLET, .data = {.u64 = mailbox_token}};
  if (epoll_ctl(state_->epoll.get(), EPOLL_CTL_ADD, state_->bell.get(), &event) != 0) {
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
  }
}

EventLoop::~EventLoop() = default;

void EventLoop::watch(int fd, Watcher& watcher) { state_->add(fd, watcher, both_directions); }

void EventLoop::watch_input(int fd, Watcher& watcher) { state_->add(fd, watcher, input_alone); }

void EventLoop::watch_output(int fd) { state_->ask_kernel(EPOLL_CTL_MOD, fd, both_directions); }

void EventLoop::State::add(int fd, Watcher& watcher, std::uint32_t events_wanted) {
  const auto index = static_cast<std::size_t>(fd);
  if (index >= registrations.size()) registrations.resize(std::max(index + 1, registrations.size() * 2));
  Registration& registration = registrations[index];
  registration.watcher = &watcher;
  ++registration.generation;
  ask_kernel(EPOLL_CTL_ADD, fd, events_wanted);
}

void EventLoop::State::ask_kernel(int operation, int fd, std::uint32_t events_wanted) {
  const std::uint64_t token = token_of(fd, registrations[static_cast<std::size_t>(fd)]);
  epoll_event event{.events = events_wanted | EPOLLET, .data = {.u64 = token}};
  if (epoll_ctl(epoll.get(), operation, fd, &event) != 0) {
    log::error("epoll_refused", "a descriptor cannot be watched", {{"reason", std::strerror(errno)}});
  }
}

void EventLoop::unwatch(int fd, Watcher& watcher) {
  epoll_ctl(state_->epoll.get(), EPOLL_CTL_DEL, fd, nullptr);
  Registration& registration = state_->registrations[static_cast<std::size_t>(fd)];
  registration.watcher = nullptr;
  ++registration.generation;
  watcher.waiting.unlink();
}

void EventLoop::again(Watcher& watcher) {
  if (!watcher.waiting.is_linked()) state_->again.push_back(watcher);
}

void EventLoop::when_at_leisure(Watcher& watcher) {
  if (!watcher.waiting.is_linked()) state_->at_leisure.push_back(watcher);
}

void EventLoop::go_on_at_leisure(Watcher& watcher) {
  if (!watcher.waiting.is_linked()) state_->at_leisure.push_front(watcher);
}

void EventLoop::set(Timer& timer, TimePoint deadline) { state_->wheel.set(timer, deadline); }

void EventLoop::at_end_of_turn(Work work) { state_->end_of_turn.push_back(std::move(work)); }

void EventLoop::post(Work work) {
  const bool was_empty = state_->mailbox.with([&](std::vector<Work>& mail) {
    mail.push_back(std::move(work));
    return mail.size() == 1;
  });
  if (was_empty) state_->ring();
}

void EventLoop::run() {
  state_->now = Clock::now();
  while (!state_->stopped.load(std::memory_order_acquire)) state_->turn(forever);
  state_->note_turn(Clock::now() - state_->now);
  state_->stopped.store(false, std::memory_order_relaxed);
}

void EventLoop::run_once(Duration longest) {
  state_->now = Clock::now();
  state_->turn(longest);
}

void EventLoop::stop() {
  state_->stopped.store(true, std::memory_order_release);
  state_->ring();
}

TimePoint EventLoop::now() const { return state_->now; }

std::uint64_t EventLoop::take_longest_turn_us() {
  return state_->longest_turn_us.exchange(0, std::memory_order_relaxed);
}

void EventLoop::State::turn(Duration longest) {
  const int count = wait(longest);
  for (int i = 0; i < count; ++i) deliver(events[static_cast<std::size_t>(i)]);
  go_on();
  use_leisure();
  wheel.advance(now);
  finish_turn();
}

// Waits for readiness, the next timer or the end of `longest`, whichever is first, and takes the time.
int EventLoop::State::wait(Duration longest) {
  const TimePoint waiting_since = Clock::now();
  note_turn(waiting_since - now);  // the turn before this wait
  Duration wait = longest;
  if (!again.empty() || !at_leisure.empty() || !end_of_turn.empty()) {
    wait = Duration::zero();
  } else if (auto wake_up = wheel.next_wake_up()) {
    wait = std::min(wait, *wake_up - waiting_since);
  }
  const int count = epoll_wait(epoll.get(), events.data(), events_per_turn, milliseconds_of(wait));
  now = Clock::now();
  return count;  // -1 when a signal came: an empty turn
}

void EventLoop::State::deliver(const epoll_event& event) {
  if (event.data.u64 == mailbox_token) return open_mailbox();
  const Registration& registration = registrations[event.data.u64 & 0xffffffff];
  if (registration.watcher == nullptr || registration.generation != event.data.u64 >> 32) return;
  registration.watcher->on_ready(ready_of(event.events));
}

void EventLoop::State::go_on() {
  again_now.swap(again);
  while (!again_now.empty()) {
    Watcher& watcher = again_now.front();
    again_now.pop_front();
    watcher.on_ready({});
  }
}

// A worker that never has leisure gives long work a quarter of its time, or nobody would get a connection any more.
void EventLoop::State::use_leisure() {
  if (at_leisure.empty()) return;
  const TimePoint began = Clock::now();
  const Duration most = (began - now) / 3;
  do {
    Watcher& watcher = at_leisure.front();
    at_leisure.pop_front();
    watcher.on_ready({.at_leisure = true});
  } while (!at_leisure.empty() && Clock::now() - began < most);
}

void EventLoop::State::open_mailbox() {
  std::uint64_t rings;
  [[maybe_unused]] auto ignored = ::read(bell.get(), &rings, sizeof rings);
  mailbox.with([this](std::vector<Work>& posted) { mail.swap(posted); });
  for (Work& work : mail) work();
  mail.clear();
}

void EventLoop::State::finish_turn() {
  end_of_turn_now.swap(end_of_turn);
  for (Work& work : end_of_turn_now) work();
  end_of_turn_now.clear();
}

void EventLoop::State::ring() const {
  const std::uint64_t one = 1;
  [[maybe_unused]] auto ignored = ::write(bell.get(), &one, sizeof one);
}

void EventLoop::State::note_turn(Duration elapsed) {
  const auto us = static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(elapsed).count());
  // The reader may reset between load and store: one long turn more or less is not worth a compare-and-swap.
  if (us > longest_turn_us.load(std::memory_order_relaxed)) longest_turn_us.store(us, std::memory_order_relaxed);
}

}  // namespace dragoman::net
