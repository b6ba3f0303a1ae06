// Runs of IPv4 addresses that need not be a prefix. Pure; any thread.
#pragma once

#include <string>

#include "dragoman/ip/address.h"

namespace dragoman::ip {

// "198.51.100.1", "198.51.100.0/28" or "198.51.100.1-198.51.100.9": the first of these forms that fits.
std::string range_to_text(const Ipv4Octets& first, const Ipv4Octets& last);

}  // namespace dragoman::ip
