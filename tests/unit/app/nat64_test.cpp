// The table of `dragoman nat64`, and how its options arrive.
#include "commands/nat64.h"

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>

#include "cli.h"
#include "fakes/temporary_directory.h"

namespace dragoman::app {
namespace {

int run(std::vector<std::string> words, std::string* out = nullptr) {
  std::vector<const char*> arguments{"dragoman", "nat64"};
  for (const std::string& word : words) arguments.push_back(word.c_str());
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  const int code = run_command_line(static_cast<int>(arguments.size()), arguments.data());
  const std::string said = testing::internal::GetCapturedStdout() + testing::internal::GetCapturedStderr();
  if (out != nullptr) *out = said;
  return code;
}

TEST(Nat64Command, has_commands_with_sentences_of_their_own) {
  for (const Command& command : nat64_commands()) {
    CLI::App app;
    EXPECT_TRUE(command.declare(app)) << command.name;
    EXPECT_STRNE(command.sentence, "");
  }
}

TEST(Nat64Command, helps) {
  std::string help;
  EXPECT_EQ(run({"who-had", "--help"}, &help), exit_ok);
  EXPECT_NE(help.find("Usage: dragoman nat64 who-had [OPTIONS] address port time"), std::string::npos) << help;
}

TEST(Nat64Command, asks_the_logs_that_are_named) {
  const test::TemporaryDirectory directory;
  const std::string first = directory.write(
      "one.jsonl", R"({"time":"2026-11-27T22:30:00.000Z","event":"block_allocated","subscriber":"2001:db8:1::/64",)"
                   R"("address":"198.51.100.1","ports":"1024-1279"})"
                   "\n");
  const std::string second = directory.write("two.jsonl", "");
  std::string said;
  EXPECT_EQ(run({"who-had", "198.51.100.1", "1030", "2026-11-27T22:30:00Z", "--log", second, "--log", first, "--json"},
                &said),
            exit_ok);
  EXPECT_NE(said.find("\"holder\":\"2001:db8:1::/64\""), std::string::npos) << said;
}

TEST(Nat64Command, exits_2_for_what_it_does_not_understand) {
  for (const std::vector<std::string>& slip :
       std::vector<std::vector<std::string>>{{},
                                             {"who-hat"},
                                             {"who-had"},
                                             {"who-had", "198.51.100.1", "1030", "@0"},
                                             {"who-had", "198.51.100.1", "1030"}}) {
    EXPECT_EQ(run(slip), exit_usage);
  }
}

}  // namespace
}  // namespace dragoman::app
