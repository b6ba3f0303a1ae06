// SipHash against the values of its authors (appendix A of the paper, and vectors.h of the reference implementation).
#include "siphash.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace dragoman::resolve {
namespace {

class SipHash : public testing::Test {
 protected:
  SipHash() {
    for (std::size_t i = 0; i < key_octets.size(); ++i) key_octets[i] = static_cast<std::uint8_t>(i);
    for (std::uint8_t i = 0; i < 64; ++i) input.push_back(i);
  }
  std::uint64_t of(std::size_t length) { return siphash(SipKey::from(key_octets.data()), Bytes(input).first(length)); }

  std::array<std::uint8_t, 16> key_octets{};
  std::vector<std::uint8_t> input;
};

TEST_F(SipHash, gives_the_published_values) {
  EXPECT_EQ(of(15), 0xa129ca6149be45e5u);
  EXPECT_EQ(of(0), 0x726fdb47dd0e0e31u);
  EXPECT_EQ(of(1), 0x74f839c593dc67fdu);
  EXPECT_EQ(of(8), 0x93f5f5799a932462u);
}

TEST_F(SipHash, depends_on_every_octet_of_key_and_input) {
  for (std::size_t length : {1u, 7u, 8u, 9u, 20u, 32u}) {
    const std::uint64_t before = of(length);
    for (std::size_t i = 0; i < length; ++i) {
      input[i] ^= 1;
      EXPECT_NE(of(length), before) << length << ", " << i;
      input[i] ^= 1;
    }
    for (std::uint8_t& octet : key_octets) {
      octet ^= 0x80;
      EXPECT_NE(of(length), before);
      octet ^= 0x80;
    }
    EXPECT_EQ(of(length), before);
  }
}

TEST_F(SipHash, stores_as_it_loads) {
  std::array<std::uint8_t, 8> octets;
  store_little_u64(octets.data(), 0x0102030405060708);
  EXPECT_EQ(octets[0], 8);
  EXPECT_EQ(load_little_u64(octets.data()), 0x0102030405060708u);
}

}  // namespace
}  // namespace dragoman::resolve
