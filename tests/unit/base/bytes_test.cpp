// Network byte order, at any alignment.
#include "dragoman/base/bytes.h"

#include <gtest/gtest.h>

#include <array>

namespace dragoman {
namespace {

TEST(Bytes, are_stored_most_significant_first) {
  std::array<std::uint8_t, 8> octets{};
  store_u16(&octets[1], 0x0102);
  store_u32(&octets[3], 0xa1b2c3d4);
  EXPECT_EQ(octets, (std::array<std::uint8_t, 8>{0, 1, 2, 0xa1, 0xb2, 0xc3, 0xd4, 0}));
}

TEST(Bytes, are_loaded_as_they_were_stored) {
  std::array<std::uint8_t, 8> octets{};
  for (std::size_t at = 0; at < 4; ++at) {
    store_u32(&octets[at], 0xfedcba98);
    EXPECT_EQ(load_u32(&octets[at]), 0xfedcba98u);
    store_u16(&octets[at], 0xfedc);
    EXPECT_EQ(load_u16(&octets[at]), 0xfedc);
  }
}

}  // namespace
}  // namespace dragoman
