#include "dragoman/net/wake.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>

namespace dragoman::net {

Wake::Wake() : event_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

void Wake::signal() {
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (!asleep_.load(std::memory_order_relaxed) || !asleep_.exchange(false)) return;
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = write(event_.get(), &one, sizeof one);  // fails only if it is signalled already
}

bool Wake::wait(int fd, milliseconds longest) {
  pollfd both[2] = {{fd, POLLIN, 0}, {event_.get(), POLLIN, 0}};
  const int ready = poll(both, 2, static_cast<int>(longest.count()));
  stay_awake();
  if (ready > 0 && both[1].revents != 0) {
    std::uint64_t count;
    [[maybe_unused]] const auto taken = read(event_.get(), &count, sizeof count);
  }
  return ready > 0 && both[0].revents != 0;
}

}  // namespace dragoman::net
