// Loads the file, looks at the host, prints what was found.
#include "check.h"

#include <algorithm>
#include <iostream>

#include "../cli.h"
#include "inspection.h"
#include "json_text.h"

namespace dragoman::app {
namespace {

const char* to_text(Severity severity) {
  switch (severity) {
    case Severity::warning:
      return "warning";
    case Severity::note:
      return "note";
    case Severity::error:
      break;
  }
  return "error";
}

std::vector<Finding> find_all(const CheckArguments& arguments) {
  std::vector<Finding> out;
  config::Loaded loaded = config::load_file(arguments.config_file);
  for (config::Problem& problem : loaded.problems) out.push_back({Severity::error, std::move(problem)});
  for (config::Problem& problem : loaded.warnings) out.push_back({Severity::warning, std::move(problem)});
  if (loaded.config == nullptr) return out;  // there are no values to look at the host with
  for (Finding& finding : inspect(*loaded.config, loaded.places, !arguments.is_running))
    out.push_back(std::move(finding));
  return out;
}

std::size_t count(const std::vector<Finding>& findings, Severity severity) {
  return static_cast<std::size_t>(std::count_if(findings.begin(), findings.end(),
                                                [&](const Finding& finding) { return finding.severity == severity; }));
}

std::string counted(std::size_t number, const char* what) {
  return std::to_string(number) + " " + what + (number == 1 ? "" : "s");
}

// One line in the form that editors jump to, and one with the fix.
void print_for_people(const std::string& file, const std::vector<Finding>& findings) {
  std::size_t number = 0;
  for (const Finding& finding : findings) {
    config::Problem problem = finding.problem;
    if (finding.severity != Severity::error)
      problem.text = std::string(to_text(finding.severity)) + ": " + problem.text;
    std::cout << problem.to_text() << "\n    " << ++number << ". fix: " << problem.fix << "\n";
  }
  std::size_t errors = count(findings, Severity::error);
  std::size_t warnings = count(findings, Severity::warning);
  std::cout << file << ": ";
  if (errors == 0) std::cout << "can be served" << (warnings == 0 ? "\n" : ", ");
  if (errors > 0) std::cout << counted(errors, "error") << (warnings == 0 ? "\n" : ", ");
  if (warnings > 0) std::cout << counted(warnings, "warning") << "\n";
}

void print_json(const std::string& file, const std::vector<Finding>& findings) {
  std::cout << "{\"file\":" << json_text(file) << ",\"errors\":" << count(findings, Severity::error)
            << ",\"warnings\":" << count(findings, Severity::warning) << ",\"findings\":[";
  for (std::size_t i = 0; i < findings.size(); ++i) {
    const config::Problem& problem = findings[i].problem;
    std::cout << (i == 0 ? "" : ",") << "{\"number\":" << i + 1 << ",\"severity\":\"" << to_text(findings[i].severity)
              << "\",\"file\":" << json_text(problem.file) << ",\"line\":" << problem.line
              << ",\"column\":" << problem.column << ",\"key\":" << json_text(problem.key)
              << ",\"text\":" << json_text(problem.text) << ",\"fix\":" << json_text(problem.fix) << "}";
  }
  std::cout << "]}\n";
}

}  // namespace

int run_check(const CheckArguments& arguments) {
  std::vector<Finding> findings = find_all(arguments);
  if (arguments.json) {
    print_json(arguments.config_file, findings);
  } else {
    print_for_people(arguments.config_file, findings);
  }
  bool is_wrong = count(findings, Severity::error) > 0 || (arguments.strict && count(findings, Severity::warning) > 0);
  return is_wrong ? exit_usage : exit_ok;
}

}  // namespace dragoman::app
