// Which policy a client gets, and the defaults that are not plain numbers. Pure; any thread.
#include "dragoman/dns64/policy.h"

#include "records.h"

namespace dragoman::dns64 {
namespace {

bool covers(const Policy& policy, const ip::Address& client) {
  return policy.clients.empty() || is_in(policy.clients, client);
}

}  // namespace

// RFC 6147 5.1.4 names it "::ffff/96"; IPv4-mapped addresses (RFC 4291 2.5.5.2) are meant.
std::vector<ip::Prefix> default_exclude_aaaa() {
  constexpr ip::Ipv6Octets mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  return {{ip::Address(mapped), 96}};
}

const Policy* matching_policy(const std::vector<Policy>& policies, const ip::Address& client) {
  for (const Policy& policy : policies) {
    if (covers(policy, client)) return &policy;
  }
  return nullptr;
}

const Policy* policy_for(const std::vector<Policy>& policies, const ip::Address& client) {
  const Policy* policy = matching_policy(policies, client);
  return policy == nullptr || policy->prefixes.empty() ? nullptr : policy;
}

}  // namespace dragoman::dns64
