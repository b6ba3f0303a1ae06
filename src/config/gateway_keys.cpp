// dns64.discovery and dns64.probing: the rows of how prefixes are found, and of how it is known that they work.
#include "values.h"

namespace dragoman::config {
namespace {

using namespace std::chrono_literals;
using gateway::DiscoveryOptions;
using gateway::ProbeTarget;
using gateway::ProbingOptions;
using upstream::ServerOptions;

constexpr const char* system_word = "system";

const ElementText<ServerOptions> resolver_element{
    "system or list of URLs", &ServerOptions::from_url, [](const ServerOptions& server) { return server.url; },
    "write system, dns://192.0.2.1, tls://192.0.2.1#dns.example.net or https://dns.example.net/dns-query"};

Value<DiscoveryOptions> resolvers() {
  Value<DiscoveryOptions> out = list(&DiscoveryOptions::from, resolver_element);
  out.read = [read = out.read](const Node& node, DiscoveryOptions& options, Reading& reading) {
    if (node.kind == Node::Kind::scalar && node.text == system_word) {
      options.from.clear();
    } else {
      read(node, options, reading);
    }
  };
  out.show = [show = out.show](const DiscoveryOptions& options) {
    return options.from.empty() ? system_word : show(options);
  };
  return out;
}

Value<DiscoveryOptions> probe() {
  return {
      "URL",
      [](const Node& node, DiscoveryOptions& options, Reading& reading) { options.probe = read_probe(node, reading); },
      [](const DiscoveryOptions& options) { return options.probe ? options.probe->url : std::string(); }};
}

}  // namespace

std::optional<ProbeTarget> read_probe(const Node& node, Reading& reading) {
  const std::optional<std::string> text = read_text(node, reading);
  if (!text) return {};
  Result<ProbeTarget> target = ProbeTarget::from_url(*text);
  if (target) return *target;
  report_refused(node, target.error(), "write tcp://198.51.100.1:443 or dns://192.0.2.53", reading);
  return {};
}

Keys<DiscoveryOptions> discovery_keys() {
  return {
      {"from", resolvers(), Reload::live,
       "Who is asked for the network's NAT64 prefixes (RFC 7050), in this order; system: the name servers of "
       "resolv_conf but for ourselves."},
      {"resolv_conf", path(&DiscoveryOptions::resolv_conf), Reload::live,
       "The file that names the system's servers; when it changes they are asked at once."},
      {"min_interval", duration(&DiscoveryOptions::min_interval, 1s, 1h), Reload::live,
       "Time between two questions at least, however short the TTL of the answer is."},
      {"max_interval", duration(&DiscoveryOptions::max_interval, 1s, 24h), Reload::live,
       "Time between two questions at most, however long the TTL of the answer is."},
      {"timeout", duration(&DiscoveryOptions::timeout, 100ms, 1min), Reload::live, "Time for one server to answer."},
      {"probe", probe(), Reload::live,
       "What to reach through each discovered prefix, as in `dns64.prefixes[].probe`; without it they count as "
       "working."},
  };
}

Keys<ProbingOptions> probing_keys() {
  return {
      {"interval", duration(&ProbingOptions::interval, 500ms, 1h), Reload::live,
       "Time between two probes of a prefix."},
      {"timeout", duration(&ProbingOptions::timeout, 50ms, 1min), Reload::live, "Time for one probe to come back."},
      {"fall", integer(&ProbingOptions::fall, 1u, 100u), Reload::live,
       "A prefix leaves new answers after so many failures in a row; the last one of a policy never does."},
      {"rise", integer(&ProbingOptions::rise, 1u, 100u), Reload::live, "It comes back after so many successes."},
  };
}

}  // namespace dragoman::config
