// The ring between two threads. Run under the thread sanitizer, too: the last test is for it.
#include "dragoman/base/spsc_ring.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <deque>
#include <random>
#include <thread>

namespace dragoman {
namespace {

TEST(SpscRing, gives_values_in_the_order_in_which_they_came) {
  SpscRing<int> ring(4);
  EXPECT_EQ(ring.readable(), 0u);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(ring.push(i));
  ASSERT_EQ(ring.readable(), 3u);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ring.peek(static_cast<std::size_t>(i)), i);
  ring.pop(2);
  ASSERT_EQ(ring.readable(), 1u);
  EXPECT_EQ(ring.peek(0), 2);
}

TEST(SpscRing, has_room_for_a_power_of_two) {
  EXPECT_EQ(SpscRing<int>(0).capacity(), 1u);
  EXPECT_EQ(SpscRing<int>(4).capacity(), 4u);
  EXPECT_EQ(SpscRing<int>(5).capacity(), 8u);
}

TEST(SpscRing, refuses_when_it_is_full_and_keeps_what_it_has) {
  SpscRing<int> ring(2);
  EXPECT_TRUE(ring.push(1));
  EXPECT_TRUE(ring.push(2));
  EXPECT_FALSE(ring.push(3));
  EXPECT_EQ(ring.peek(0), 1);
  EXPECT_EQ(ring.peek(1), 2);
  ring.pop(1);
  EXPECT_TRUE(ring.push(4));
  EXPECT_FALSE(ring.push(5));
  EXPECT_EQ(ring.peek(0), 2);
  EXPECT_EQ(ring.peek(1), 4);
}

TEST(SpscRing, does_what_a_bounded_deque_does) {
  std::mt19937 random(64);
  SpscRing<std::uint32_t> ring(8);
  std::deque<std::uint32_t> twin;
  for (std::uint32_t step = 0; step < 100000; ++step) {
    if (random() % 2 == 0) {
      const bool fits = twin.size() < ring.capacity();
      ASSERT_EQ(ring.push(step), fits);
      if (fits) twin.push_back(step);
      continue;
    }
    ASSERT_EQ(ring.readable(), twin.size());
    const std::size_t taken = twin.empty() ? 0 : random() % (twin.size() + 1);
    for (std::size_t i = 0; i < taken; ++i) ASSERT_EQ(ring.peek(i), twin[i]);
    ring.pop(taken);
    twin.erase(twin.begin(), twin.begin() + static_cast<std::ptrdiff_t>(taken));
  }
}

// Several words, so that a value that is read before it is whole shows.
struct Wide {
  std::array<std::uint64_t, 6> words{};
};

TEST(SpscRing, hands_whole_values_from_thread_to_thread) {
  constexpr std::uint64_t count = 200000;
  SpscRing<Wide> ring(64);
  std::thread producer([&] {
    for (std::uint64_t i = 0; i < count; ++i) {
      Wide value;
      value.words.fill(i);
      while (!ring.push(value)) std::this_thread::yield();
    }
  });
  std::uint64_t expected = 0;
  bool is_whole = true;
  while (expected < count) {
    const std::size_t readable = ring.readable();
    for (std::size_t i = 0; i < readable; ++i, ++expected) {
      for (const std::uint64_t word : ring.peek(i).words) is_whole = is_whole && word == expected;
    }
    ring.pop(readable);
    if (readable == 0) std::this_thread::yield();
  }
  producer.join();
  EXPECT_TRUE(is_whole);
  EXPECT_EQ(ring.readable(), 0u);
}

}  // namespace
}  // namespace dragoman
