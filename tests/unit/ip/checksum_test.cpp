// The fast checksum against the slow twin.
#include "dragoman/ip/checksum.h"

#include <gtest/gtest.h>

#include <random>

#include "fakes/packets.h"

namespace dragoman::ip {
namespace {

using fakes::Octets;
using fakes::detail::sum;

Octets random_octets(std::mt19937& random, std::size_t size) {
  Octets result(size);
  for (std::uint8_t& octet : result) octet = static_cast<std::uint8_t>(random());
  return result;
}

// RFC 1071 2 and 4.1: odd sizes, any alignment.
TEST(Checksum, is_that_of_the_slow_twin) {
  std::mt19937 random(1);
  for (std::size_t size = 0; size < 200; ++size) {
    for (std::size_t start = 0; start < 4; ++start) {
      Octets bytes = random_octets(random, size + start);
      const std::uint16_t folded = fold(sum_words(bytes.data() + start, size));
      std::uint8_t stored[2];
      store_word(stored, folded);
      EXPECT_EQ(load_u16(stored) % 0xffff, sum(Bytes(bytes).subspan(start)) % 0xffff) << size;
    }
  }
}

TEST(Checksum, folds_the_largest_sums) {
  const Octets ones(65535 + 40, 0xff);
  EXPECT_EQ(fold(sum_words(ones.data(), 65534)), 0xffff);
  EXPECT_EQ(fold(~WordSum{0}), 0xffff);
  EXPECT_EQ(fold(0), 0);
  EXPECT_EQ(fold(0x1ffff), 1);
}

TEST(Checksum, of_a_size_that_is_known_is_the_same) {
  std::mt19937 random(3);
  const Octets bytes = random_octets(random, 40);
  EXPECT_EQ(fold(sum_of<40>(bytes.data())), fold(sum_words(bytes.data(), 40)));
  EXPECT_EQ(fold(sum_of<4>(bytes.data())), fold(sum_words(bytes.data(), 4)));
  EXPECT_EQ(sum_of<0>(bytes.data()), 0U);
}

TEST(Checksum, counts_a_number_as_it_lies_in_memory) {
  std::uint8_t stored[2];
  store_u16(stored, 0x1234);
  EXPECT_EQ(word(0x1234), sum_words(stored, 2));
  EXPECT_EQ(word(0x1234), load_word(stored));
}

// RFC 1624 3: eqn. 3 gives the checksum that computing it anew gives.
TEST(Checksum, is_updated_as_if_computed_anew) {
  std::mt19937 random(2);
  for (int i = 0; i < 20000; ++i) {
    Octets message = random_octets(random, 24);
    if (i % 3 == 0) std::fill(message.begin(), message.begin() + 8, std::uint8_t(i % 2 ? 0xff : 0));
    store_u16(&message[16], 0);
    store_u16(&message[16], static_cast<std::uint16_t>(~sum(message)));
    const WordSum removed = sum_words(message.data(), 8);
    const Octets fresh = i % 5 == 0 ? Octets(8) : random_octets(random, 8);
    std::copy(fresh.begin(), fresh.end(), message.begin());
    update_checksum(&message[16], removed, sum_words(message.data(), 8));
    EXPECT_EQ(sum(message), 0xffffU);
  }
}

// What the field of a partial checksum holds is the sum itself.
TEST(Checksum, that_is_partial_is_updated_as_if_computed_anew) {
  std::mt19937 random(4);
  for (int i = 0; i < 20000; ++i) {
    Octets pseudo_header = i % 7 == 0 ? Octets(12, i % 2 ? 0xff : 0) : random_octets(random, 12);
    std::uint8_t field[2];
    store_u16(field, static_cast<std::uint16_t>(sum(pseudo_header)));
    const WordSum removed = sum_words(pseudo_header.data(), 8);
    const Octets fresh = i % 5 == 0 ? Octets(8) : random_octets(random, 8);
    std::copy(fresh.begin(), fresh.end(), pseudo_header.begin());
    update_partial_checksum(field, removed, sum_words(pseudo_header.data(), 8));
    EXPECT_EQ(load_u16(field) % 0xffff, sum(pseudo_header) % 0xffff);
  }
}

}  // namespace
}  // namespace dragoman::ip
