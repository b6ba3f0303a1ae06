// What waits for a target, against a plain queue of strings.
#include "backlog.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace dragoman::gateway {
namespace {

Bytes bytes_of(const std::string& text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }
std::string text_of(Bytes octets) { return {octets.begin(), octets.end()}; }

TEST(Backlog, is_full_from_its_limit_on) {
  Backlog backlog(10);
  EXPECT_TRUE(backlog.is_empty());
  backlog.add(bytes_of("12345"), 1, 1);
  EXPECT_TRUE(backlog.is_half_empty());
  backlog.add(bytes_of("6789"), 1, 1);
  EXPECT_FALSE(backlog.is_full());
  EXPECT_FALSE(backlog.is_half_empty());
  backlog.add(bytes_of("0123"), 3, 4);
  EXPECT_TRUE(backlog.is_full());
  EXPECT_EQ(backlog.events(), 5u);
  EXPECT_EQ(backlog.units().back().records, 4u);
  backlog.pop();
  EXPECT_FALSE(backlog.is_full());
}

TEST(Backlog, is_a_queue) {
  std::mt19937 random(7);
  Backlog backlog(1000);
  std::deque<std::string> twin;
  for (int step = 0; step < 5000; ++step) {
    if (random() % 2 == 0 && twin.size() < 40) {
      twin.emplace_back(random() % 40, static_cast<char>('a' + step % 26));
      backlog.add(bytes_of(twin.back()), 1, 1);
    } else if (!twin.empty()) {
      backlog.pop();
      twin.pop_front();
    }
    std::string all;
    for (const std::string& unit : twin) all += unit;
    ASSERT_EQ(text_of(backlog.octets()), all);
    ASSERT_EQ(backlog.units().size(), twin.size());
    ASSERT_EQ(backlog.size(), all.size());
  }
}

}  // namespace
}  // namespace dragoman::gateway
