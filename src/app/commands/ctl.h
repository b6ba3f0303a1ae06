// `dragoman ctl ...`: asks and tells the running server, through its admin listener.
//
// To add one: a function that declares it and a row in ctl_commands(), as in commands.cpp.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "../commands.h"
#include "admin_client.h"
#include "show_page.h"

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

// Which subcommand of a command was chosen, and how it is to be shown. Lies within what that command asks for.
struct CtlChoice {
  bool as_json = false;
  Run run;
};
// Once `command` is chosen, and none below it, `choice` runs what shows the page of `request`. The command's Run keeps
// `choice` alive, and what `request` refers to.
void show_when_chosen(CLI::App& command, const std::shared_ptr<CtlArguments>& shared, CtlChoice& choice,
                      std::function<AdminRequest()> request, PageToText to_text);

Run declare_ctl(CLI::App& app);

}  // namespace dragoman::app
