// The table of subcommands.
#include "commands.h"

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <set>

namespace dragoman::app {
namespace {

TEST(Commands, have_names_and_sentences_of_their_own) {
  std::set<std::string> names;
  for (const Command& command : commands()) {
    EXPECT_TRUE(names.insert(command.name).second) << command.name;
    EXPECT_STRNE(command.sentence, "");
  }
  EXPECT_TRUE(names.contains("serve"));
}

TEST(Commands, can_be_declared_each_on_its_own) {
  for (const Command& command : commands()) {
    CLI::App app;
    EXPECT_TRUE(command.declare(app)) << command.name;
    EXPECT_NE(app.help(), "");
  }
}

}  // namespace
}  // namespace dragoman::app
