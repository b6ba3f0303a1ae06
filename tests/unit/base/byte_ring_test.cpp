// The ring against a plain queue: blocks come out in order, never overlap, never cross the end.
#include "dragoman/base/byte_ring.h"

#include <gtest/gtest.h>

#include <deque>
#include <random>
#include <utility>

namespace dragoman {
namespace {

TEST(ByteRing, gives_places_from_its_base_on) {
  ByteRing ring(1000, 64);
  EXPECT_TRUE(ring.is_empty());
  EXPECT_EQ(ring.push(16), 1000u);
  EXPECT_EQ(ring.push(24), 1016u);
  EXPECT_EQ(ring.front(), 1000u);
  EXPECT_EQ(ring.used(), 40u);
  EXPECT_TRUE(ring.holds(1000));
  EXPECT_TRUE(ring.holds(1063));
  EXPECT_FALSE(ring.holds(999));
  EXPECT_FALSE(ring.holds(1064));
}

TEST(ByteRing, leaves_a_gap_rather_than_split_a_block) {
  ByteRing ring(0, 64);
  ring.push(40);
  ring.push(16);
  EXPECT_FALSE(ring.fits(16));
  ring.pop(40);
  ASSERT_TRUE(ring.fits(16));
  EXPECT_EQ(ring.push(16), 0u);
  EXPECT_EQ(ring.front(), 40u);
  ring.pop(16);
  EXPECT_EQ(ring.front(), 0u);
}

TEST(ByteRing, can_be_full_to_the_last_octet) {
  ByteRing ring(0, 64);
  ring.push(32);
  ring.push(32);
  EXPECT_FALSE(ring.fits(8));
  ring.pop(32);
  EXPECT_EQ(ring.push(32), 0u);
  EXPECT_FALSE(ring.is_empty());
  EXPECT_FALSE(ring.fits(8));
  EXPECT_EQ(ring.used(), 64u);
}

TEST(ByteRing, starts_anew_when_it_is_empty) {
  ByteRing ring(0, 64);
  ring.push(40);
  ring.pop(40);
  EXPECT_TRUE(ring.is_empty());
  EXPECT_TRUE(ring.fits(64));
}

TEST(ByteRing, without_room_fits_nothing) { EXPECT_FALSE(ByteRing().fits(8)); }

// What a block would overwrite, if anything.
bool overlaps(const std::deque<std::pair<std::size_t, std::size_t>>& blocks, std::size_t offset, std::size_t size) {
  for (auto [at, length] : blocks) {
    if (offset < at + length && at < offset + size) return true;
  }
  return false;
}

TEST(ByteRing, behaves_as_a_queue_of_blocks_that_do_not_overlap) {
  std::mt19937 random(1);
  ByteRing ring(80, 400);
  std::deque<std::pair<std::size_t, std::size_t>> blocks;
  std::size_t pushed = 0;
  for (int step = 0; step < 20000; ++step) {
    std::size_t size = 8 * (1 + random() % 12);
    if (ring.fits(size) && random() % 4 != 0) {
      std::size_t offset = ring.push(size);
      ASSERT_GE(offset, 80u);
      ASSERT_LE(offset + size, 480u);
      ASSERT_FALSE(overlaps(blocks, offset, size));
      blocks.emplace_back(offset, size);
      ++pushed;
    } else if (!blocks.empty()) {
      ASSERT_EQ(ring.front(), blocks.front().first);
      ring.pop(blocks.front().second);
      blocks.pop_front();
    }
    std::size_t used = 0;
    for (auto [at, length] : blocks) used += length;
    ASSERT_EQ(ring.used(), used);
    ASSERT_EQ(ring.is_empty(), blocks.empty());
  }
  EXPECT_GT(pushed, 5000u);
}

}  // namespace
}  // namespace dragoman
