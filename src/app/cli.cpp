// From arguments to a subcommand. CLI11 reports what is wrong with them by exceptions, which end here.
#include "cli.h"

#include <CLI/CLI.hpp>
#include <iostream>

#include "commands.h"
#include "commands/version.h"

namespace dragoman::app {
namespace {

constexpr const char* footer =
    "Examples:\n"
    "  dragoman check --config /etc/dragoman/dragoman.yaml\n"
    "  dragoman serve --config /etc/dragoman/dragoman.yaml\n"
    "  dragoman query example.net AAAA @tls://127.0.0.1\n"
    "\n"
    "Exit codes: 0 done, 1 failed, 2 wrong usage or configuration.\n"
    "`dragoman SUBCOMMAND --help` tells more.";

int report(const CLI::App& app, const CLI::ParseError& error) {
  if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version: printed to standard output
  std::string name = "dragoman";
  const CLI::App* asked = &app;
  while (!asked->get_subcommands().empty()) {
    asked = asked->get_subcommands().front();
    name += " " + asked->get_name();
  }
  std::cerr << name << ": " << error.what() << "\n"
            << "Try `" << name << " --help`.\n";
  return exit_usage;
}

}  // namespace

int run_command_line(int argc, const char* const* argv) {
  CLI::App app("Dragoman serves DNS to IPv6-only networks: DoH, DoT and plain DNS in, DNS64 included.", "dragoman");
  app.set_version_flag("--version", version_line());
  app.footer(footer);
  app.require_subcommand(1);

  Run run;
  for (const Command& command : commands()) {
    CLI::App* subcommand = app.add_subcommand(command.name, command.sentence);
    subcommand->footer(command.examples);
    if (command.is_hidden) subcommand->group("");
    subcommand->final_callback([&run, chosen = command.declare(*subcommand)] { run = chosen; });
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return report(app, error);
  }
  return run();
}

}  // namespace dragoman::app
