// The table of what `dragoman nat64` does.
#include "nat64.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "who_had.h"

namespace dragoman::app {
namespace {

Run declare_who_had(CLI::App& app) {
  auto arguments = std::make_shared<WhoHadArguments>();
  app.add_option("address", arguments->address, "IPv4 address of the pool")->type_name("ADDRESS")->required();
  app.add_option("port", arguments->port, "port, or identifier of ICMP")->type_name("PORT")->required();
  app.add_option("time", arguments->time,
                 "2026-11-27T22:31:00Z, with another zone, local without one; or @SECONDS since 1970")
      ->type_name("TIME")
      ->required();
  app.add_option(
         "-l,--log", arguments->logs,
         "binding log: JSON lines, or syslog by RFC 5424; what rotation made of it is read, too; - is standard input")
      ->type_name("FILE")
      ->expected(1)
      ->take_all();
  arguments->config_file = default_config;
  app.add_option("-c,--config", arguments->config_file, "configuration that says where the log is, if --log does not")
      ->type_name("FILE")
      ->capture_default_str();
  app.add_option("--protocol", arguments->protocol, "tcp, udp or icmp, for logs that have every session")
      ->type_name("PROTOCOL");
  app.add_flag("--json", arguments->json, "print JSON");
  return [arguments] { return run_who_had(*arguments); };
}

}  // namespace

const std::vector<Command>& nat64_commands() {
  static const std::vector<Command> table{
      {"who-had", "Say who had an address and port of the pool at a time, by the binding log",
       "Exit codes: 0 somebody had it, 1 nobody had, 2 it cannot be told. What makes the answer doubtful is said.\n\n"
       "Examples:\n"
       "  dragoman nat64 who-had 198.51.100.1 1030 2026-11-27T22:31:00Z --log /var/log/dragoman/bindings.jsonl\n"
       "  zcat old/*.gz | dragoman nat64 who-had 198.51.100.1 1030 @1795818660 --log -",
       &declare_who_had},
  };
  return table;
}

Run declare_nat64(CLI::App& app) {
  auto run = std::make_shared<Run>();
  app.require_subcommand(1);
  for (const Command& command : nat64_commands()) {
    CLI::App* subcommand = app.add_subcommand(command.name, command.sentence);
    subcommand->footer(command.examples);
    subcommand->final_callback([run, chosen = command.declare(*subcommand)] { *run = chosen; });
  }
  return [run] { return (*run)(); };
}

}  // namespace dragoman::app
