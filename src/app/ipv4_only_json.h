// The list of what still needs IPv4 as the admin API gives it. The keys are stable; docs/explain.md has them.
#pragma once

#include <string>

#include "dragoman/nat64/name_traffic.h"
#include "dragoman/resolve/ipv4_only.h"

namespace dragoman::app {

// What comes first in the list of domains.
enum class DomainOrder : unsigned char { answers, octets };

// At most `rows` of each. `traffic` is what the NAT64 carried for the domains; those that it alone knows are listed,
// too.
std::string ipv4_only_as_json(resolve::Ipv4OnlyReport report, const nat64::NameTrafficReport& traffic,
                              DomainOrder order, std::size_t rows);

}  // namespace dragoman::app
