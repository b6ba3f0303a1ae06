// Metrics of the process itself: the process_* names that every Prometheus client library gives (CPU, memory,
// descriptors, start), the build, and the state of the configuration.
#pragma once

#include <cstdint>
#include <string>

#include "dragoman/base/guarded.h"
#include "dragoman/telemetry/exposition.h"

namespace dragoman::telemetry {

// process_* from /proc/self and dragoman_build_info.
void add_process_metrics(Catalogue& catalogue, const std::string& version);

// What became of the last reload. Any thread; must outlive the catalogue it is added to.
class ConfigStatus {
 public:
  // `hash` identifies the content, so that drift between the machines of a cluster shows.
  void applied(std::string hash, std::int64_t unix_seconds);
  // The new file was refused; the old configuration stays in force, and so does its hash.
  void refused();

  template <class Visitor>
  void describe(Visitor& visit) const {
    const State state = state_.with([](const State& current) { return current; });
    visit.with("hash", state.hash).gauge(1, "dragoman_config_info", "The configuration in force.");
    visit.gauge(state.successful, "dragoman_config_last_reload_successful",
                "1 when the last attempt to load the configuration was successful.");
    visit.gauge(static_cast<double>(state.applied_at), "dragoman_config_last_reload_timestamp_seconds",
                "When the configuration in force was loaded.");
  }

 private:
  struct State {
    std::string hash;
    std::int64_t applied_at = 0;
    bool successful = false;
  };
  Guarded<State> state_;
};

}  // namespace dragoman::telemetry
