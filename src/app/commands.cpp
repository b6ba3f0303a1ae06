// The table of subcommands and their options. What a subcommand does is in commands/.
#include "commands.h"

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "cli.h"
#include "commands/check.h"
#include "commands/ctl.h"
#include "commands/health.h"
#include "commands/nat64.h"
#include "commands/query.h"
#include "commands/query_words.h"
#include "commands/serve.h"
#include "commands/version.h"
#include "dragoman/config/reference.h"

namespace dragoman::app {
namespace {

Run declare_serve(CLI::App& app) {
  auto arguments = std::make_shared<ServeArguments>();
  arguments->config_file = default_config;
  app.add_option("-c,--config", arguments->config_file, "configuration file")->type_name("FILE")->capture_default_str();
  app.add_option_function<unsigned>(
         "--workers", [arguments](unsigned count) { arguments->workers = count; },
         "threads that serve queries, instead of what the file says")
      ->type_name("N")
      ->check(CLI::Range(1, 1024));
  return [arguments] { return run_serve(*arguments); };
}

Run declare_check(CLI::App& app) {
  auto arguments = std::make_shared<CheckArguments>();
  arguments->config_file = default_config;
  app.add_option("-c,--config", arguments->config_file, "configuration file")->type_name("FILE")->capture_default_str();
  app.add_flag("--json", arguments->json, "print JSON");
  app.add_flag("--strict", arguments->strict, "fail for warnings, too");
  app.add_flag("--running", arguments->is_running, "a dragoman with this file runs already: do not try its ports");
  return [arguments] { return run_check(*arguments); };
}

Run declare_query(CLI::App& app) {
  auto arguments = std::make_shared<QueryArguments>();
  declare_words(app, arguments,
                "what to ask for; an address asks for its reverse name. URL is dns://, tcp://, tls:// or https://");
  declare_question_options(app, arguments);
  app.add_option("--ca", arguments->ca_file, "CA certificates for tls:// and https://, instead of the system's")
      ->type_name("FILE");
  CLI::Option* explain =
      app.add_flag("--explain", arguments->explain,
                   "ask the running dragoman, which also says why; URL is the listener that is asked");
  app.add_option("--client", arguments->client, "with --explain: as whom; ::1 if nobody is named")
      ->type_name("ADDRESS")
      ->needs(explain);
  app.add_option("--admin", arguments->admin_url, "with --explain: the admin listener")
      ->type_name("URL")
      ->needs(explain)
      ->capture_default_str();
  return [arguments, timeout = app.get_option("--timeout")] {
    // The server itself may wait longer for its upstreams than people do for a server.
    if (arguments->explain && timeout->empty()) arguments->timeout_s = 15;
    return run_query(*arguments);
  };
}

Run declare_health(CLI::App& app) {
  auto arguments = std::make_shared<HealthArguments>();
  app.add_flag("--ready", arguments->ready, "also: can it answer? (/readyz instead of /healthz)");
  app.add_option("--url", arguments->url, "the admin listener")->type_name("URL")->capture_default_str();
  return [arguments] { return run_health(*arguments); };
}

Run declare_version(CLI::App& app) {
  auto json = std::make_shared<bool>(false);
  app.add_flag("--json", *json, "print JSON");
  return [json] { return run_version(*json); };
}

Run declare_config_reference(CLI::App&) {
  return [] {
    std::cout << config::reference();
    return exit_ok;
  };
}

}  // namespace

const std::vector<Command>& commands() {
  static const std::vector<Command> table{
      {"serve", "Serve queries in the foreground; prints a line with `ready` when every listener answers",
       "SIGTERM lets queries on their way end and exits 0; SIGHUP reads the configuration again.\n\n"
       "Example:\n  dragoman serve --config config/development.yaml",
       &declare_serve},
      {"check", "Find what is wrong with a configuration before `serve` meets it",
       "Prints `file:line:column: key: what is wrong` and what would do. Looks at certificates, ports, limits and\n"
       "files, too, so run it as the user and on the host that will serve.\n\n"
       "Examples:\n  dragoman check --config dragoman.yaml\n"
       "  dragoman check --config dragoman.yaml --running && systemctl reload dragoman",
       &declare_check},
      {"query", "Ask a server one question, by plain DNS, DoT or DoH",
       "Examples:\n  dragoman query example.net\n"
       "  dragoman query example.net AAAA @dns://127.0.0.1:5300\n"
       "  dragoman query example.net AAAA @tls://127.0.0.1:8853#localhost --ca certs/ca.crt\n"
       "  dragoman query example.net HTTPS @https://localhost:8443/dns-query --ca certs/ca.crt --json\n"
       "  dragoman query --explain example.net AAAA --client 2001:db8::1",
       &declare_query},
      {"ctl", "Ask the running dragoman how it is, and why it answers as it does",
       "Examples:\n  dragoman ctl status\n  dragoman ctl explain v4only.example --client 2001:db8::1", &declare_ctl},
      {"health", "Ask a running dragoman how it is; exit 0 when well, 1 otherwise",
       "For container and load balancer probes.\n\nExample:\n  dragoman health --ready", &declare_health},
      {"nat64", "Look after the NAT64: who had an address and port",
       "Example:\n"
       "  dragoman nat64 who-had 198.51.100.1 1030 2026-11-27T22:31:00Z --log /var/log/dragoman/bindings.jsonl",
       &declare_nat64},
      {"version", "Print the version", "", &declare_version},
      {"config-reference", "Print docs/config-reference.md", "", &declare_config_reference, true},
  };
  return table;
}

}  // namespace dragoman::app
