// Which IPv4 addresses are embedded, and in what (RFC 6147 5.1.7, RFC 6052 3.1). Pure; any thread.
#include <algorithm>

#include "dragoman/dns64/synthesis.h"
#include "records.h"

namespace dragoman::dns64 {

const Mapping* mapping_for(const Policy& policy, const ip::Ipv4Octets& address) {
  if (!policy.exclude_a.empty() && is_in(policy.exclude_a, ip::Address(address))) return nullptr;
  for (const Mapping& mapping : policy.mappings) {
    if (mapping.ipv4.empty() || is_in(mapping.ipv4, ip::Address(address))) return &mapping;
  }
  return nullptr;
}

bool may_embed(const Policy& policy, const ip::Pref64& prefix, const ip::Ipv4Octets& address) {
  return !prefix.is_well_known() || ip::well_known_prefix_may_hold(address, policy.well_known_prefix);
}

bool is_mappable(const Policy& policy, const ip::Ipv4Octets& address) {
  const Mapping* mapping = mapping_for(policy, address);
  return mapping != nullptr &&
         std::any_of(mapping->prefixes.begin(), mapping->prefixes.end(),
                     [&](const ip::Pref64& prefix) { return may_embed(policy, prefix, address); });
}

}  // namespace dragoman::dns64
