// Sleeping and waking of a NAT64 worker by epoll and an eventfd; see dragoman/net/wake.h.
// The fence in signal() and the store in about_to_sleep() see to it that one of both threads sees the other.
#include "dragoman/net/wake.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>

namespace dragoman::net {

namespace {

enum class What : std::uint32_t { descriptor, signal };

void watch(int epoll, int fd, What what) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u32 = static_cast<std::uint32_t>(what);
  epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

}  // namespace

Wake::Wake(int fd) : event_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)), both_(epoll_create1(EPOLL_CLOEXEC)) {
  watch(both_.get(), fd, What::descriptor);
  watch(both_.get(), event_.get(), What::signal);
}

void Wake::signal() {
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (!asleep_.load(std::memory_order_relaxed) || !asleep_.exchange(false)) return;
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = write(event_.get(), &one, sizeof one);  // fails only if it is signalled already
}

bool Wake::wait(milliseconds longest) {
  epoll_event ready[2];
  const int count = epoll_wait(both_.get(), ready, 2, static_cast<int>(longest.count()));
  stay_awake();
  bool is_readable = false;
  for (int i = 0; i < count; ++i) {
    if (ready[i].data.u32 == static_cast<std::uint32_t>(What::descriptor)) {
      is_readable = true;
    } else {
      std::uint64_t signals;
      [[maybe_unused]] const auto taken = read(event_.get(), &signals, sizeof signals);
    }
  }
  return is_readable;
}

}  // namespace dragoman::net
