// The command line: which subcommand runs, and what a slip in the arguments is answered with.
#include "cli.h"

#include <gtest/gtest.h>

#include "fakes/temporary_directory.h"
#include "ran.h"

namespace dragoman::app {
namespace {

Ran ran(const std::vector<std::string>& words) { return ran_program(words); }

TEST(CommandLine, says_what_can_be_done) {
  const Ran help = ran({"--help"});
  EXPECT_EQ(help.code, exit_ok);
  for (const char* name : {"serve", "check", "query", "ctl", "health", "nat64", "version", "Examples:"}) {
    EXPECT_NE(help.out.find(name), std::string::npos) << name;
  }
  EXPECT_EQ(help.out.find("config-reference"), std::string::npos);
}

TEST(CommandLine, helps_with_each_subcommand) {
  for (const char* name : {"serve", "check", "query", "ctl", "health", "nat64", "version"}) {
    const Ran help = ran({name, "--help"});
    EXPECT_EQ(help.code, exit_ok) << name;
    EXPECT_NE(help.out.find("Usage: dragoman " + std::string(name)), std::string::npos) << help.out;
  }
}

TEST(CommandLine, exits_2_for_what_it_does_not_understand) {
  const std::vector<std::vector<std::string>> slips{{},
                                                    {"sreve"},
                                                    {"check", "--nonsense"},
                                                    {"serve", "--workers", "none"},
                                                    {"serve", "--workers", "0"},
                                                    {"query"},
                                                    {"query", "@dns://127.0.0.1"},
                                                    {"query", "a", "b", "c"},
                                                    {"query", "a", "--client", "::1"},
                                                    {"query", "a", "--timeout", "0"}};
  for (const auto& slip : slips) {
    const Ran result = ran(slip);
    EXPECT_EQ(result.code, exit_usage) << (slip.empty() ? "" : slip[0]);
    EXPECT_EQ(result.err.find("dragoman"), 0u) << result.err;
    EXPECT_NE(result.err.find("--help`"), std::string::npos) << result.err;
    EXPECT_EQ(result.out, "");
  }
}

TEST(CommandLine, prints_the_version_in_both_ways) {
  EXPECT_EQ(ran({"--version"}).out, "dragoman " DRAGOMAN_VERSION "\n");
  EXPECT_EQ(ran({"version"}).out.find("dragoman " DRAGOMAN_VERSION), 0u);
}

TEST(CommandLine, passes_the_exit_code_of_a_subcommand_on) {
  test::TemporaryDirectory directory;
  const std::string right = directory.write("right.yaml",
                                            "listen: dns://127.0.0.1:0\nupstream: dns://192.0.2.1\n"
                                            "limits: {connections: 10}\n");
  const std::string wrong = directory.write("wrong.yaml", "listen: 1\n");
  EXPECT_EQ(ran({"check", "--config", right.c_str()}).code, exit_ok);
  EXPECT_EQ(ran({"check", "-c", wrong.c_str()}).code, exit_usage);
  EXPECT_EQ(ran({"serve", "--config", wrong.c_str()}).code, exit_usage);
}

}  // namespace
}  // namespace dragoman::app
