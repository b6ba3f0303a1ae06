// Coroutines: when they run, what they return, and that destroying one destroys what it waits in.
#include "dragoman/base/task.h"

#include <gtest/gtest.h>

#include <memory>
#include <utility>

namespace dragoman {
namespace {

// Something to wait for: whoever waits is resumed by ring().
class Bell {
 public:
  auto wait() {
    struct Awaiter {
      Bell& bell;
      bool await_ready() const { return false; }
      void await_suspend(std::coroutine_handle<> handle) { bell.waiting_ = handle; }
      void await_resume() const {}
      ~Awaiter() { bell.waiting_ = nullptr; }
    };
    return Awaiter{*this};
  }
  bool has_waiter() const { return waiting_ != nullptr; }
  void ring() { std::exchange(waiting_, nullptr).resume(); }

 private:
  std::coroutine_handle<> waiting_;
};

Task<int> seven_after(Bell& bell) {
  co_await bell.wait();
  co_return 7;
}

Task<int> twice_seven(Bell& bell) { co_return 2 * co_await seven_after(bell); }

Task<> store(Bell& bell, int& into) { into = co_await twice_seven(bell); }

Task<> set(bool& flag) {
  flag = true;
  co_return;
}

TEST(Task, does_nothing_before_it_is_started) {
  bool ran = false;
  Task<> task = set(ran);
  EXPECT_FALSE(ran);
  task.start();
  EXPECT_TRUE(ran);
  EXPECT_TRUE(task.done());
}

TEST(Task, resumes_along_the_chain_of_those_who_await_it) {
  Bell bell;
  int result = 0;
  Task<> task = store(bell, result);
  task.start();
  EXPECT_FALSE(task.done());
  bell.ring();
  EXPECT_TRUE(task.done());
  EXPECT_EQ(result, 14);
}

TEST(Task, destroying_it_destroys_the_chain_that_waits) {
  Bell bell;
  int result = 0;
  {
    Task<> task = store(bell, result);
    task.start();
    EXPECT_TRUE(bell.has_waiter());
  }
  EXPECT_FALSE(bell.has_waiter());
  EXPECT_EQ(result, 0);
}

TEST(Task, moves_while_it_waits) {
  Bell bell;
  int result = 0;
  Task<> task = store(bell, result);
  task.start();
  Task<> moved = std::move(task);
  EXPECT_TRUE(task.done()) << "an empty task has nothing to do";
  bell.ring();
  EXPECT_TRUE(moved.done());
}

TEST(Task, carries_values_that_only_move) {
  const auto make = []() -> Task<std::unique_ptr<int>> { co_return std::make_unique<int>(7); };
  int seen = 0;
  const auto use = [&]() -> Task<> { seen = *co_await make(); };
  Task<> task = use();
  task.start();
  EXPECT_EQ(seen, 7);
}

Task<int> count_down(int from) {
  int sum = 0;
  for (int i = 0; i < from; ++i) sum += co_await [](int value) -> Task<int> { co_return value; }(1);
  co_return sum;
}

TEST(Task, many_awaits_in_a_row_do_not_grow_the_stack) {
  int sum = 0;
  const auto use = [&]() -> Task<> { sum = co_await count_down(1000); };
  Task<> task = use();
  task.start();
  EXPECT_EQ(sum, 1000);
}

}  // namespace
}  // namespace dragoman
