// Who makes way for whom, as far as the kernel tells: niceness and policy of threads.
#include "dragoman/net/thread_priority.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/resource.h>

#include <thread>

namespace dragoman::net {
namespace {

int niceness() { return ::getpriority(PRIO_PROCESS, 0); }

TEST(ThreadPriority, is_lower_for_the_thread_and_those_it_starts_and_for_nobody_else) {
  const int before = niceness();
  int own = before, started = before;
  std::thread([&] {
    lower_thread_priority();
    own = niceness();
    std::thread([&] { started = niceness(); }).join();
  }).join();
  EXPECT_EQ(own, 19);
  EXPECT_EQ(started, own);
  EXPECT_EQ(niceness(), before);
}

// The slice itself is the kernel's business, and older ones have none.
TEST(ThreadPriority, short_slices_leave_the_policy_and_the_share_as_they_are) {
  int policy = -1, before = 0, after = 1;
  std::thread([&] {
    lower_thread_priority();
    before = niceness();
    ask_for_short_slices();
    after = niceness();
    policy = ::sched_getscheduler(0);
  }).join();
  EXPECT_EQ(after, before);
  EXPECT_EQ(policy, SCHED_OTHER);
}

}  // namespace
}  // namespace dragoman::net
