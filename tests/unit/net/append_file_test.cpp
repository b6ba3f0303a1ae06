// Files and pipes that grow.
#include "dragoman/net/append_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "fakes/temporary_directory.h"

namespace dragoman::net {
namespace {

Bytes bytes_of(std::string_view text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

std::string content(const std::string& path) {
  std::ostringstream all;
  all << std::ifstream(path).rdbuf();
  return all.str();
}

TEST(AppendFile, grows_what_is_there) {
  const test::TemporaryDirectory directory;
  const std::string path = directory.write("log", "old\n");
  auto file = AppendFile::open(path);
  ASSERT_TRUE(file);
  EXPECT_EQ(file->write(bytes_of("new\n")).count, 4u);
  EXPECT_EQ(content(path), "old\nnew\n");
}

TEST(AppendFile, is_for_its_owner_and_group_alone) {
  const test::TemporaryDirectory directory;
  const std::string path = directory.path("log");
  ASSERT_TRUE(AppendFile::open(path));
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07, 0u);
}

TEST(AppendFile, notices_that_it_was_moved_or_removed) {
  const test::TemporaryDirectory directory;
  const std::string path = directory.path("log");
  auto file = AppendFile::open(path);
  ASSERT_TRUE(file);
  EXPECT_TRUE(file->is_in_place());
  std::filesystem::rename(path, directory.path("log.1"));
  EXPECT_FALSE(file->is_in_place());
  directory.write("log", "another");
  EXPECT_FALSE(file->is_in_place());
  EXPECT_EQ(file->write(bytes_of("kept\n")).error, 0);
  EXPECT_EQ(content(directory.path("log.1")), "kept\n");
}

TEST(AppendFile, sees_a_line_that_was_not_ended) {
  const test::TemporaryDirectory directory;
  const auto ends_within_line = [&](std::string_view text) {
    return AppendFile::open(directory.write("log", text))->ends_within_line();
  };
  EXPECT_FALSE(ends_within_line(""));
  EXPECT_FALSE(ends_within_line("whole\n"));
  EXPECT_TRUE(ends_within_line("whole\nhal"));
}

TEST(AppendFile, says_what_is_wrong_with_a_path) {
  const test::TemporaryDirectory directory;
  const auto nowhere = AppendFile::open(directory.path("missing/log"));
  ASSERT_FALSE(nowhere);
  EXPECT_EQ(nowhere.error().code, ErrorCode::not_found);
  const auto folder = AppendFile::open(directory.path().string());
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().code, ErrorCode::invalid_argument);
}

TEST(AppendFile, says_that_the_disk_is_full) {
  auto full = AppendFile::open("/dev/full");
  ASSERT_TRUE(full);
  const AppendFile::Written written = full->write(bytes_of("x"));
  EXPECT_EQ(written.count, 0u);
  EXPECT_EQ(written.error, ENOSPC);
}

TEST(AppendFile, does_not_wait_for_the_reader_of_a_pipe) {
  const test::TemporaryDirectory directory;
  const std::string path = directory.path("pipe");
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  const auto unread = AppendFile::open(path);
  ASSERT_FALSE(unread);
  EXPECT_EQ(unread.error().code, ErrorCode::unreachable);

  const UniqueFd reader(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  auto pipe = AppendFile::open(path);
  ASSERT_TRUE(pipe);
  const std::string much(1 << 20, 'x');
  const AppendFile::Written written = pipe->write(bytes_of(much));
  EXPECT_EQ(written.error, EAGAIN);
  EXPECT_GT(written.count, 0u);
  EXPECT_LT(written.count, much.size());
}

TEST(AppendFile, outlives_the_reader_of_a_pipe) {
  std::signal(SIGPIPE, SIG_IGN);  // as the event loop does for the whole program
  const test::TemporaryDirectory directory;
  const std::string path = directory.path("pipe");
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  auto reader = std::make_unique<UniqueFd>(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  auto pipe = AppendFile::open(path);
  ASSERT_TRUE(pipe);
  reader.reset();
  EXPECT_EQ(pipe->write(bytes_of("x")).error, EPIPE);
}

}  // namespace
}  // namespace dragoman::net
