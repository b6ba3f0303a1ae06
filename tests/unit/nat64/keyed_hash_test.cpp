// The hash of the tables and the chance of ports (keyed_hash.h).
#include "keyed_hash.h"

#include <gtest/gtest.h>

#include <array>
#include <set>

namespace dragoman::nat64 {
namespace {

TEST(KeyedHash, depends_on_the_secret) {
  const std::uint64_t key = 42;
  EXPECT_EQ(keyed_hash(&key, sizeof key, 1), keyed_hash(&key, sizeof key, 1));
  EXPECT_NE(keyed_hash(&key, sizeof key, 1), keyed_hash(&key, sizeof key, 2));
}

// Linear hashing looks at the low bits.
TEST(KeyedHash, mixes_all_of_a_key_into_its_low_bits) {
  std::array<int, 64> of_low_bits{};
  for (std::uint64_t i = 0; i < 6400; ++i) {
    const std::uint64_t key = i << 40;
    ++of_low_bits[keyed_hash(&key, sizeof key, 1) % 64];
  }
  for (const int count : of_low_bits) EXPECT_NEAR(count, 100, 60);
}

TEST(Chance, gives_other_numbers_for_another_secret) {
  Chance first(1), second(2);
  std::set<std::uint32_t> numbers;
  for (int i = 0; i < 1000; ++i) {
    numbers.insert(first.next());
    numbers.insert(second.next());
  }
  EXPECT_GT(numbers.size(), 1990u);
}

TEST(Chance, works_with_every_secret) {
  for (const std::uint64_t secret : {std::uint64_t{0}, std::uint64_t{1}, ~std::uint64_t{0}}) {
    Chance chance(secret);
    std::set<std::uint32_t> numbers;
    for (int i = 0; i < 100; ++i) numbers.insert(chance.next());
    EXPECT_GT(numbers.size(), 95u);
  }
}

}  // namespace
}  // namespace dragoman::nat64
