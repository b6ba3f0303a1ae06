// Reading logs: whole, compressed, and what rotation left.
#include "commands/log_pieces.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "fakes/temporary_directory.h"

namespace dragoman::app {
namespace {

std::string content(const std::string& path) {
  std::string all;
  const auto read = read_pieces(path, [&](std::string_view piece) { all += piece; });
  return read ? all : read.error().text();
}

class LogPieces : public testing::Test {
 protected:
  test::TemporaryDirectory directory;
};

TEST_F(LogPieces, are_all_of_a_file) {
  std::string text;
  for (int i = 0; i < 300000; ++i) text += std::to_string(i) + "\n";
  EXPECT_EQ(content(directory.write("log", text)), text);
  EXPECT_EQ(content(directory.write("empty", "")), "");
}

TEST_F(LogPieces, are_decompressed) {
  const std::string path = directory.write("log.1", "one\ntwo\n");
  ASSERT_EQ(std::system(("gzip " + path).c_str()), 0);
  EXPECT_EQ(content(path + ".gz"), "one\ntwo\n");
}

TEST_F(LogPieces, say_what_is_wrong) {
  EXPECT_NE(content(directory.path("missing")).find("the log cannot be read"), std::string::npos);
  EXPECT_NE(content(directory.path().string()).find("the log cannot be read"), std::string::npos);
  const std::string broken = directory.write("log.gz", "this is no gzip");
  testing::internal::CaptureStderr();  // of gzip itself
  const auto read = read_pieces(broken, [](std::string_view) {});
  testing::internal::GetCapturedStderr();
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::malformed);
}

TEST_F(LogPieces, come_from_the_rotated_files_too) {
  for (const char* name : {"log", "log.1", "log.2.gz", "log-20261127", "log-20261126.xz", "log.old", "log.1.bak",
                           "log1", "log.", "catalog.1", "log.x.gz"}) {
    directory.write(name, "");
  }
  std::vector<std::string> names;
  for (const std::string& path : with_rotated(directory.path("log"))) {
    names.push_back(std::filesystem::path(path).filename().string());
    EXPECT_TRUE(std::filesystem::exists(path));
  }
  EXPECT_EQ(names, (std::vector<std::string>{"log-20261126.xz", "log-20261127", "log.1", "log.2.gz", "log"}));
  EXPECT_EQ(with_rotated(directory.path("nowhere/log")), std::vector<std::string>{directory.path("nowhere/log")});
}

}  // namespace
}  // namespace dragoman::app
