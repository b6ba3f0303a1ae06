// The lists of the section `nat64` whose entries are sections: nat64_lists.cpp reads them, nat64_keys.cpp has the rest.
#pragma once

#include "dragoman/nat64/options.h"
#include "values.h"

namespace dragoman::config {

Value<nat64::Options> pool4_value();
Value<nat64::Options> static_bindings_value();

// "198.51.100.0/28", "198.51.100.1-198.51.100.9" or "198.51.100.1", whichever is shortest.
std::string addresses_to_text(const ip::Ipv4Octets& first, const ip::Ipv4Octets& last);

}  // namespace dragoman::config
