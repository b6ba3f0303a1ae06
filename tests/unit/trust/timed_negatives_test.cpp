// Negative trust anchors that end by themselves.
#include "timed_negatives.h"

#include <gtest/gtest.h>

namespace dragoman::trust {
namespace {

using namespace std::chrono_literals;

const WallTime noon = *wall_time_from_text("2026-11-28T12:00:00Z");

dns::Name name(const std::string& text) { return *dns::Name::from_text(text); }

TEST(TimedNegatives, end_at_their_time) {
  TimedNegatives negatives;
  EXPECT_TRUE(negatives.add(name("a.test"), noon));
  EXPECT_TRUE(negatives.add(name("b.test"), noon + 1h));
  EXPECT_FALSE(negatives.expire(noon - 1ms));
  EXPECT_EQ(negatives.all().size(), 2u);
  EXPECT_TRUE(negatives.expire(noon));
  ASSERT_EQ(negatives.all().size(), 1u);
  EXPECT_EQ(negatives.all()[0].name.to_text(), "b.test.");
}

TEST(TimedNegatives, added_again_end_when_the_new_one_says) {
  TimedNegatives negatives;
  negatives.add(name("a.test"), noon + 1h);
  negatives.add(name("A.Test"), noon);
  ASSERT_EQ(negatives.all().size(), 1u);
  EXPECT_EQ(negatives.all()[0].expires, noon);
}

TEST(TimedNegatives, are_removed_by_name) {
  TimedNegatives negatives;
  negatives.add(name("a.test"), noon);
  EXPECT_FALSE(negatives.remove(name("test")));
  EXPECT_TRUE(negatives.remove(name("A.test")));
  EXPECT_FALSE(negatives.remove(name("a.test")));
}

TEST(TimedNegatives, are_bounded) {
  TimedNegatives negatives;
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(negatives.add(name("n" + std::to_string(i) + ".test"), noon));
  EXPECT_FALSE(negatives.add(name("one.more.test"), noon));
  EXPECT_TRUE(negatives.add(name("n7.test"), noon + 1h));
}

}  // namespace
}  // namespace dragoman::trust
