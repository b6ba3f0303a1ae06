// Messages and sets, octet by octet (RFC 7011 3.1, 3.3).
#include "ipfix_message.h"

#include <gtest/gtest.h>

namespace dragoman::gateway {
namespace {

std::vector<std::uint8_t> octets(IpfixMessage& message) {
  const MutableBytes whole = message.finish();
  return {whole.begin(), whole.end()};
}

TEST(IpfixMessage, has_a_header_and_sets_with_their_lengths) {
  IpfixMessage message(0x01020304);
  message.open_set(256);
  message.put(0xabcd, 2);
  message.open_set(256);
  message.put(1, 1);
  message.open_set(257);
  const std::uint8_t address[] = {198, 51, 100, 1};
  message.put(Bytes(address));
  IpfixMessage::set_time_and_sequence(message.finish(), 0x6a0a0b0c, 0xfffffffe);
  EXPECT_EQ(octets(message),
            (std::vector<std::uint8_t>{0,    10, 0, 31, 0x6a, 0x0a, 0x0b, 0x0c, 0xff, 0xff, 0xff, 0xfe, 1, 2, 3, 4,  //
                                       0x01, 0,  0, 7,  0xab, 0xcd, 1,                                               //
                                       0x01, 1,  0, 8,  198,  51,   100,  1}));
}

TEST(IpfixMessage, knows_how_long_it_would_be) {
  IpfixMessage message(0);
  EXPECT_TRUE(message.is_empty());
  EXPECT_EQ(message.size_with(256, 10), 16u + 4 + 10);
  message.open_set(256);
  message.put(0, 8);
  message.put(0, 2);
  EXPECT_FALSE(message.is_empty());
  EXPECT_EQ(message.size_with(256, 10), 16u + 4 + 10 + 10);
  EXPECT_EQ(message.size_with(257, 10), 16u + 4 + 10 + 4 + 10);
  message.clear();
  EXPECT_TRUE(message.is_empty());
  EXPECT_EQ(message.size_with(256, 10), 16u + 4 + 10);
  EXPECT_EQ(octets(message).size(), 16u);
}

}  // namespace
}  // namespace dragoman::gateway
