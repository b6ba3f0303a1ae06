// How clients that know us by plain DNS find our encrypted listeners (DDR, RFC 9462).
#pragma once

#include <vector>

#include "dragoman/config/config.h"
#include "dragoman/resolve/local_data.h"

namespace dragoman::app {

// The SVCB records of _dns.resolver.arpa (RFC 9462 4) and of _dns.SERVER_NAME (RFC 9461 3, RFC 9462 5): one for each
// port and path of DoH, then one for each port of DoT, their target tls.server_name. None without a name or such a
// listener: then the question is answered NODATA, which says that there is no designated resolver (RFC 9462 4).
std::vector<resolve::LocalRecord> designations(const config::Config& config);

}  // namespace dragoman::app
