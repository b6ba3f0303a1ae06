// From options to options; see prefixes.h.
#include "prefixes.h"

#include <algorithm>

namespace dragoman::app {
namespace {

bool discovers(const dns64::Policy& policy) {
  return std::any_of(policy.mappings.begin(), policy.mappings.end(),
                     [](const dns64::Mapping& mapping) { return mapping.discovered; });
}

}  // namespace

gateway::Options gateway_options(const config::Config& config) {
  gateway::Options options;
  for (const dns64::Policy& policy : config.dns64.policies) options.discover = options.discover || discovers(policy);
  options.discovery = config.discovery;
  options.probing = config.probing;
  for (const dns64::PrefixOptions& prefix : config.dns64.prefixes) {
    if (prefix.probe.empty()) continue;
    if (auto target = gateway::ProbeTarget::from_url(prefix.probe)) options.probed.push_back({prefix.prefix, *target});
  }
  for (const serve::ListenOptions& listen : config.listen) {
    if (listen.scheme == serve::Scheme::dns) options.own_listeners.push_back(listen.endpoint);
  }
  if (config.nat64) options.own = config.nat64->nat64.prefixes;
  options.upstream = config.upstream;
  return options;
}

}  // namespace dragoman::app
