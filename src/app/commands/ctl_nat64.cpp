// Each question is a subcommand with its options, and a page of the admin API.
#include "ctl_nat64.h"

#include <CLI/CLI.hpp>

#include "dragoman/admin/page.h"
#include "nat64_output.h"
#include "show_page.h"

namespace dragoman::app {
namespace {

struct Question {
  std::string subscriber, address;
  unsigned limit = 0;
  bool as_json = false;
  Run run;  // of the subcommand that was chosen
};

using Shared = std::shared_ptr<CtlArguments>;
using Asked = std::shared_ptr<Question>;

// A subcommand that shows what `page` makes of the question.
CLI::App* add(CLI::App& app, const char* name, const char* sentence, const Shared& shared, const Asked& asked,
              std::string (*page)(const Question&), PageToText to_text) {
  CLI::App* command = app.add_subcommand(name, sentence);
  command->fallthrough();
  command->add_flag("--json", asked->as_json, "print JSON, all of it");
  command->final_callback([=] {
    asked->run = [=] { return show_page(shared->admin_url, "/api/v1/nat64/" + page(*asked), asked->as_json, to_text); };
  });
  return command;
}

std::string limit_of(const Question& question) { return "limit=" + std::to_string(question.limit); }

std::string status_page(const Question&) { return "status"; }
std::string pool_page(const Question& question) { return "pool?" + limit_of(question); }
std::string sessions_page(const Question& question) {
  const std::string whose =
      question.subscriber.empty() ? "" : "&subscriber=" + admin::percent_encoded(question.subscriber);
  return "sessions?" + limit_of(question) + whose;
}
std::string subscriber_page(const Question& question) {
  return "subscriber?address=" + admin::percent_encoded(question.address);
}

}  // namespace

Run declare_nat64(CLI::App& app, const Shared& shared) {
  auto asked = std::make_shared<Question>();
  app.require_subcommand(1);
  add(app, "status", "Show state, sessions, pool, traffic and drops", shared, asked, &status_page,
      &nat64_status_as_text);
  CLI::App* sessions = add(app, "sessions", "Show sessions, of all subscribers or of one", shared, asked,
                           &sessions_page, &nat64_sessions_as_text);
  sessions->add_option("--subscriber", asked->subscriber, "of these hosts: an IPv6 prefix or address")
      ->type_name("PREFIX");
  sessions->add_option("--limit", asked->limit, "how many (default 100)")
      ->type_name("N")
      ->check(CLI::Range(1, 100'000));
  CLI::App* pool =
      add(app, "pool", "Show how full each address of the pool is", shared, asked, &pool_page, &nat64_pool_as_text);
  pool->add_option("--limit", asked->limit, "how many addresses (default 100)")
      ->type_name("N")
      ->check(CLI::Range(1, 65'536));
  CLI::App* subscriber = add(app, "subscriber", "Show what the subscriber of an IPv6 address holds", shared, asked,
                             &subscriber_page, &nat64_subscriber_as_text);
  subscriber->add_option("ADDRESS", asked->address, "any IPv6 address of the subscriber")->required();
  asked->limit = 100;
  return [asked] { return asked->run(); };
}

}  // namespace dragoman::app
