// Any text as a configuration: it is loaded or refused, every refusal says where, why and what would do, and what was
// loaded can be shown and is equal to itself.
#include <string>

#include "dragoman/config/config.h"
#include "dragoman/config/reference.h"
#include "fuzz/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using dragoman::fuzz::check;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const dragoman::config::Loaded loaded = dragoman::config::load_text(text, "fuzz.yaml");
  check((loaded.config == nullptr) != loaded.problems.empty(), "a configuration or problems, never both or neither");
  for (const dragoman::config::Problem& problem : loaded.problems) {
    check(problem.line > 0 && problem.column > 0, "a problem has a place");
    check(!problem.text.empty() && !problem.fix.empty(), "a problem has a text and a fix");
  }
  if (loaded.config) check(differences(*loaded.config, *loaded.config).empty(), "a configuration equals itself");
  return 0;
}
