// The subcommands as a table.
//
// To add one: commands/<name>.{h,cpp} with `struct <Name>Arguments` and `int run_<name>(const <Name>Arguments&)`, and
// one row in commands.cpp with the function that declares its options.
#pragma once

#include <functional>
#include <vector>

namespace CLI {
class App;
}

namespace dragoman::app {

inline constexpr const char* default_config = "/etc/dragoman/dragoman.yaml";

using Run = std::function<int()>;  // returns an exit code of cli.h

struct Command {
  const char* name;
  const char* sentence;
  const char* examples;
  Run (*declare)(CLI::App& subcommand);  // adds options; what it returns runs with the values they have then
  bool is_hidden = false;
};

const std::vector<Command>& commands();

}  // namespace dragoman::app
