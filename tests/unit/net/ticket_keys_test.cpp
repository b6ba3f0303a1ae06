// Keys that all workers derive alike.
#include <gtest/gtest.h>

#include <thread>
#include <vector>

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

// What a thread remembers of one is not taken for another's, in whichever order they are asked for.
TEST(TicketKeys, are_the_same_when_asked_for_again_among_others) {
  const TicketKeys first(seconds(3600)), second(seconds(3600));
  std::vector<TicketKeys::Key> before;
  for (std::int64_t period = 0; period < 10; ++period) {
    before.push_back(first.key_for(period));
    before.push_back(second.key_for(period));
  }
  std::vector<TicketKeys::Key> again(before.size());
  for (std::int64_t period = 9; period >= 0; --period) {
    const auto at = static_cast<std::size_t>(2 * period);
    std::thread([&] { again[at] = first.key_for(period); }).join();
    again[at + 1] = second.key_for(period);
  }
  for (std::size_t i = 0; i < before.size(); ++i) {
    EXPECT_EQ(again[i].name, before[i].name);
    EXPECT_EQ(again[i].hmac, before[i].hmac);
    EXPECT_EQ(again[i].aes, before[i].aes);
    for (std::size_t other = 0; other < i; ++other) EXPECT_NE(before[other].name, before[i].name);
  }
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
