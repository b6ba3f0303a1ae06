// setpriority(2) and sched_setattr(2), which on Linux are about threads.
#include "dragoman/net/thread_priority.h"

#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

namespace dragoman::net {

namespace {
constexpr int this_thread = 0;
constexpr std::uint64_t slice_ns = 500'000;
// sched_attr of sched_setattr(2). The C library has it from version 2.41 on, and the kernel's header does not bear the
// company of the C library's.
struct Attributes {
  std::uint32_t size, policy;
  std::uint64_t flags;
  std::int32_t nice;
  std::uint32_t priority;
  std::uint64_t runtime, deadline, period;  // of SCHED_OTHER: the slice, and nothing
};

constexpr int nicest = 19;  // 15 parts of the CPU where others have 1024
}  // namespace

void ask_for_short_slices() {
  Attributes attributes{};
  if (::syscall(SYS_sched_getattr, this_thread, &attributes, sizeof attributes, 0) != 0) return;
  if (attributes.policy != SCHED_OTHER) return;
  attributes.runtime = slice_ns;
  ::syscall(SYS_sched_setattr, this_thread, &attributes, 0);
}

void lower_thread_priority() { ::setpriority(PRIO_PROCESS, this_thread, nicest); }

}  // namespace dragoman::net
