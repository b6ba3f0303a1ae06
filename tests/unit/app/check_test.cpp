// `dragoman check`: what is printed, and the exit code.
#include "commands/check.h"

#include <gtest/gtest.h>

#include "cli.h"
#include "fakes/temporary_directory.h"

namespace dragoman::app {
namespace {

constexpr const char* right = "listen: dns://127.0.0.1:0\nupstream: dns://192.0.2.1\nlimits: {connections: 10}\n";

struct Printed {
  int exit_code = 0;
  std::string text;
};

Printed checked(const std::string& configuration, CheckArguments arguments = {}) {
  test::TemporaryDirectory directory;
  arguments.config_file = directory.write("f.yaml", configuration);
  testing::internal::CaptureStdout();
  Printed out;
  out.exit_code = run_check(arguments);
  out.text = testing::internal::GetCapturedStdout();
  for (std::size_t at; (at = out.text.find(directory.path("f.yaml"))) != std::string::npos;) {
    out.text.replace(at, directory.path("f.yaml").size(), "f.yaml");
  }
  return out;
}

TEST(Check, is_content_with_a_right_file) {
  Printed printed = checked(right);
  EXPECT_EQ(printed.exit_code, exit_ok);
  EXPECT_EQ(printed.text, "f.yaml: can be served\n");
}

TEST(Check, prints_place_key_and_text_and_numbers_the_fixes) {
  Printed printed = checked(std::string(right) + "workers: 0\ndrain_timeout: soon\n");
  EXPECT_EQ(printed.exit_code, exit_usage);
  EXPECT_EQ(printed.text,
            "f.yaml:4:10: workers: must be 1 to 1024, this is `0`\n"
            "    1. fix: write a value in that range, or remove the key for the default\n"
            "f.yaml:5:16: drain_timeout: `soon` is not a duration\n"
            "    2. fix: write 1500ms, 5s, 2m, 1h, 1d, or a number of seconds\n"
            "f.yaml: 2 errors\n");
}

TEST(Check, fails_for_warnings_only_when_it_is_strict) {
  std::string open = std::string(right) + "acl: [0.0.0.0/0]\n";
  Printed printed = checked(open);
  EXPECT_EQ(printed.exit_code, exit_ok);
  EXPECT_NE(printed.text.find("f.yaml:4:7: acl[0]: warning: `0.0.0.0/0` makes this an open resolver"),
            std::string::npos);
  EXPECT_NE(printed.text.find("f.yaml: can be served, 1 warning\n"), std::string::npos);
  CheckArguments strict;
  strict.strict = true;
  EXPECT_EQ(checked(open, strict).exit_code, exit_usage);
}

TEST(Check, prints_json_with_stable_keys) {
  CheckArguments json;
  json.json = true;
  EXPECT_EQ(checked(std::string(right) + "workers: 0\n", json).text,
            "{\"file\":\"f.yaml\",\"errors\":1,\"warnings\":0,\"findings\":[{\"number\":1,\"severity\":\"error\","
            "\"file\":\"f.yaml\",\"line\":4,\"column\":10,\"key\":\"workers\",\"text\":\"must be 1 to 1024, this is "
            "`0`\",\"fix\":\"write a value in that range, or remove the key for the default\"}]}\n");
  EXPECT_EQ(checked(right, json).text, "{\"file\":\"f.yaml\",\"errors\":0,\"warnings\":0,\"findings\":[]}\n");
}

TEST(Check, fails_for_a_file_that_is_not_there) {
  CheckArguments arguments;
  arguments.config_file = "/nonexistent/dragoman.yaml";
  testing::internal::CaptureStdout();
  EXPECT_EQ(run_check(arguments), exit_usage);
  EXPECT_EQ(testing::internal::GetCapturedStdout().find("/nonexistent/dragoman.yaml: there is no such file\n"), 0u);
}

}  // namespace
}  // namespace dragoman::app
