// Each question is a subcommand with its options, and a page of the admin API.
#include "ctl_nat64.h"

#include <CLI/CLI.hpp>

#include "dragoman/admin/page.h"
#include "nat64_output.h"

namespace dragoman::app {
namespace {

struct Question : CtlChoice {
  std::string subscriber, address;
  unsigned limit = 0;
};

using Shared = std::shared_ptr<CtlArguments>;
using Asked = std::shared_ptr<Question>;

// A subcommand: the page that it asks for, and how people read what that says.
struct Kind {
  const char* name;
  const char* sentence;
  std::string (*page)(const Question&);
  PageToText to_text;
};

CLI::App* add(CLI::App& app, const Kind& kind, const Shared& shared, const Asked& asked) {
  CLI::App* command = app.add_subcommand(kind.name, kind.sentence);
  const auto request = [page = kind.page, question = asked.get()] {
    return AdminRequest("/api/v1/nat64/" + page(*question));
  };
  show_when_chosen(*command, shared, *asked, request, kind.to_text);
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
  asked->limit = 100;
  app.require_subcommand(1);
  add(app, {"status", "Show state, sessions, pool, traffic and drops", &status_page, &nat64_status_as_text}, shared,
      asked);
  const Kind sessions{"sessions", "Show sessions, of all subscribers or of one", &sessions_page,
                      &nat64_sessions_as_text};
  CLI::App* command = add(app, sessions, shared, asked);
  command->add_option("--subscriber", asked->subscriber, "of these hosts: an IPv6 prefix or address")
      ->type_name("PREFIX");
  command->add_option("--limit", asked->limit, "how many (default 100)")->type_name("N")->check(CLI::Range(1, 100'000));
  const Kind pool{"pool", "Show how full each address of the pool is", &pool_page, &nat64_pool_as_text};
  add(app, pool, shared, asked)
      ->add_option("--limit", asked->limit, "how many addresses (default 100)")
      ->type_name("N")
      ->check(CLI::Range(1, 65'536));
  const Kind subscriber{"subscriber", "Show what the subscriber of an IPv6 address holds", &subscriber_page,
                        &nat64_subscriber_as_text};
  add(app, subscriber, shared, asked)
      ->add_option("ADDRESS", asked->address, "any IPv6 address of the subscriber")
      ->required();
  return [asked] { return asked->run(); };
}

}  // namespace dragoman::app
