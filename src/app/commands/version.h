// `dragoman version`: what this is.
#pragma once

#include <string>

namespace dragoman::app {

std::string compiler();      // "GCC 12.2.0"
std::string version_line();  // "dragoman 0.1.0"

// Exit code of cli.h.
int run_version(bool json);

}  // namespace dragoman::app
