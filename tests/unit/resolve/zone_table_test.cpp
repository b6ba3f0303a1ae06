// What is remembered of names, and for how long.
#include "zone_table.h"

#include <gtest/gtest.h>

namespace dragoman::resolve {
namespace {

dns::Name name(const std::string& text) { return *dns::Name::from_text(text); }
const TimePoint now{std::chrono::hours(1)};

TEST(ZoneTable, finds_names_in_any_case_until_they_expire) {
  ZoneTable table(10);
  table.store(name("Example."), {Place::Kind::inside, {}}, now + seconds(5));
  ASSERT_NE(table.find(name("eXample."), now), nullptr);
  EXPECT_EQ(table.find(name("example."), now)->kind, Place::Kind::inside);
  EXPECT_EQ(table.find(name("example."), now + seconds(5)), nullptr);
  EXPECT_EQ(table.find(name("other."), now), nullptr);
}

TEST(ZoneTable, replaces_what_it_knew_of_a_name) {
  ZoneTable table(10);
  table.store(name("example."), {Place::Kind::inside, {}}, now + seconds(5));
  table.store(name("EXAMPLE."), {Place::Kind::absent, {}}, now + seconds(9));
  EXPECT_EQ(table.size(), 1u);
  EXPECT_EQ(table.find(name("example."), now + seconds(7))->kind, Place::Kind::absent);
}

TEST(ZoneTable, is_bounded_and_keeps_what_is_used) {
  ZoneTable table(4);
  table.store(name("com."), {}, now + seconds(100));
  for (int i = 0; i < 100; ++i) {
    table.store(name("z" + std::to_string(i) + ".com."), {}, now + seconds(100));
    EXPECT_NE(table.find(name("com."), now), nullptr) << i;
  }
  EXPECT_EQ(table.size(), 4u);
}

TEST(ZoneTable, forgets_everything_at_once) {
  ZoneTable table(4);
  table.store(name("com."), {}, now + seconds(100));
  table.clear();
  EXPECT_EQ(table.find(name("com."), now), nullptr);
  EXPECT_EQ(table.size(), 0u);
}

}  // namespace
}  // namespace dragoman::resolve
