// `dragoman serve`: runs in the foreground until SIGTERM.
#pragma once

#include <optional>
#include <string>

namespace dragoman::app {

struct ServeArguments {
  std::string config_file;
  std::optional<unsigned> workers;  // instead of the file's
};

// The exit code: 0 after a drain, 1 when it could not start, 2 when the configuration is wrong.
int run_serve(const ServeArguments& arguments);

}  // namespace dragoman::app
