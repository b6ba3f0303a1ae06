// The old content or the new one.
#include "dragoman/net/replace_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <sstream>

#include "fakes/temporary_directory.h"

namespace dragoman::net {
namespace {

std::string content_of(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::size_t files_in(const test::TemporaryDirectory& folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder.path()), {}));
}

TEST(ReplaceFile, makes_the_file_and_replaces_it) {
  const test::TemporaryDirectory folder;
  const std::string path = folder.path("state");
  ASSERT_TRUE(replace_file(path, "one"));
  EXPECT_EQ(content_of(path), "one");
  ASSERT_TRUE(replace_file(path, "the other"));
  EXPECT_EQ(content_of(path), "the other");
  EXPECT_EQ(files_in(folder), 1u);
}

// Whoever has the old file open goes on reading it.
TEST(ReplaceFile, leaves_the_old_file_to_its_readers) {
  const test::TemporaryDirectory folder;
  const std::string path = folder.write("state", "old");
  std::ifstream reader(path);
  ASSERT_TRUE(replace_file(path, "new"));
  std::string text;
  reader >> text;
  EXPECT_EQ(text, "old");
}

TEST(ReplaceFile, is_not_stopped_by_what_a_crash_left) {
  const test::TemporaryDirectory folder;
  folder.write("state.new", "half of it and much more than there will be");
  ASSERT_TRUE(replace_file(folder.path("state"), "whole"));
  EXPECT_EQ(content_of(folder.path("state")), "whole");
  EXPECT_EQ(files_in(folder), 1u);
}

TEST(ReplaceFile, says_why_not_and_leaves_nothing_behind) {
  const test::TemporaryDirectory folder;
  const auto missing = replace_file(folder.path("none/state"), "x");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::not_found);
  std::filesystem::create_directory(folder.path("taken"));
  folder.write("taken/file", "");
  EXPECT_FALSE(replace_file(folder.path("taken"), "x"));
  EXPECT_EQ(files_in(folder), 1u);
}

}  // namespace
}  // namespace dragoman::net
