// `dragoman query --explain` and `dragoman ctl explain`: asks the running server why it answers as it does.
#pragma once

#include <string>

#include "dragoman/base/time.h"
#include "query.h"

namespace dragoman::app {

// Exit code of cli.h: ok when there are records, failed when there are none and when nobody answers.
int run_explain(const QueryArguments& arguments);

}  // namespace dragoman::app
