// Text as a JSON string.
#include "commands/json_text.h"

#include <gtest/gtest.h>

namespace dragoman::app {
namespace {

TEST(JsonText, escapes_what_json_wants_escaped) {
  EXPECT_EQ(json_text(""), "\"\"");
  EXPECT_EQ(json_text("a\"b\\c"), "\"a\\\"b\\\\c\"");
  EXPECT_EQ(json_text(std::string_view("\n\t\x1f\0", 4)), "\"\\n\\u0009\\u001f\\u0000\"");
  EXPECT_EQ(json_text("\xc3\xa4"), "\"\xc3\xa4\"");
}

}  // namespace
}  // namespace dragoman::app
