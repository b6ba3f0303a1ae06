// Words are told apart by what they look like: an @ for the URL, the first of the others is the name.
#include "query_words.h"

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace dragoman::app {
namespace {

void take_words(const std::vector<std::string>& words, QueryArguments& arguments) {
  std::vector<std::string*> wanted{&arguments.type, &arguments.name};
  for (const std::string& word : words) {
    if (word.starts_with('@')) {
      arguments.server_url = word.substr(1);
    } else if (!wanted.empty()) {
      *wanted.back() = word;
      wanted.pop_back();
    } else {
      throw CLI::ValidationError("`" + word + "` is one word too many: NAME [TYPE] [@URL]");
    }
  }
  if (arguments.name.empty()) throw CLI::ValidationError("which NAME? As in `dragoman query example.net AAAA`");
}

}  // namespace

void declare_words(CLI::App& app, const std::shared_ptr<QueryArguments>& arguments, const char* what) {
  app.add_option_function<std::vector<std::string>>(
         "NAME", [arguments](const std::vector<std::string>& words) { take_words(words, *arguments); }, what)
      ->required()
      ->type_name("[TYPE] [@URL]");
}

void declare_question_options(CLI::App& app, const std::shared_ptr<QueryArguments>& arguments) {
  app.add_flag("--json", arguments->json, "print JSON");
  app.add_flag("--dnssec", arguments->dnssec_ok, "ask for signatures (DO)");
  app.add_flag("--cd", arguments->checking_disabled, "ask for no validation (CD)");
  app.add_option("--timeout", arguments->timeout_s, "give up after this long")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.01, 3600.0))
      ->capture_default_str();
}

}  // namespace dragoman::app
