// Random numbers for ids, sockets and letter case.
#include "random.h"

#include <gtest/gtest.h>

#include <set>

namespace dragoman::upstream {
namespace {

TEST(Random, gives_numbers_below_a_bound_and_all_of_them) {
  Random random;
  std::set<std::uint32_t> seen;
  for (int i = 0; i < 2000; ++i) seen.insert(random.below(32));
  EXPECT_EQ(seen.size(), 32u);  // by chance one is missing in 10^26 runs
  EXPECT_EQ(*seen.rbegin(), 31u);
}

TEST(Random, does_not_repeat_itself_when_its_block_is_used_up) {
  Random random;
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 1000; ++i) {
    std::uint64_t number = 0;
    for (int octet = 0; octet < 8; ++octet) number = number << 8 | random.octet();
    seen.insert(number);
  }
  EXPECT_EQ(seen.size(), 1000u);
}

TEST(Random, differs_between_two) {
  Random a, b;
  std::uint64_t from_a = 0, from_b = 0;
  for (int i = 0; i < 4; ++i) from_a = from_a << 16 | a.u16(), from_b = from_b << 16 | b.u16();
  EXPECT_NE(from_a, from_b);
}

}  // namespace
}  // namespace dragoman::upstream
