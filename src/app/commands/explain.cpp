// From the command line to /api/v1/explain, and what it says to the terminal.
#include "explain.h"

#include <iostream>

#include "../cli.h"
#include "admin_client.h"
#include "dragoman/admin/page.h"
#include "explain_output.h"

namespace dragoman::app {
namespace {

// tls://ADDRESS#NAME and https://ADDRESS/PATH#NAME: the name that a client would send is no part of the listener.
std::string target_of(const QueryArguments& arguments) {
  std::string target = "/api/v1/explain?name=" + admin::percent_encoded(name_to_ask(arguments));
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) target += std::string("&") + name + "=" + admin::percent_encoded(value);
  };
  const std::size_t mark = arguments.server_url.find('#');
  add("type", type_to_ask(arguments, "AAAA"));
  add("client", arguments.client);
  add("listener", arguments.server_url.substr(0, mark));
  if (mark != std::string::npos) add("tls_name", arguments.server_url.substr(mark + 1));
  if (arguments.dnssec_ok) add("do", "1");
  if (arguments.checking_disabled) add("cd", "1");
  return target;
}

}  // namespace

int run_explain(const QueryArguments& arguments) {
  std::string body;
  const auto timeout = milliseconds(static_cast<long>(arguments.timeout_s * 1000));
  const int code = admin_ask("explain", arguments.admin_url, target_of(arguments), timeout, body);
  if (code != exit_ok) return code;
  const std::optional<ExplanationText> text = explanation_as_text(body);
  if (!text) {
    std::cerr << "dragoman explain: what " << arguments.admin_url << " says cannot be read: another version?\n";
    return exit_failed;
  }
  std::cout << (arguments.json ? body : text->text);
  return text->has_records ? exit_ok : exit_failed;
}

}  // namespace dragoman::app
