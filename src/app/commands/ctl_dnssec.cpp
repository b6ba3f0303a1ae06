// Each question or order is a subcommand with its options, and a page of the admin API.
#include "ctl_dnssec.h"

#include <CLI/CLI.hpp>
#include <map>

#include "dnssec_output.h"
#include "dragoman/admin/page.h"
#include "dragoman/trust/anchors.h"

namespace dragoman::app {
namespace {

struct Question : CtlChoice {
  std::string name, type = "AAAA";
  unsigned time_s = static_cast<unsigned>(trust::usual_negative_time.count());
};

using Shared = std::shared_ptr<CtlArguments>;
using Asked = std::shared_ptr<Question>;

// What a subcommand asks for, and how people read what that says.
struct Kind {
  AdminRequest (*request)(const Question&);
  PageToText to_text;
};

AdminRequest anchors_page(const Question&) { return "/api/v1/dnssec/anchors"; }
AdminRequest negative_page(const Question&) { return "/api/v1/dnssec/negative"; }
AdminRequest explain_page(const Question& question) {
  return "/api/v1/explain?name=" + admin::percent_encoded(question.name) +
         "&type=" + admin::percent_encoded(question.type) + "&do=1";
}
AdminRequest add_page(const Question& question) {
  const std::string what = "?name=" + admin::percent_encoded(question.name);
  return {"/api/v1/dnssec/negative/add" + what + "&seconds=" + std::to_string(question.time_s), admin::Method::post};
}
AdminRequest remove_page(const Question& question) {
  return {"/api/v1/dnssec/negative/remove?name=" + admin::percent_encoded(question.name), admin::Method::post};
}

void show(CLI::App& command, const Kind& kind, const Shared& shared, const Asked& asked) {
  show_when_chosen(
      command, shared, *asked, [request = kind.request, question = asked.get()] { return request(*question); },
      kind.to_text);
}

void declare_nta(CLI::App& app, const Shared& shared, const Asked& asked) {
  CLI::App* nta =
      app.add_subcommand("nta", "Show the names that are not validated for now (RFC 7646), add and remove them");
  nta->require_subcommand(0, 1);
  show(*nta, {&negative_page, &negative_anchors_as_text}, shared, asked);

  CLI::App* add = nta->add_subcommand("add", "Leave a name unvalidated for a while, with all below");
  add->add_option("NAME", asked->name, "whose signatures are broken; not for names whose answers may be forged")
      ->required();
  add->add_option("--for", asked->time_s, "for how long, at most 7d (default 1h); a restart ends it, too")
      ->type_name("TIME")
      ->transform(
          CLI::AsNumberWithUnit(std::map<std::string, unsigned>{{"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}}))
      ->check(CLI::Range(1, static_cast<int>(trust::longest_negative_time.count())));
  show(*add, {&add_page, &negative_anchors_as_text}, shared, asked);

  CLI::App* remove = nta->add_subcommand("remove", "Validate a name again that was added here");
  remove->add_option("NAME", asked->name, "as it was added")->required();
  show(*remove, {&remove_page, &negative_anchors_as_text}, shared, asked);
}

}  // namespace

Run declare_dnssec(CLI::App& app, const Shared& shared) {
  auto asked = std::make_shared<Question>();
  app.require_subcommand(1);
  show(*app.add_subcommand("anchors", "Show where validation begins, and what becomes of those keys"),
       {&anchors_page, &anchors_as_text}, shared, asked);
  declare_nta(app, shared, asked);
  CLI::App* explain = app.add_subcommand("explain", "Show how a name is validated, step by step");
  explain->add_option("NAME", asked->name, "what to ask for")->required();
  explain->add_option("TYPE", asked->type, "of which type")->capture_default_str();
  show(*explain, {&explain_page, &validation_as_text}, shared, asked);
  return [asked] { return asked->run(); };
}

}  // namespace dragoman::app
