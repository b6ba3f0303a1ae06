// Columns and values out of JSON.
#include "commands/api_text.h"

#include <gtest/gtest.h>

namespace dragoman::app {
namespace {

TEST(TableOf, aligns_its_columns) {
  EXPECT_EQ(table_of({{"a", "bbb", "c"}, {"aaaa", "b", "cc"}}), "a     bbb  c\naaaa  b    cc\n");
  EXPECT_EQ(table_of({{"1", "x"}, {"100", "y"}}, true), "  1  x\n100  y\n");
}

TEST(TextOf, lets_nothing_through_that_moves_a_cursor) { EXPECT_EQ(text_of(json::value("a\x1b[2Jb\n")), "a?[2Jb?"); }

TEST(MillisecondsOf, have_one_digit_behind_the_point) {
  EXPECT_EQ(milliseconds_of(json::value(12.345)), "12.3");
  EXPECT_EQ(number_of(json::value(7)), "7");
}

TEST(ReadJson, is_nothing_when_the_text_is_not_what_was_expected) {
  const auto name = [](const json::object& all) { return text_of(all.at("name")); };
  EXPECT_EQ(read_json(R"({"name": "x"})", name), "x");
  EXPECT_FALSE(read_json(R"({"other": "x"})", name));
  EXPECT_FALSE(read_json(R"({"name": 1})", name));
  EXPECT_FALSE(read_json("[]", name));
  EXPECT_FALSE(read_json("{", name));
}

}  // namespace
}  // namespace dragoman::app
