// `dragoman ctl ...`: asks and tells the running server, through its admin listener.
//
// To add one: a function that declares it and a row in ctl_commands(), as in commands.cpp.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "../commands.h"
#include "admin_client.h"

namespace dragoman::app {

// What every `ctl` command has.
struct CtlArguments {
  std::string admin_url = default_admin_url;
};

struct CtlCommand {
  const char* name;
  const char* sentence;
  const char* examples;
  // Adds options; what it returns runs with the values they have then. `shared` is read then, too.
  Run (*declare)(CLI::App& subcommand, const std::shared_ptr<CtlArguments>& shared);
};

const std::vector<CtlCommand>& ctl_commands();

Run declare_ctl(CLI::App& app);

}  // namespace dragoman::app
