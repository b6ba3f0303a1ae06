// What the anchors of all sources come to.
#include "dragoman/trust/anchors.h"

#include <gtest/gtest.h>

#include "dragoman/base/log.h"
#include "fakes/temporary_directory.h"

namespace dragoman::trust {
namespace {

using namespace std::chrono_literals;

dns::Name name(std::string_view text) { return *dns::Name::from_text(text); }

class AnchorsTest : public testing::Test {
 protected:
  AnchorsTest() {
    log::configure({.level = LogLevel::error});
    options.validates = true;
    options.anchors = dnssec::root_trust_anchors();
  }
  bool validates(std::string_view text) const { return anchors.current()->closest(name(text), now) != nullptr; }

  net::EventLoop loop;
  WallTime now = *wall_time_from_text("2026-11-28T12:00:00Z");
  int changes = 0;
  Options options;
  Anchors anchors{loop, [this] { ++changes; }, [this] { return now; }};
};

TEST_F(AnchorsTest, there_are_none_when_nothing_is_validated) {
  EXPECT_EQ(anchors.current(), nullptr);
  options.validates = false;
  anchors.apply(options);
  EXPECT_EQ(anchors.current(), nullptr);
  EXPECT_FALSE(anchors.add_negative(name("a.test"), 1h));
  options.validates = true;
  anchors.apply(options);
  EXPECT_TRUE(validates("a.test"));
  EXPECT_EQ(anchors.metrics().anchors.value(), 1);
}

TEST_F(AnchorsTest, negative_ones_of_the_configuration_hold_until_they_end) {
  options.negative = {{name("a.test"), {}}, {name("b.test"), now + 1h}, {name("c.test"), now}};
  anchors.apply(options);
  EXPECT_EQ(anchors.metrics().negative(NegativeSource::configuration).value(), 2);
  EXPECT_FALSE(validates("a.test"));
  EXPECT_FALSE(validates("b.test"));
  EXPECT_TRUE(validates("c.test"));
  now += 1h;
  anchors.look();
  EXPECT_EQ(changes, 1);
  EXPECT_EQ(anchors.metrics().negative(NegativeSource::configuration).value(), 1);
  EXPECT_EQ(anchors.current()->negative_anchors().size(), 1u);
}

TEST_F(AnchorsTest, an_operators_negative_one_ends_by_itself) {
  anchors.apply(options);
  ASSERT_TRUE(anchors.add_negative(name("a.test"), 1h));
  EXPECT_EQ(changes, 1);
  EXPECT_FALSE(validates("www.a.test"));
  EXPECT_EQ(anchors.metrics().negative(NegativeSource::operator_).value(), 1);
  now += 1h - 1ms;
  anchors.look();
  EXPECT_EQ(changes, 1);
  now += 1ms;
  anchors.look();
  EXPECT_EQ(changes, 2);
  EXPECT_TRUE(validates("www.a.test"));
  EXPECT_TRUE(anchors.operators_negatives().empty());
}

TEST_F(AnchorsTest, an_end_is_noticed_without_anybody_looking) {
  anchors.apply(options);
  now += 1s;
  ASSERT_TRUE(anchors.add_negative(name("a.test"), 1s));
  now += 1s;
  anchors.look();
  options.negative = {{name("b.test"), now + 10ms}};
  anchors.apply(options);
  now += 10ms;
  for (int turn = 0; turn < 1000 && changes < 3; ++turn) loop.run_once(milliseconds(5));
  EXPECT_EQ(changes, 3);
  EXPECT_TRUE(validates("b.test"));
}

TEST_F(AnchorsTest, an_operators_negative_one_survives_a_reload) {
  anchors.apply(options);
  ASSERT_TRUE(anchors.add_negative(name("a.test"), 1h));
  anchors.apply(options);
  EXPECT_FALSE(validates("a.test"));
}

TEST_F(AnchorsTest, are_the_same_after_a_reload_that_changes_nothing) {
  anchors.apply(options);
  const auto before = anchors.current();
  anchors.apply(options);
  EXPECT_EQ(anchors.current(), before);
  options.negative = {{name("a.test"), {}}};
  anchors.apply(options);
  EXPECT_NE(anchors.current(), before);
}

TEST_F(AnchorsTest, an_operators_negative_one_can_be_removed) {
  options.negative = {{name("b.test"), {}}};
  anchors.apply(options);
  ASSERT_TRUE(anchors.add_negative(name("a.test"), 1h));
  EXPECT_TRUE(anchors.remove_negative(name("A.test")));
  EXPECT_TRUE(validates("a.test"));
  EXPECT_FALSE(anchors.remove_negative(name("a.test")));
  EXPECT_FALSE(anchors.remove_negative(name("b.test")));
  EXPECT_EQ(changes, 2);
}

// RFC 7646 2, 3.
TEST_F(AnchorsTest, a_negative_one_that_makes_no_sense_is_refused) {
  options.anchors = {{name("test"), dnssec::root_trust_anchors()[0].endorsed_by}};
  anchors.apply(options);
  EXPECT_FALSE(anchors.add_negative(name("test"), 1h));
  EXPECT_FALSE(anchors.add_negative(name("example"), 1h));
  EXPECT_FALSE(anchors.add_negative(name("a.test"), 0s));
  EXPECT_FALSE(anchors.add_negative(name("a.test"), std::chrono::days(7) + 1s));
  EXPECT_TRUE(anchors.add_negative(name("a.test"), std::chrono::days(7)));
  EXPECT_EQ(changes, 1);
}

TEST_F(AnchorsTest, managed_ones_begin_as_they_are_configured) {
  const test::TemporaryDirectory folder;
  options.managed.state_file = folder.path("state");
  options.routing.groups = {{"default", {}}};
  anchors.apply(options);
  ASSERT_EQ(anchors.managed().size(), 1u);
  EXPECT_EQ(anchors.current()->anchors()[0], options.anchors[0]);
  EXPECT_TRUE(std::filesystem::exists(options.managed.state_file));
  options.managed.state_file.clear();
  anchors.apply(options);
  EXPECT_TRUE(anchors.managed().empty());
  EXPECT_TRUE(validates("a.test"));
}

}  // namespace
}  // namespace dragoman::trust
