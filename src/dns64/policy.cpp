// Which policy a client gets, and the defaults that are not plain numbers. Pure; any thread.
#include "dragoman/dns64/policy.h"

#include "records.h"

namespace dragoman::dns64 {
namespace {

bool covers(const std::vector<std::string>& condition, std::string_view what) {
  return condition.empty() || std::find(condition.begin(), condition.end(), what) != condition.end();
}

bool matches(const Policy& policy, const Asker& asker) {
  return (policy.clients.empty() || is_in(policy.clients, asker.address)) && covers(policy.listeners, asker.listener) &&
         covers(policy.paths, asker.path) && covers(policy.tls_names, asker.tls_name);
}

}  // namespace

bool Policy::synthesizes() const {
  return std::any_of(mappings.begin(), mappings.end(),
                     [](const Mapping& mapping) { return !mapping.prefixes.empty(); });
}

// RFC 6147 5.1.4 names it "::ffff/96"; IPv4-mapped addresses (RFC 4291 2.5.5.2) are meant.
std::vector<ip::Prefix> default_exclude_aaaa() {
  constexpr ip::Ipv6Octets mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  return {{ip::Address(mapped), 96}};
}

const Policy* policy_for(const std::vector<Policy>& policies, const Asker& asker) {
  for (const Policy& policy : policies) {
    if (matches(policy, asker)) return &policy;
  }
  return nullptr;
}

}  // namespace dragoman::dns64
