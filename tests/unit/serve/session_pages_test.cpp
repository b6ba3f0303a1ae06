// Memory that sleeps: what a session keeps is the same octet for octet after it.
#include "session_pages.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <vector>

namespace dragoman::serve {
namespace {

TEST(SessionPages, places_zeroed_blocks_side_by_side_and_knows_their_sizes) {
  net::PagePool pool(SessionPages::slot_size, 1);
  SessionPages pages(pool);
  auto* first = static_cast<std::uint8_t*>(pages.place(100));
  auto* second = static_cast<std::uint8_t*>(pages.place(4096));
  ASSERT_TRUE(first != nullptr && second != nullptr);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(second) % 16, 0u);
  EXPECT_TRUE(std::all_of(second, second + 4096, [](std::uint8_t octet) { return octet == 0; }));
  EXPECT_EQ(SessionPages::size_of(first), 100u);
  EXPECT_EQ(SessionPages::size_of(second), 4096u);
}

TEST(SessionPages, says_when_a_block_does_not_fit) {
  net::PagePool pool(SessionPages::slot_size, 1);
  SessionPages pages(pool), none(pool);
  EXPECT_EQ(pages.place(SessionPages::slot_size), nullptr);
  EXPECT_NE(pages.place(8000), nullptr);
  EXPECT_EQ(pages.place(8000), nullptr);
  EXPECT_EQ(none.place(8), nullptr) << "the pool had no slot for it";
}

TEST(SessionPages, wakes_with_every_octet_where_it_was) {
  net::PagePool pool(SessionPages::slot_size, 1);
  std::mt19937 random(1);
  for (int percent : {0, 1, 10, 50, 100}) {
    SessionPages pages(pool);
    const std::size_t size = 9000;
    auto* block = static_cast<std::uint8_t*>(pages.place(size));
    for (std::size_t i = 0; i < size; ++i)
      block[i] = static_cast<int>(random() % 100) < percent ? std::uint8_t(random()) : 0;
    const std::vector<std::uint8_t> before(block, block + size);
    pages.sleep();
    EXPECT_TRUE(pages.is_asleep());
    pages.wake();
    EXPECT_FALSE(pages.is_asleep());
    EXPECT_TRUE(std::equal(before.begin(), before.end(), block)) << percent;
  }
}

TEST(SessionPages, gives_its_pages_back_while_it_sleeps) {
  net::PagePool pool(SessionPages::slot_size, 1);
  SessionPages pages(pool);
  auto* block = static_cast<std::uint8_t*>(pages.place(9000));
  std::fill(block, block + 9000, std::uint8_t{1});
  pages.sleep();
  // Reading a page that was given back shows zeros; what was there is in the packed copy only.
  EXPECT_EQ(block[100], 0);
  pages.wake();
  EXPECT_EQ(block[100], 1);
}

TEST(SessionPages, may_go_while_it_sleeps) {
  net::PagePool pool(SessionPages::slot_size, 1);
  {
    SessionPages pages(pool);
    std::memset(pages.place(5000), 7, 5000);
    pages.sleep();
  }
  SessionPages next(pool);
  EXPECT_EQ(*static_cast<std::uint8_t*>(next.place(5000)), 0);
}

}  // namespace
}  // namespace dragoman::serve
