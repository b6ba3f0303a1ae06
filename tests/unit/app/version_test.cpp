// `dragoman version`.
#include "commands/version.h"

#include <gtest/gtest.h>

#include "cli.h"

namespace dragoman::app {
namespace {

std::string printed(bool json) {
  testing::internal::CaptureStdout();
  EXPECT_EQ(run_version(json), exit_ok);
  return testing::internal::GetCapturedStdout();
}

TEST(Version, names_the_program_its_number_and_the_compiler) {
  EXPECT_EQ(printed(false), "dragoman " DRAGOMAN_VERSION " (" + compiler() + ")\n");
  EXPECT_EQ(printed(true),
            "{\"name\":\"dragoman\",\"version\":\"" DRAGOMAN_VERSION "\",\"compiler\":\"" + compiler() + "\"}\n");
}

}  // namespace
}  // namespace dragoman::app
