// Slots of pages: apart from each other, clean when handed out, zeros when vacated.
#include "dragoman/net/page_pool.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace dragoman::net {
namespace {

bool is_zero(Bytes octets) {
  return std::all_of(octets.begin(), octets.end(), [](std::uint8_t octet) { return octet == 0; });
}

TEST(PagePool, gives_slots_of_whole_pages_that_do_not_overlap) {
  PagePool pool(5000, 4);
  const MutableBytes first = pool.acquire(), second = pool.acquire();
  EXPECT_GE(first.size(), 5000u);
  EXPECT_EQ(first.size() % 4096, 0u);
  EXPECT_TRUE(first.data() + first.size() <= second.data() || second.data() + second.size() <= first.data());
  EXPECT_TRUE(pool.holds(first.data()) && pool.holds(second.data() + second.size() - 1));
  EXPECT_EQ(pool.in_use(), 2u);
}

TEST(PagePool, says_when_it_has_no_slot_left) {
  PagePool pool(4096, 1);
  const MutableBytes only = pool.acquire();
  EXPECT_TRUE(pool.acquire().empty());
  pool.release(only);
  EXPECT_FALSE(pool.acquire().empty());
}

TEST(PagePool, makes_a_vacated_slot_read_as_zeros_and_writable) {
  PagePool pool(8192, 1);
  const MutableBytes slot = pool.acquire();
  std::fill(slot.begin(), slot.end(), std::uint8_t{7});
  pool.vacate(slot);
  EXPECT_TRUE(is_zero(slot));
  slot[0] = 1;
  EXPECT_EQ(slot[0], 1);
}

TEST(PagePool, hands_a_released_slot_out_clean) {
  PagePool pool(4096, 1);
  const MutableBytes slot = pool.acquire();
  slot[100] = 9;
  pool.release(slot);
  EXPECT_TRUE(is_zero(pool.acquire()));
}

TEST(PagePool, knows_what_is_not_its_own) {
  PagePool pool(4096, 1);
  int elsewhere = 0;
  EXPECT_FALSE(pool.holds(&elsewhere));
}

}  // namespace
}  // namespace dragoman::net
