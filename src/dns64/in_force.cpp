// From the prefixes that are configured to those that are in use: what discovery found comes in, what does not work
// goes out. Pure; any thread.
#include <algorithm>

#include "dragoman/dns64/policy.h"

namespace dragoman::dns64 {
namespace {

using Prefixes = std::vector<ip::Pref64>;

// A suffix makes no other prefix: packets take the same way.
bool is_same(const ip::Pref64& a, const ip::Pref64& b) { return a.prefix() == b.prefix(); }

bool has(const Prefixes& prefixes, const ip::Pref64& wanted) {
  return std::any_of(prefixes.begin(), prefixes.end(), [&](const ip::Pref64& known) { return is_same(known, wanted); });
}

void add_missing(Prefixes& prefixes, const Prefixes& more) {
  for (const ip::Pref64& prefix : more) {
    if (!has(prefixes, prefix)) prefixes.push_back(prefix);
  }
}

void drop_failed(Prefixes& prefixes, const Prefixes& failed) {
  const bool any_works =
      std::any_of(prefixes.begin(), prefixes.end(), [&](const ip::Pref64& prefix) { return !has(failed, prefix); });
  if (any_works) {
    std::erase_if(prefixes, [&](const ip::Pref64& prefix) { return has(failed, prefix); });
    return;
  }
  const auto last = std::find_if(failed.rbegin(), failed.rend(), [&](const ip::Pref64& f) { return has(prefixes, f); });
  if (last != failed.rend()) std::erase_if(prefixes, [&](const ip::Pref64& prefix) { return !is_same(prefix, *last); });
}

bool uses_any(const Policy& policy, const Prefixes& prefixes) {
  return std::any_of(policy.mappings.begin(), policy.mappings.end(), [&](const Mapping& mapping) {
    return std::any_of(mapping.prefixes.begin(), mapping.prefixes.end(),
                       [&](const ip::Pref64& prefix) { return has(prefixes, prefix); });
  });
}

}  // namespace

Options in_force(const Options& configured, const PrefixFindings& findings) {
  Options options = configured;
  Prefixes site;
  for (Policy& policy : options.policies) {
    for (Mapping& mapping : policy.mappings) {
      if (mapping.discovered) add_missing(mapping.prefixes, findings.discovered);
      for (const ip::Pref64& prefix : mapping.prefixes) {
        // With its suffix: reverse names are those of whole addresses.
        if (std::find(site.begin(), site.end(), prefix) == site.end()) site.push_back(prefix);
      }
      drop_failed(mapping.prefixes, findings.failed);
    }
    if (uses_any(policy, findings.strained)) policy.max_ttl = std::min(policy.max_ttl, findings.strained_max_ttl);
  }
  for (Policy& policy : options.policies) policy.reverse_prefixes = site;
  return options;
}

}  // namespace dragoman::dns64
