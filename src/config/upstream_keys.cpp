// upstream: the rows of the resolvers that are asked. Options without a row are for tests, which cannot wait that long.
#include "values.h"

namespace dragoman::config {
namespace {

using namespace std::chrono_literals;
using upstream::Options;
using upstream::ServerOptions;

constexpr std::uint16_t dns_port = 53;

const ElementText<ServerOptions> server_element{
    "list of URLs", &ServerOptions::from_url, [](const ServerOptions& server) { return server.url; },
    "write dns://192.0.2.1, tls://192.0.2.1#dns.example.net or https://dns.example.net/dns-query"};

const ElementText<ip::Endpoint> bootstrap_element{
    "list of addresses", [](std::string_view text) { return endpoint_from_text(text, dns_port); },
    [](const ip::Endpoint& endpoint) { return endpoint.to_text(); },
    "write 192.0.2.1, \"2001:db8::1\" or 192.0.2.1:5353"};

}  // namespace

Keys<Options> upstream_keys() {
  return {
      {"servers", list(&Options::servers, server_element), Reload::live,
       "The resolvers to ask: dns://ADDRESS (UDP, TCP when truncated), udp://, tcp://, tls://ADDRESS#NAME, "
       "https://NAME/PATH. `upstream: [...]` is the short form."},
      {"bootstrap", list(&Options::bootstrap, bootstrap_element), Reload::live,
       "Who resolves names in the URLs of servers; empty: the system's resolver."},
      {"ca_file", path(&Options::ca_file), Reload::live,
       "PEM file of the CAs that tls:// and https:// servers are checked against; empty: the system's store."},
      {"timeout", duration(&Options::timeout, 100ms, 1min), Reload::live, "Time for a lookup in all."},
      {"attempt_timeout", duration(&Options::attempt_timeout, 10ms, 30s), Reload::live,
       "Time for one server before the next is asked too."},
      {"max_in_flight", integer(&Options::max_in_flight, 1u, 60'000u), Reload::live,
       "Questions that wait for one server, per worker."},
      {"max_connections", integer(&Options::max_connections, 1u, 64u), Reload::live,
       "TCP, TLS and HTTPS connections to one server, per worker."},
      {"idle_timeout", duration(&Options::idle_timeout, 0s, 10min), Reload::live,
       "A connection without questions is closed after this."},
      {"use_0x20", boolean(&Options::use_0x20), Reload::live,
       "Mixes the case of names in questions over UDP, which makes answers harder to forge."},
      {"cookies", boolean(&Options::cookies), Reload::live,
       "Sends DNS cookies (RFC 7873) in questions over UDP: from a server that knows them no answer can be forged."},
  };
}

}  // namespace dragoman::config
