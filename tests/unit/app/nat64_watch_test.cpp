// The state of the NAT64, watched on a loop.
#include "nat64_watch.h"

#include <gmock/gmock.h>

#include "dragoman/base/log.h"

namespace dragoman::app {
namespace {

using gateway::Nat64State;
using testing::ElementsAre;
using testing::IsEmpty;

class Nat64WatchTest : public testing::Test {
 protected:
  Nat64WatchTest() {
    log::configure({.level = LogLevel::error});
    signs.pool.blocks = 100;
  }
  void begin() {
    watch.begin([this] { return signs; });
  }

  net::EventLoop loop;
  gateway::Nat64Signs signs;
  std::vector<Nat64State> told;
  Nat64Watch watch{loop, [this](Nat64State state) { told.push_back(state); }};
};

TEST_F(Nat64WatchTest, watches_nothing_until_it_is_told_to) {
  EXPECT_FALSE(watch.is_watching());
  watch.look();
  EXPECT_THAT(told, IsEmpty());
  EXPECT_EQ(watch.state(), Nat64State::ok);
}

TEST_F(Nat64WatchTest, tells_of_changes_alone) {
  begin();
  EXPECT_TRUE(watch.is_watching());
  EXPECT_THAT(told, IsEmpty());
  signs.pool.taken = 99;
  watch.look();
  watch.look();
  EXPECT_THAT(told, ElementsAre(Nat64State::full));
  EXPECT_EQ(watch.state(), Nat64State::full);
}

TEST_F(Nat64WatchTest, a_state_that_is_bad_from_the_start_is_told_at_once) {
  signs.is_up = false;
  begin();
  EXPECT_THAT(told, ElementsAre(Nat64State::down));
}

TEST_F(Nat64WatchTest, looks_by_itself_every_second) {
  begin();
  signs.is_ending = true;
  const TimePoint end = Clock::now() + seconds(10);
  while (told.empty() && Clock::now() < end) loop.run_once(milliseconds(100));
  EXPECT_THAT(told, ElementsAre(Nat64State::draining));
}

}  // namespace
}  // namespace dragoman::app
