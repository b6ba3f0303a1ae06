// Signals arrive as calls on the loop.
#include "dragoman/net/signals.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <vector>

namespace dragoman::net {
namespace {

TEST(Signals, are_handled_in_a_turn_of_the_loop) {
  EventLoop loop;
  std::vector<int> handled;
  const Signals signals(loop, {SIGUSR1, SIGUSR2}, [&](int signal) { handled.push_back(signal); });
  ASSERT_EQ(raise(SIGUSR1), 0);
  EXPECT_TRUE(handled.empty()) << "nothing is interrupted";
  loop.run_once(seconds(5));
  ASSERT_EQ(raise(SIGUSR2), 0);
  loop.run_once(seconds(5));
  EXPECT_THAT(handled, testing::ElementsAre(SIGUSR1, SIGUSR2));
}

}  // namespace
}  // namespace dragoman::net
