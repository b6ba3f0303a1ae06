// URLs of probe targets. Pure; any thread.
#include "dragoman/gateway/options.h"

namespace dragoman::gateway {
namespace {

constexpr std::uint16_t dns_port = 53;

Error bad_target(const char* what, std::string_view url, const char* example) {
  return {ErrorCode::invalid_argument, what, std::string(url) + " (for example " + example + ")"};
}

}  // namespace

Result<ProbeTarget> ProbeTarget::from_url(std::string_view url) {
  constexpr std::string_view tcp_scheme = "tcp://", dns_scheme = "dns://";
  constexpr const char *tcp_example = "tcp://198.51.100.1:443", *dns_example = "dns://192.0.2.53";
  const bool is_dns = url.starts_with(dns_scheme);
  if (!is_dns && !url.starts_with(tcp_scheme)) {
    return bad_target("a probe is written as tcp://ADDRESS:PORT or dns://ADDRESS", url, tcp_example);
  }
  const char* example = is_dns ? dns_example : tcp_example;
  const std::string_view authority = url.substr(is_dns ? dns_scheme.size() : tcp_scheme.size());
  Result<ip::Endpoint> endpoint = ip::Endpoint::from_text(authority);
  if (const auto alone = ip::Address::from_text(authority)) {
    if (!is_dns) return bad_target("a tcp probe needs a port", url, example);
    endpoint = ip::Endpoint{*alone, dns_port};
  }
  if (!endpoint) return bad_target("a probe goes to an IPv4 address, not to a name", url, example);
  if (endpoint->address.is_v6()) {
    return bad_target("a probe goes to an IPv4 address: it is embedded in the prefix", url, example);
  }
  if (endpoint->port == 0) return bad_target("the port must be a number from 1 to 65535", url, example);
  return ProbeTarget{is_dns ? Kind::dns : Kind::tcp, endpoint->address.v4(), endpoint->port, std::string(url)};
}

}  // namespace dragoman::gateway
