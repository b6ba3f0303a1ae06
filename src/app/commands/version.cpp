// Version and compiler, for people and for scripts.
#include "version.h"

#include <iostream>

#include "../cli.h"
#include "../version.h"
#include "json_text.h"

namespace dragoman::app {

std::string compiler() {
#ifdef __clang__
  return std::string("Clang ") + __clang_version__;
#else
  return std::string("GCC ") + __VERSION__;
#endif
}

std::string version_line() { return std::string("dragoman ") + version; }

int run_version(bool json) {
  if (json) {
    std::cout << "{\"name\":\"dragoman\",\"version\":" << json_text(version)
              << ",\"compiler\":" << json_text(compiler()) << "}\n";
  } else {
    std::cout << version_line() << " (" << compiler() << ")\n";
  }
  return exit_ok;
}

}  // namespace dragoman::app
