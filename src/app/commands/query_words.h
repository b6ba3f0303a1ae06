// The words and options of a question on the command line, shared by `query` and `ctl explain`.
#pragma once

#include <memory>

#include "query.h"

namespace CLI {
class App;
}

namespace dragoman::app {

// NAME, TYPE and @URL in any order, as people know it from dig; `what` says what @URL is.
void declare_words(CLI::App& app, const std::shared_ptr<QueryArguments>& arguments, const char* what);
// --json, --dnssec, --cd, --timeout.
void declare_question_options(CLI::App& app, const std::shared_ptr<QueryArguments>& arguments);

}  // namespace dragoman::app
