// max_sessions of all workers together (R13: RFC 6146 5.3).
#include "dragoman/nat64/session_budget.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>
#include <vector>

namespace dragoman::nat64 {
namespace {

std::int64_t take_all(SessionBudget& budget) {
  std::int64_t sum = 0;
  while (const std::int64_t taken = budget.take()) sum += taken;
  return sum;
}

TEST(SessionBudget, gives_leave_for_as_many_as_there_may_be) {
  for (const std::uint32_t limit : {0U, 1U, 7U, 1000U, 2000000U}) {
    SessionBudget budget(limit);
    EXPECT_EQ(take_all(budget), limit);
  }
  SessionBudget large(4294967295U);
  EXPECT_EQ(large.take(), 256);
}

// No worker may take what the others need.
TEST(SessionBudget, gives_a_small_part_at_a_time) {
  for (const std::uint32_t limit : {1U, 10U, 1000U, 100000U, 10000000U}) {
    SessionBudget budget(limit);
    EXPECT_GE(budget.take(), 1);
    EXPECT_LE(budget.portion(), std::max(1U, limit / 1024));
  }
}

TEST(SessionBudget, gives_again_what_came_back) {
  SessionBudget budget(10);
  take_all(budget);
  budget.give_back(4);
  EXPECT_EQ(take_all(budget), 4);
}

TEST(SessionBudget, follows_a_reload) {
  SessionBudget budget(10);
  ASSERT_EQ(take_all(budget), 10);
  budget.set_limit(15);
  EXPECT_EQ(take_all(budget), 5);
  budget.set_limit(5);
  EXPECT_EQ(budget.take(), 0) << "ten more than there may be";
  budget.give_back(10);
  EXPECT_EQ(budget.take(), 0);
  budget.give_back(3);
  EXPECT_EQ(take_all(budget), 3);
}

TEST(SessionBudget, is_scarce_when_seven_eighths_are_gone) {
  SessionBudget budget(800);
  while (!budget.is_scarce()) ASSERT_NE(budget.take(), 0);
  EXPECT_EQ(take_all(budget), 99);
}

TEST(SessionBudget, is_never_overdrawn_by_several_workers) {
  SessionBudget budget(20000);
  std::atomic<std::int64_t> out{0};
  std::vector<std::thread> workers;
  for (int i = 0; i < 3; ++i) {
    workers.emplace_back([&] {
      std::int64_t mine = 0;
      for (int turn = 0; turn < 20000; ++turn) {
        const std::int64_t taken = budget.take();
        mine += taken;
        EXPECT_LE(out.fetch_add(taken) + taken, 20000);
        if (turn % 3 != 0) continue;
        out.fetch_sub(mine);
        budget.give_back(std::exchange(mine, 0));
      }
      out.fetch_sub(mine);
      budget.give_back(mine);
    });
  }
  for (std::thread& worker : workers) worker.join();
  EXPECT_EQ(take_all(budget), 20000);
}

}  // namespace
}  // namespace dragoman::nat64
