// Reading resolv.conf; see system_resolvers.h.
#include "system_resolvers.h"

#include <ifaddrs.h>

#include <algorithm>
#include <fstream>
#include <sstream>

namespace dragoman::gateway {
namespace {

constexpr std::uint16_t dns_port = 53;

std::vector<ip::Address> addresses_of_interfaces() {
  std::vector<ip::Address> addresses;
  ifaddrs* first = nullptr;
  if (getifaddrs(&first) != 0) return addresses;
  for (const ifaddrs* at = first; at != nullptr; at = at->ifa_next) {
    if (at->ifa_addr != nullptr) addresses.push_back(ip::Endpoint::from_sockaddr(at->ifa_addr).address);
  }
  freeifaddrs(first);
  return addresses;
}

upstream::ServerOptions server_at(const ip::Address& address) {
  upstream::ServerOptions server;
  server.host = address.to_text();
  server.port = dns_port;
  server.url = address.is_v6() ? "dns://[" + server.host + "]" : "dns://" + server.host;
  return server;
}

}  // namespace

std::vector<ip::Address> name_servers_in(std::string_view resolv_conf) {
  std::vector<ip::Address> servers;
  std::istringstream lines{std::string(resolv_conf)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string keyword, text;
    if (!(words >> keyword >> text) || keyword != "nameserver") continue;
    const auto address = ip::Address::from_text(text);
    if (address && std::find(servers.begin(), servers.end(), *address) == servers.end()) servers.push_back(*address);
  }
  return servers;
}

bool is_own(const ip::Address& server, const std::vector<ip::Endpoint>& listeners,
            const std::vector<ip::Address>& local) {
  const bool is_here =
      server.is_loopback() || server.is_unspecified() || std::find(local.begin(), local.end(), server) != local.end();
  return std::any_of(listeners.begin(), listeners.end(), [&](const ip::Endpoint& listener) {
    if (listener.port != dns_port) return false;
    if (!listener.address.is_unspecified()) return listener.address == server;
    return is_here && (listener.address.is_v6() || !server.is_v6());  // [::] takes IPv4 too
  });
}

std::vector<upstream::ServerOptions> system_resolvers(const std::string& file,
                                                      const std::vector<ip::Endpoint>& own_listeners) {
  std::ostringstream text;
  if (std::ifstream in(file); in) text << in.rdbuf();
  const std::vector<ip::Address> local = addresses_of_interfaces();
  std::vector<upstream::ServerOptions> servers;
  for (const ip::Address& address : name_servers_in(text.str())) {
    if (!is_own(address, own_listeners, local)) servers.push_back(server_at(address));
  }
  return servers;
}

}  // namespace dragoman::gateway
