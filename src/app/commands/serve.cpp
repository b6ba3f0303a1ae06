// Starts the supervisor with what the command line says on top of the file.
#include "serve.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <cstdio>

#include "../supervisor.h"
#include "dragoman/base/log.h"
#include "dragoman/config/config.h"

namespace dragoman::app {
namespace {

// Every connection is a descriptor; the soft limit of 1024 is a relic of select(2).
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

// Huge pages would make the cache's rings resident long before they fill.
void use_ordinary_pages() { prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0); }

void tell(const config::Problem& problem) {
  std::fprintf(stderr, "%s\n", problem.to_text().c_str());
  if (!problem.fix.empty()) std::fprintf(stderr, "    %s\n", problem.fix.c_str());
}

}  // namespace

int run_serve(const ServeArguments& arguments) {
  const config::Loaded loaded = config::load_file(arguments.config_file);
  for (const config::Problem& problem : loaded.problems) tell(problem);
  if (!loaded.config) return 2;
  log::configure(loaded.config->logging);
  for (const config::Problem& warning : loaded.warnings) log::warn("config_warning", warning.to_text());
  raise_descriptor_limit();
  use_ordinary_pages();

  Supervisor supervisor(loaded.config, arguments.workers);
  if (auto started = supervisor.start(); !started) {
    log::error("start_failed", started.error().text());
    return 1;
  }
  supervisor.run();
  log::info("stopped", "all workers have ended");
  return 0;
}

}  // namespace dragoman::app
