// Lines into files that are rotated, full or torn, and into pipes. Time is an argument.
#include "file_output.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "binding_json.h"
#include "binding_samples.h"
#include "fakes/temporary_directory.h"

namespace dragoman::gateway {
namespace {

namespace fs = std::filesystem;

std::string content(const std::string& path) {
  std::ostringstream all;
  all << std::ifstream(path).rdbuf();
  return all.str();
}

class FileOutputs : public testing::Test {
 protected:
  void add(const std::string& line) {
    backlog.add({reinterpret_cast<const std::uint8_t*>(line.data()), line.size()}, 1, 1);
  }
  BindingOutput::Progress write(BindingOutput& output) { return output.write(backlog, encoder, now); }
  std::unique_ptr<BindingOutput> open(const std::string& where) {
    auto output = FileOutput::open(where);
    EXPECT_TRUE(output);
    return *std::move(output);
  }

  test::TemporaryDirectory directory;
  const std::string path = directory.path("bindings.jsonl");
  Writer writer = samples::writer();
  JsonEncoder encoder{writer};
  Backlog backlog{1 << 20};
  Moment now;
};

TEST_F(FileOutputs, take_all_that_waits) {
  const auto output = open(path);
  add("one\n");
  add("two\n");
  const auto progress = write(*output);
  EXPECT_EQ(progress.events, 2u);
  EXPECT_EQ(progress.bytes, 8u);
  EXPECT_EQ(progress.trouble, "");
  EXPECT_TRUE(backlog.is_empty());
  EXPECT_EQ(content(path), "one\ntwo\n");
}

TEST_F(FileOutputs, end_the_line_that_a_crash_left) {
  directory.write("bindings.jsonl", "one\ntw");
  const auto output = open(path);
  add("three\n");
  write(*output);
  EXPECT_EQ(content(path), "one\ntw\nthree\n");
}

TEST_F(FileOutputs, notice_within_a_second_that_the_file_was_moved) {
  const auto output = open(path);
  add("one\n");
  write(*output);
  fs::rename(path, path + ".1");
  add("two\n");
  now.steady += milliseconds(900);
  write(*output);
  now.steady += milliseconds(100);
  add("three\n");
  write(*output);
  EXPECT_EQ(content(path + ".1"), "one\ntwo\n");
  EXPECT_EQ(content(path), "three\n");
}

TEST_F(FileOutputs, open_the_file_again_when_they_are_told) {
  const auto output = open(path);
  write(*output);
  fs::rename(path, path + ".1");
  output->reopen();
  add("one\n");
  write(*output);
  EXPECT_EQ(content(path + ".1"), "");
  EXPECT_EQ(content(path), "one\n");
}

TEST_F(FileOutputs, keep_a_file_that_is_in_its_place) {
  const auto output = open(path);
  add("one\n");
  write(*output);
  fs::permissions(path, fs::perms::none);  // as if it were another user's by now
  output->reopen();
  add("two\n");
  EXPECT_EQ(write(*output).trouble, "");
  fs::permissions(path, fs::perms::owner_read);
  EXPECT_EQ(content(path), "one\ntwo\n");
}

TEST_F(FileOutputs, go_on_with_the_moved_file_while_there_is_no_other) {
  fs::create_directory(directory.path("logs"));
  const std::string inside = directory.path("logs/bindings.jsonl");
  const auto output = open(inside);
  fs::rename(directory.path("logs"), directory.path("old"));
  now.steady += seconds(1);
  add("one\n");
  EXPECT_NE(write(*output).trouble.find("the directory of this file is not there"), std::string::npos);
  EXPECT_EQ(content(directory.path("old/bindings.jsonl")), "one\n");

  fs::create_directory(directory.path("logs"));
  now.steady += seconds(1);
  add("two\n");
  EXPECT_EQ(write(*output).trouble, "");
  EXPECT_EQ(content(inside), "two\n");
}

TEST_F(FileOutputs, keep_what_a_full_disk_does_not_take) {
  fs::create_symlink("/dev/full", path);
  const auto output = open(path);
  add("one\n");
  add("two\n");
  const auto progress = write(*output);
  EXPECT_EQ(progress.events, 0u);
  EXPECT_EQ(progress.trouble, "No space left on device");
  EXPECT_EQ(backlog.events(), 2u);

  fs::remove(path);
  output->reopen();
  EXPECT_EQ(write(*output).events, 2u);
  EXPECT_EQ(content(path), "one\ntwo\n");
}

TEST_F(FileOutputs, begin_a_torn_line_anew_in_the_next_file) {
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  const net::UniqueFd reader(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  const auto output = open(path);
  const std::string line = std::string(300000, 'x') + "\n";  // more than a pipe holds
  add(line);
  add("two\n");
  const auto progress = write(*output);
  EXPECT_EQ(progress.events, 0u);
  EXPECT_GT(progress.bytes, 0u);
  EXPECT_EQ(progress.trouble, "its reader does not keep up");

  fs::rename(path, path + ".1");
  output->reopen();
  EXPECT_EQ(write(*output).events, 2u);
  EXPECT_EQ(content(path), line + "two\n");
}

TEST_F(FileOutputs, go_on_within_a_line_when_a_pipe_is_read_again) {
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  const net::UniqueFd reader(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  const auto output = open(path);
  const std::string line = std::string(300000, 'x') + "\n";
  add(line);
  std::string all;
  std::string part(1 << 16, '\0');
  while (!backlog.is_empty()) {
    write(*output);
    const ssize_t length = ::read(reader.get(), part.data(), part.size());
    if (length > 0) all.append(part, 0, static_cast<std::size_t>(length));
  }
  for (ssize_t length; (length = ::read(reader.get(), part.data(), part.size())) > 0;) {
    all.append(part, 0, static_cast<std::size_t>(length));
  }
  EXPECT_EQ(all, line);
}

TEST_F(FileOutputs, are_refused_where_no_file_can_be) {
  const auto output = FileOutput::open(directory.path("missing/bindings.jsonl"));
  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace dragoman::gateway
