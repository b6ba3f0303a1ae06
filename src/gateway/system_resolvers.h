// The name servers that this host was told to use: resolv.conf(5).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dragoman/ip/address.h"
#include "dragoman/upstream/options.h"

namespace dragoman::gateway {

// The addresses of the `nameserver` lines, in their order. Those with a zone (fe80::1%eth0) are left out. Pure.
std::vector<ip::Address> name_servers_in(std::string_view resolv_conf);

// Whether a question to port 53 of `server` would come to one of these listeners; `local` are the addresses of this
// host, which a listener on a wildcard address takes too. Pure.
bool is_own(const ip::Address& server, const std::vector<ip::Endpoint>& listeners,
            const std::vector<ip::Address>& local);

// The servers of a file but for ourselves. Reads the file and the addresses of the interfaces.
std::vector<upstream::ServerOptions> system_resolvers(const std::string& file,
                                                      const std::vector<ip::Endpoint>& own_listeners);

}  // namespace dragoman::gateway
