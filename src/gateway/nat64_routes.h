// Which routes lead to the NAT64's device: its prefixes, its pool, and the outside addresses of static bindings. Pure.
#pragma once

#include <vector>

#include "dragoman/ip/address.h"
#include "dragoman/nat64/options.h"

namespace dragoman::gateway {

// The fewest prefixes that hold exactly the addresses from `first` to `last`.
std::vector<ip::Prefix> prefixes_between(const ip::Ipv4Octets& first, const ip::Ipv4Octets& last);

// Each destination once.
std::vector<ip::Prefix> nat64_routes(const nat64::Options& options);

}  // namespace dragoman::gateway
