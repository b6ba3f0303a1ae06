// A clock that the replay runner sets: preloaded, it adds an offset to what clocks tell, which the runner changes in a
// shared file while the program runs. An hour passes at once; so that this is noticed, nobody waits for long.
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>

namespace {

// Seconds that are added.
struct Offsets {
  std::atomic<std::int64_t> of_day{0};   // to the time of day
  std::atomic<std::int64_t> elapsed{0};  // to the time since some point in the past
};

Offsets none;

constexpr int longest_wait_ms = 20;

const Offsets& shared_offsets() {
  const char* path = std::getenv("REPLAY_CLOCK_OFFSETS");
  const int fd = path == nullptr ? -1 : open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return none;
  void* shared = mmap(nullptr, sizeof(Offsets), PROT_READ, MAP_SHARED, fd, 0);
  close(fd);
  return shared == MAP_FAILED ? none : *static_cast<const Offsets*>(shared);
}

const Offsets& offsets() {
  static const Offsets& found = shared_offsets();
  return found;
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t id, timespec* now) noexcept {
  const long result = syscall(SYS_clock_gettime, id, now);
  if (result != 0) return static_cast<int>(result);
  if (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE) now->tv_sec += offsets().of_day;
  if (id == CLOCK_MONOTONIC || id == CLOCK_MONOTONIC_COARSE || id == CLOCK_BOOTTIME) now->tv_sec += offsets().elapsed;
  return 0;
}

int gettimeofday(timeval* now, void*) noexcept {
  timespec precise{};
  if (clock_gettime(CLOCK_REALTIME, &precise) != 0) return -1;
  now->tv_sec = precise.tv_sec;
  now->tv_usec = precise.tv_nsec / 1000;
  return 0;
}

time_t time(time_t* result) noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  if (result != nullptr) *result = now.tv_sec;
  return now.tv_sec;
}

int epoll_wait(int epoll, epoll_event* events, int most, int timeout_ms) {
  const int wait_ms = timeout_ms < 0 || timeout_ms > longest_wait_ms ? longest_wait_ms : timeout_ms;
  return static_cast<int>(syscall(SYS_epoll_pwait, epoll, events, most, wait_ms, nullptr, 0));
}

}  // extern "C"
