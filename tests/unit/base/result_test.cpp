// What a Result holds, and how an error reads.
#include "dragoman/base/result.h"

#include <gtest/gtest.h>

#include <memory>

namespace dragoman {
namespace {

Result<std::unique_ptr<int>> make(bool works) {
  if (!works) return Error{ErrorCode::not_found, "no such file", "a.txt"};
  return std::make_unique<int>(7);
}

TEST(Result, holds_the_value) {
  auto result = make(true);
  ASSERT_TRUE(result);
  EXPECT_EQ(**result, 7);
}

TEST(Result, gives_the_value_away) {
  const std::unique_ptr<int> taken = *make(true);
  EXPECT_EQ(*taken, 7);
}

TEST(Result, holds_the_error) {
  const auto result = make(false);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::not_found);
  EXPECT_EQ(result.error().text(), "no such file: a.txt");
}

TEST(Result, an_error_without_detail_is_its_text) {
  const Error error{ErrorCode::timeout, "nobody answered"};
  EXPECT_EQ(error.text(), "nobody answered");
}

TEST(Result, of_nothing_succeeds_by_default) {
  EXPECT_TRUE(Result<void>());
  const Result<void> failed = Error{ErrorCode::in_use, "taken"};
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::in_use);
}

}  // namespace
}  // namespace dragoman
