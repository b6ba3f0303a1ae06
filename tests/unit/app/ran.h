// What a command printed, and with which code it ended.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cli.h"

namespace dragoman::app {

struct Ran {
  int code = 0;
  std::string out, err;
};

// `run` returns an exit code.
template <class Run>
Ran captured(Run run) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  const int code = run();
  return {code, testing::internal::GetCapturedStdout(), testing::internal::GetCapturedStderr()};
}

// `dragoman WORD...`.
inline Ran ran_program(const std::vector<std::string>& words) {
  std::vector<const char*> arguments{"dragoman"};
  for (const std::string& word : words) arguments.push_back(word.c_str());
  return captured([&] { return run_command_line(static_cast<int>(arguments.size()), arguments.data()); });
}

}  // namespace dragoman::app
