// Keys that all workers derive alike.
#include <gtest/gtest.h>

#include "dragoman/net/tls.h"

namespace dragoman::net {
namespace {

TEST(TicketKeys, are_the_same_for_the_same_secret_and_period_alone) {
  TicketKeys::Secret secret{}, other{};
  other[0] = 1;
  const auto never = [] { return std::int64_t{0}; };
  const TicketKeys keys(seconds(3600), secret, never), same(seconds(3600), secret, never),
      different(seconds(3600), other, never);
  EXPECT_EQ(keys.key_for(7).aes, same.key_for(7).aes);
  EXPECT_EQ(keys.key_for(7).name, same.key_for(7).name);
  EXPECT_NE(keys.key_for(7).aes, keys.key_for(8).aes);
  EXPECT_NE(keys.key_for(7).name, keys.key_for(8).name);
  EXPECT_NE(keys.key_for(7).aes, different.key_for(7).aes);
}

TEST(TicketKeys, of_two_random_secrets_differ) {
  EXPECT_NE(TicketKeys(seconds(3600)).key_for(7).aes, TicketKeys(seconds(3600)).key_for(7).aes);
}

TEST(TicketKeys, the_period_follows_the_clock) {
  const TicketKeys keys(seconds(3600), {}, [] { return std::int64_t{7 * 3600 + 3599}; });
  EXPECT_EQ(keys.period_number(), 7);
  EXPECT_EQ(keys.period(), seconds(3600));
}

}  // namespace
}  // namespace dragoman::net
