// Full, draining and down, and the way back.
#include "dragoman/gateway/nat64_state.h"

#include <gtest/gtest.h>

namespace dragoman::gateway {
namespace {

Nat64Signs with_blocks(std::size_t taken) {
  return {.pool = {.blocks = 1000, .taken = taken}, .sessions = 0, .max_sessions = 1000};
}

Nat64State after(std::initializer_list<Nat64Signs> signs) {
  Nat64Condition condition;
  for (const Nat64Signs& one : signs) condition.look(one);
  return condition.state();
}

TEST(Nat64Condition, is_ok_as_long_as_there_are_ports_and_sessions) {
  EXPECT_EQ(after({}), Nat64State::ok);
  EXPECT_EQ(after({with_blocks(949)}), Nat64State::ok);
}

TEST(Nat64Condition, is_full_when_nearly_every_block_is_taken) {
  EXPECT_EQ(after({with_blocks(950)}), Nat64State::full);
}

TEST(Nat64Condition, is_full_when_nearly_every_session_is_there) {
  Nat64Signs signs = with_blocks(10);
  signs.sessions = 950;
  EXPECT_EQ(after({signs}), Nat64State::full);
}

TEST(Nat64Condition, is_full_until_there_is_room_again) {
  EXPECT_EQ(after({with_blocks(950), with_blocks(900)}), Nat64State::full);
  EXPECT_EQ(after({with_blocks(950), with_blocks(899)}), Nat64State::ok);
  EXPECT_EQ(after({with_blocks(950), with_blocks(899), with_blocks(949)}), Nat64State::ok);
}

TEST(Nat64Condition, drains_when_the_program_ends_or_nothing_else_is_in_the_pool) {
  Nat64Signs ending = with_blocks(10);
  ending.is_ending = true;
  EXPECT_EQ(after({ending}), Nat64State::draining);
  Nat64Signs emptied;
  emptied.pool.draining = 12;
  EXPECT_EQ(after({emptied}), Nat64State::draining);
}

TEST(Nat64Condition, is_down_whatever_else_holds) {
  Nat64Signs gone = with_blocks(1000);
  gone.is_up = false;
  gone.is_ending = true;
  EXPECT_EQ(after({gone}), Nat64State::down);
  EXPECT_EQ(after({gone, with_blocks(10)}), Nat64State::ok);
}

TEST(Nat64Condition, says_when_it_has_changed) {
  Nat64Condition condition;
  EXPECT_FALSE(condition.look(with_blocks(10)));
  EXPECT_TRUE(condition.look(with_blocks(990)));
  EXPECT_FALSE(condition.look(with_blocks(991)));
  EXPECT_TRUE(condition.look(with_blocks(10)));
}

}  // namespace
}  // namespace dragoman::gateway
