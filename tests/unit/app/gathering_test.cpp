// Parts of several threads that come together.
#include "gathering.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace dragoman::app {
namespace {

TEST(Gathering, is_done_with_the_last_part_and_only_then) {
  std::vector<std::vector<int>> done;
  Gathering<int> parts(3, [&](std::vector<int> all) { done.push_back(std::move(all)); });
  parts.add(1);
  parts.add(2);
  EXPECT_TRUE(done.empty());
  parts.add(3);
  EXPECT_THAT(done, testing::ElementsAre(testing::ElementsAre(1, 2, 3)));
}

TEST(Gathering, takes_parts_from_many_threads) {
  constexpr std::size_t count = 16;
  std::atomic<std::size_t> gathered{0};
  Gathering<std::size_t> parts(count, [&](const std::vector<std::size_t>& all) { gathered += all.size(); });
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < count; ++i) threads.emplace_back([&parts, i] { parts.add(i); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(gathered, count);
}

}  // namespace
}  // namespace dragoman::app
