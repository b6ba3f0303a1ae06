// `dragoman check`: everything that is wrong with a configuration, on this host, each finding with its fix.
#pragma once

#include <string>
#include <vector>

#include "dragoman/config/config.h"

namespace dragoman::app {

struct CheckArguments {
  std::string config_file;
  bool json = false;
  bool strict = false;      // warnings count as errors
  bool is_running = false;  // its ports are taken, and rightly so
};

enum class Severity : unsigned char { error, warning, note };

struct Finding {
  Severity severity = Severity::error;
  config::Problem problem;
};

// Exit code of cli.h: usage when something is wrong.
int run_check(const CheckArguments& arguments);

}  // namespace dragoman::app
