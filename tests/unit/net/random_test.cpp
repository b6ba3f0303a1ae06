// Octets that nobody can guess.
#include "dragoman/net/random.h"

#include <gtest/gtest.h>

#include <array>

namespace dragoman::net {
namespace {

using Octets = std::array<std::uint8_t, 32>;

TEST(FillRandom, fills_what_it_is_given_and_nothing_beside) {
  Octets octets{};
  fill_random(MutableBytes(octets).subspan(8, 16));
  EXPECT_NE(octets, Octets{});
  for (const std::size_t beside : {0, 7, 24, 31}) EXPECT_EQ(octets[beside], 0);
}

TEST(FillRandom, never_says_the_same_twice) {
  Octets first{}, second{};
  fill_random(first);
  fill_random(second);
  EXPECT_NE(first, second);
}

}  // namespace
}  // namespace dragoman::net
