// The table of what `ctl` can do.
#include "ctl.h"

#include <CLI/CLI.hpp>

#include "ctl_dnssec.h"
#include "ctl_nat64.h"
#include "explain.h"
#include "explain_output.h"
#include "query_words.h"
#include "top_output.h"

namespace dragoman::app {
namespace {

template <PageToText to_text>
Run declare_status(CLI::App& app, const std::shared_ptr<CtlArguments>& shared) {
  auto as_json = std::make_shared<bool>(false);
  app.add_flag("--json", *as_json, "print JSON, all of it");
  return [shared, as_json] { return show_page(shared->admin_url, "/api/v1/status", *as_json, to_text); };
}

Run declare_top(CLI::App& app, const std::shared_ptr<CtlArguments>& shared) {
  auto what = std::make_shared<std::string>();
  auto rows = std::make_shared<unsigned>(20);
  auto by = std::make_shared<std::string>("answers");
  auto as_json = std::make_shared<bool>(false);
  app.add_option("WHAT", *what, "ipv4-only: what still needs IPv4")->required()->check(CLI::IsMember({"ipv4-only"}));
  app.add_option("--rows", *rows, "how many of each")->check(CLI::Range(1, 100'000))->capture_default_str();
  app.add_option("--by", *by, "what comes first among domains: most answers, or most octets through the NAT64")
      ->check(CLI::IsMember({"answers", "octets"}))
      ->capture_default_str();
  app.add_flag("--json", *as_json, "print JSON, all of it");
  return [shared, what, rows, by, as_json] {
    const std::string page = "/api/v1/top/" + *what + "?rows=" + std::to_string(*rows) + "&by=" + *by;
    return show_page(shared->admin_url, page, *as_json, &ipv4_only_as_text);
  };
}

Run declare_explain(CLI::App& app, const std::shared_ptr<CtlArguments>& shared) {
  auto arguments = std::make_shared<QueryArguments>();
  arguments->timeout_s = 15;
  declare_words(app, arguments, "what to ask for; URL is the listener that is asked, as the configuration writes it");
  declare_question_options(app, arguments);
  app.add_option("--client", arguments->client, "as whom; ::1 if nobody is named")->type_name("ADDRESS");
  return [arguments, shared] {
    arguments->admin_url = shared->admin_url;
    return run_explain(*arguments);
  };
}

}  // namespace

const std::vector<CtlCommand>& ctl_commands() {
  static const std::vector<CtlCommand> table{
      {"dnssec", "Show the trust anchors, leave names unvalidated for a while, explain what validation came to",
       "Examples:\n  dragoman ctl dnssec anchors\n  dragoman ctl dnssec nta add broken.example --for 2h\n"
       "  dragoman ctl dnssec nta remove broken.example\n  dragoman ctl dnssec explain broken.example AAAA",
       &declare_dnssec},
      {"explain", "Say what a client is answered, and why",
       "Examples:\n  dragoman ctl explain v4only.example\n"
       "  dragoman ctl explain v4only.example AAAA @https://[::]:443/dns-query --client 2001:db8::1",
       &declare_explain},
      {"nat64", "Show how the NAT64 is, its sessions, its pool, and what a subscriber holds",
       "Examples:\n  dragoman ctl nat64 status\n  dragoman ctl nat64 sessions --subscriber 2001:db8:1:2::/64\n"
       "  dragoman ctl nat64 subscriber 2001:db8:1:2::3",
       &declare_nat64},
      {"status", "Show version, readiness and upstream servers", "", &declare_status<&status_as_text>},
      {"top", "Show the domains and names that were synthesized most, and those that got AAAA records since",
       "Counts are of answers since the start, by the policy of the client; sessions and octets are of the NAT64.\n\n"
       "Examples:\n  dragoman ctl top ipv4-only --rows 50\n  dragoman ctl top ipv4-only --by octets",
       &declare_top},
      {"upstreams", "Show the upstream servers", "", &declare_status<&upstreams_as_text>},
  };
  return table;
}

void show_when_chosen(CLI::App& command, const std::shared_ptr<CtlArguments>& shared, CtlChoice& choice,
                      std::function<AdminRequest()> request, PageToText to_text) {
  command.fallthrough();
  command.add_flag("--json", choice.as_json, "print JSON, all of it");
  command.final_callback([&command, &choice, shared, request = std::move(request), to_text] {
    if (!command.get_subcommands().empty()) return;
    choice.run = [&choice, shared, request, to_text] {
      return show_page(shared->admin_url, request(), choice.as_json, to_text);
    };
  });
}

Run declare_ctl(CLI::App& app) {
  auto shared = std::make_shared<CtlArguments>();
  auto run = std::make_shared<Run>();
  app.add_option("--admin", shared->admin_url, "the admin listener")->type_name("URL")->capture_default_str();
  app.require_subcommand(1);
  for (const CtlCommand& command : ctl_commands()) {
    CLI::App* subcommand = app.add_subcommand(command.name, command.sentence);
    subcommand->footer(command.examples);
    subcommand->fallthrough();  // --admin may stand behind it, too
    subcommand->final_callback([run, chosen = command.declare(*subcommand, shared)] { *run = chosen; });
  }
  return [run] { return (*run)(); };
}

}  // namespace dragoman::app
