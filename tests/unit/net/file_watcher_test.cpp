// The ways in which files are replaced in the field; certificates know them all.
#include "dragoman/net/file_watcher.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "fakes/temporary_directory.h"

namespace dragoman::net {
namespace {

namespace fs = std::filesystem;

class FileWatcherTest : public testing::Test {
 protected:
  void watch(const std::vector<std::string>& files) { ASSERT_TRUE(watcher.watch(files)); }

  // Runs the loop until it told of a change or `longest` went by.
  int calls_within(Duration longest) {
    const TimePoint until = Clock::now() + longest;
    while (calls == 0 && Clock::now() < until) loop.run_once(milliseconds(20));
    return std::exchange(calls, 0);
  }
  int calls_soon() { return calls_within(seconds(5)); }
  int calls_when_nothing_should_come() { return calls_within(milliseconds(120)); }

  test::TemporaryDirectory directory;
  EventLoop loop;
  int calls = 0;
  FileWatcher watcher{loop, [this] { ++calls; }, milliseconds(30)};
};

TEST_F(FileWatcherTest, sees_a_file_that_is_written_again) {
  watch({directory.write("tls.crt", "one"), directory.write("tls.key", "one")});
  directory.write("tls.crt", "other");
  directory.write("tls.key", "other");
  EXPECT_EQ(calls_soon(), 1);
  EXPECT_EQ(calls_when_nothing_should_come(), 0) << "both files were one change";
}

TEST_F(FileWatcherTest, sees_a_file_that_is_renamed_over) {
  watch({directory.write("tls.crt", "one")});
  fs::rename(directory.write("tls.crt.new", "two"), directory.path("tls.crt"));
  EXPECT_EQ(calls_soon(), 1);
  fs::rename(directory.write("tls.crt.new", "two"), directory.path("tls.crt"));
  EXPECT_EQ(calls_soon(), 1) << "the watch is on the directory, not on the file that has gone";
}

// live/tls.crt -> ../archive/tls1.crt, then tls2.crt.
TEST_F(FileWatcherTest, sees_the_links_of_certbot) {
  fs::create_directory(directory.path("archive"));
  fs::create_directory(directory.path("live"));
  directory.write("archive/tls1.crt", "one");
  fs::create_symlink("../archive/tls1.crt", directory.path("live/tls.crt"));
  watch({directory.path("live/tls.crt")});
  directory.write("archive/tls2.crt", "two");
  fs::create_symlink("../archive/tls2.crt", directory.path("live/new"));
  fs::rename(directory.path("live/new"), directory.path("live/tls.crt"));
  EXPECT_EQ(calls_soon(), 1);
  directory.write("archive/tls2.crt", "three");
  EXPECT_EQ(calls_soon(), 1) << "where the link leads is watched as well";
}

// tls.crt -> ..data/tls.crt, ..data -> ..1, then ..2.
TEST_F(FileWatcherTest, sees_the_links_of_kubernetes) {
  for (const char* version : {"..1", "..2"}) {
    fs::create_directory(directory.path(version));
    directory.write(std::string(version) + "/tls.crt", version);
  }
  fs::create_directory_symlink("..1", directory.path("..data"));
  fs::create_symlink("..data/tls.crt", directory.path("tls.crt"));
  watch({directory.path("tls.crt")});
  fs::create_directory_symlink("..2", directory.path("..data_tmp"));
  fs::rename(directory.path("..data_tmp"), directory.path("..data"));
  EXPECT_EQ(calls_soon(), 1);
}

TEST_F(FileWatcherTest, sees_a_directory_link_on_the_way) {
  for (const char* version : {"v1", "v2"}) {
    fs::create_directory(directory.path(version));
    directory.write(std::string(version) + "/tls.crt", version);
  }
  fs::create_directory_symlink("v1", directory.path("current"));
  watch({directory.path("current/tls.crt")});
  fs::create_directory_symlink("v2", directory.path("next"));
  fs::rename(directory.path("next"), directory.path("current"));
  EXPECT_EQ(calls_soon(), 1);
}

TEST_F(FileWatcherTest, sees_a_file_that_appears) {
  watch({directory.path("tls.crt")});
  directory.write("tls.crt", "one");
  EXPECT_EQ(calls_soon(), 1);
}

TEST_F(FileWatcherTest, does_not_care_about_neighbours) {
  watch({directory.write("tls.crt", "one")});
  directory.write("other.crt", "two");
  EXPECT_EQ(calls_when_nothing_should_come(), 0);
}

TEST_F(FileWatcherTest, names_a_directory_that_is_missing) {
  const auto watched = watcher.watch({directory.path("missing/tls.crt")});
  ASSERT_FALSE(watched);
  EXPECT_NE(watched.error().text().find("missing"), std::string::npos);
}

TEST_F(FileWatcherTest, a_new_list_replaces_the_old_one) {
  fs::create_directory(directory.path("a"));
  fs::create_directory(directory.path("b"));
  watch({directory.write("a/tls.crt", "one")});
  watch({directory.write("b/tls.crt", "one")});
  directory.write("a/tls.crt", "two");
  EXPECT_EQ(calls_when_nothing_should_come(), 0);
  directory.write("b/tls.crt", "two");
  EXPECT_EQ(calls_soon(), 1);
}

}  // namespace
}  // namespace dragoman::net
