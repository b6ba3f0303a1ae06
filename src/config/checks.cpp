// One function per rule. An element without a URL is one that could not be read and was reported already.
#include "checks.h"

#include <algorithm>
#include <functional>
#include <set>

#include "dnssec_checks.h"
#include "nat64_checks.h"
#include "policy_checks.h"
#include "suggestion.h"

namespace dragoman::config {
namespace {

using serve::ListenOptions;
using serve::Scheme;
using upstream::ServerOptions;
using upstream::Transport;

struct Seen {
  const Config& config;
  const Node& root;
  Findings& findings;

  const Node& at(const std::string& path) const { return root.nearest(path); }
};

std::string numbered(const std::string& key, std::size_t index) { return key + "[" + std::to_string(index) + "]"; }

// A group of upstream servers and where it stands: "upstream", "upstreams.corp", "routes[2]".
struct GroupPlace {
  const upstream::Options& options;
  std::string path;
};

// Those that a file can speak of, whether or not they have servers.
std::vector<GroupPlace> groups_of(const Seen& seen) {
  bool is_among_others = seen.root.nearest("upstreams.default").path == "upstreams.default";
  std::vector<GroupPlace> out{{seen.config.upstream, is_among_others ? "upstreams.default" : "upstream"}};
  for (const upstream::Group& group : seen.config.groups) {
    std::string path = "upstreams." + group.name;
    for (std::size_t i = 0; i < seen.config.routes.size(); ++i) {
      const Route& route = seen.config.routes[i];
      if (route.group == group.name && route.zone.to_text() == group.name) path = numbered("routes", i);
    }
    out.push_back({group.options, std::move(path)});
  }
  return out;
}

// Every server that could be read, and where it is written: the short form has no "servers" on its path.
void each_server(const Seen& seen, const std::function<void(const ServerOptions& server, const Node& where)>& use) {
  for (const GroupPlace& group : groups_of(seen)) {
    bool is_short = seen.at(group.path).path == group.path && seen.at(group.path).kind != Node::Kind::map;
    for (std::size_t i = 0; i < group.options.servers.size(); ++i) {
      const ServerOptions& server = group.options.servers[i];
      if (!server.url.empty()) use(server, seen.at(numbered(group.path + (is_short ? "" : ".servers"), i)));
    }
  }
}

// A file without `listen` is a NAT64 alone.
void require_listeners(const Seen& seen) {
  if (seen.root.find("listen") == nullptr) {
    if (seen.config.nat64) return;
    seen.findings.error_at({}, "listen", "is missing: nobody could ask",
                           "add `listen: [\"dns://[::]:53\"]`, or `nat64` for a translator alone");
  } else if (seen.config.listen.empty() && seen.root.find("listen")->kind == Node::Kind::list) {
    seen.findings.error(seen.at("listen"), "is empty: nobody could ask", "add a URL, as in \"dns://[::]:53\"");
  }
}

void require_datagrams_for_xdp(const Seen& seen) {
  const std::vector<std::string>& interfaces = seen.config.xdp.interfaces;
  const bool has_datagrams = std::any_of(seen.config.listen.begin(), seen.config.listen.end(), [](const auto& listen) {
    return listen.scheme == Scheme::dns && listen.endpoint.port != 0;
  });
  if (!interfaces.empty() && !has_datagrams) {
    seen.findings.error(seen.at("xdp"), "there is no dns:// listener with a port, whose queries would come this way",
                        "add dns://[::]:53 to `listen`, or remove `xdp`");
  }
  if (interfaces.empty() && seen.config.xdp.mode != net::XdpMode::automatic) {
    seen.findings.warning(seen.at("xdp.mode"), "is of no effect without interfaces",
                          "add interfaces: [eth0], or remove `xdp`");
  }
}

void require_certificates(const Seen& seen) {
  if (!seen.config.tls.certificates.empty()) return;
  for (std::size_t i = 0; i < seen.config.listen.size(); ++i) {
    const ListenOptions& listen = seen.config.listen[i];
    if (listen.url.empty() || listen.scheme == Scheme::dns) continue;
    seen.findings.error(seen.at(numbered("listen", i)), listen.url + " needs a certificate",
                        "add tls.cert and tls.key (`./dev run` makes a pair for trying out)");
  }
}

void refuse_shared_endpoints(const Seen& seen) {
  const std::vector<ListenOptions>& all = seen.config.listen;
  auto taken_before = [&](const ip::Endpoint& endpoint, std::size_t end) -> std::optional<std::size_t> {
    for (std::size_t i = 0; i < end; ++i) {
      if (!all[i].url.empty() && all[i].endpoint == endpoint && endpoint.port != 0) return i;
    }
    return std::nullopt;
  };
  auto shares_with_all_before = [&](std::size_t index) {
    return std::all_of(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(index), [&](const ListenOptions& other) {
      return other.url.empty() || other.endpoint != all[index].endpoint || may_share_socket(other, all[index]);
    });
  };
  for (std::size_t i = 0; i < all.size(); ++i) {
    auto other = all[i].url.empty() ? std::nullopt : taken_before(all[i].endpoint, i);
    if (!other || all[*other].url == all[i].url) continue;  // the same text twice is reported where it is read
    if (shares_with_all_before(i)) continue;
    bool are_https = all[i].scheme == Scheme::https && all[*other].scheme == Scheme::https;
    seen.findings.error(
        seen.at(numbered("listen", i)), "takes the address and port of " + numbered("listen", *other),
        are_https ? "give each https:// listener a path of its own, as in " + all[i].endpoint.to_text() + "/family"
                  : std::string("give each listener an address and port of its own"));
  }
  for (std::size_t i = 0; i < seen.config.http.listen.size(); ++i) {
    auto other = taken_before(seen.config.http.listen[i], all.size());
    if (!other) continue;
    seen.findings.error(seen.at(numbered("http.listen", i)),
                        "takes the address and port of " + numbered("listen", *other),
                        "give the admin listener a port of its own, as in 127.0.0.1:9153");
  }
}

bool speaks(Scheme scheme, Transport transport) {
  switch (scheme) {
    case Scheme::dns:
      return transport == Transport::udp || transport == Transport::tcp;
    case Scheme::tls:
      return transport == Transport::tls;
    case Scheme::https:
      return transport == Transport::https;
  }
  return false;
}

bool reaches(const ListenOptions& listen, const ServerOptions& server) {
  if (listen.endpoint.port != server.port || !speaks(listen.scheme, server.transport)) return false;
  Result<ip::Address> address = ip::Address::from_text(server.host);
  if (!address) return false;
  bool any = listen.endpoint.address.is_unspecified() && (address->is_loopback() || address->is_unspecified());
  return any || listen.endpoint.address == *address;
}

// A resolver that forwards to itself answers nothing and burns a CPU doing so.
void refuse_loops(const Seen& seen) {
  each_server(seen, [&](const ServerOptions& server, const Node& where) {
    for (const ListenOptions& listen : seen.config.listen) {
      if (listen.url.empty() || !reaches(listen, server)) continue;
      return seen.findings.error(where, server.url + " is our own listener " + listen.url,
                                 "name the resolver behind this one");
    }
  });
}

void refuse_two_defaults(const Seen& seen) {
  const Node& second = seen.at("upstreams.default");
  if (second.path != "upstreams.default" || seen.root.find("upstream") == nullptr) return;
  seen.findings.error_at(second.key_place, second.path, "stands beside `upstream`, which is the same group",
                         "keep one of the two");
}

// Our own answer to the question for prefixes is what was discovered before.
void refuse_discovery_from_ourselves(const Seen& seen) {
  for (std::size_t i = 0; i < seen.config.discovery.from.size(); ++i) {
    const ServerOptions& server = seen.config.discovery.from[i];
    for (const ListenOptions& listen : seen.config.listen) {
      if (listen.url.empty() || server.url.empty() || !reaches(listen, server)) continue;
      seen.findings.error(seen.at(numbered("dns64.discovery.from", i)),
                          server.url + " is our own listener " + listen.url,
                          "name the resolver whose DNS64 is to be followed");
      break;
    }
  }
}

void warn_of_unused_discovery(const Seen& seen) {
  const Node& section = seen.at("dns64.discovery");
  if (section.path != "dns64.discovery") return;
  const auto& policies = seen.config.dns64.policies;
  const auto discovers = [](const dns64::Policy& policy) {
    return std::any_of(policy.mappings.begin(), policy.mappings.end(),
                       [](const dns64::Mapping& mapping) { return mapping.discovered; });
  };
  if (std::any_of(policies.begin(), policies.end(), discovers)) return;
  seen.findings.warning(section, "no prefix is `discovered`: nobody is asked",
                        "write `prefix: discovered` in dns64, or remove this section");
}

void expect_upstream(const Seen& seen) {
  const bool answers = seen.root.find("listen") != nullptr || !seen.config.nat64;
  if (!seen.config.upstream.servers.empty() || !answers) return;
  const Node* section = seen.root.find("upstream");
  const Node& listed = seen.at("upstreams.default");
  if (section == nullptr && listed.path == "upstreams.default") section = &listed;
  bool is_reported = section != nullptr && (section->kind == Node::Kind::scalar || section->kind == Node::Kind::broken);
  if (is_reported) return;
  constexpr const char* fix = "add `upstream: [dns://192.0.2.1]` with the address of your resolver";
  for (const char* others : {"local_data", "routes"}) {
    bool leads_nowhere = std::string_view(others) == "routes" && seen.config.groups.empty();
    if (seen.root.find(others) == nullptr || leads_nowhere) continue;
    return seen.findings.warning(seen.at(others), "without `upstream` only these names are answered", fix);
  }
  Place place = section == nullptr ? Place{} : section->key_place;
  seen.findings.error_at(place, "upstream", "is missing: there is nobody to ask, and no local_data to answer from",
                         fix);
}

void expect_servers_in_groups(const Seen& seen) {
  for (const GroupPlace& group : groups_of(seen)) {
    const Node& where = seen.at(group.path);
    if (&group.options == &seen.config.upstream || !group.options.servers.empty()) continue;
    if (where.kind == Node::Kind::scalar || where.kind == Node::Kind::broken) continue;  // reported
    seen.findings.error(where, "names no servers",
                        "write [dns://192.0.2.1] with the addresses of the group's resolvers");
  }
}

void check_routes(const Seen& seen) {
  std::vector<std::string> names{default_group};
  for (const upstream::Group& group : seen.config.groups) names.push_back(group.name);
  std::set<std::string> used, zones;
  for (std::size_t i = 0; i < seen.config.routes.size(); ++i) {
    const Route& route = seen.config.routes[i];
    if (route.zone.view().is_root()) continue;  // could not be read
    dns::Name zone = route.zone;
    zone.lower_case();
    if (!zones.insert(zone.to_text()).second) {
      seen.findings.error(seen.at(numbered("routes", i) + ".zone"), "an earlier route is for `" + zone.to_text() + "`",
                          "make one of the two");
    }
    used.insert(route.group);
    if (std::find(names.begin(), names.end(), route.group) != names.end()) continue;
    std::string near = nearest_word(route.group, names);
    seen.findings.error(
        seen.at(numbered("routes", i) + ".upstream"),
        "there is no group `" + route.group + "`" + (near.empty() ? "" : "; did you mean `" + near + "`?"),
        "name a group of `upstreams`, or write `servers: [URL]` instead");
  }
  for (const upstream::Group& group : seen.config.groups) {
    if (used.contains(group.name)) continue;
    seen.findings.warning(seen.at("upstreams." + group.name), "no route leads here, so nobody asks these servers",
                          "add a route, as in routes: [{zone: corp.example.net, upstream: " + group.name + "}]");
  }
}

// RFC 4035 4.9.3: the AD bit means something only over a channel that nobody else can write to.
void require_secure_channel(const Seen& seen) {
  if (seen.config.dnssec.mode != DnssecMode::trust_ad) return;
  each_server(seen, [&](const ServerOptions& server, const Node& where) {
    if (server.transport == Transport::tls || server.transport == Transport::https) return;
    Result<ip::Address> address = ip::Address::from_text(server.host);
    if (address && address->is_loopback()) return;
    seen.findings.error(where, "dnssec.mode `trust_ad` needs an authenticated upstream",
                        "reach it by tls:// or https://, or write `dnssec: {mode: validate}`");
  });
}

void require_somebody_allowed(const Seen& seen) {
  if (seen.config.acl.deny.empty() || seen.root.nearest("acl.allow").path == "acl.allow") return;
  seen.findings.error(seen.at("acl.deny"), "without `allow` nobody may ask", "name the clients in acl.allow");
}

void warn_of_open_resolver(const Seen& seen) {
  for (std::size_t i = 0; i < seen.config.acl.allow.size(); ++i) {
    const Node& section = seen.at("acl");
    const Node* node = &seen.at((section.kind == Node::Kind::map ? "acl.allow[" : "acl[") + std::to_string(i) + "]");
    if (seen.config.acl.allow[i].length != 0 || !node->text.ends_with("/0")) continue;
    seen.findings.warning(*node, node->shown() + " makes this an open resolver, which others will abuse",
                          "name the prefixes of your clients");
  }
}

void warn_of_public_admin(const Seen& seen) {
  for (std::size_t i = 0; i < seen.config.http.listen.size(); ++i) {
    const ip::Endpoint& endpoint = seen.config.http.listen[i];
    const Node& node = seen.at(numbered("http.listen", i));
    if (endpoint.address.is_loopback() || endpoint.port == 0 || node.kind != Node::Kind::scalar) continue;
    seen.findings.warning(node, "the admin pages are cleartext HTTP and open to whoever reaches " + endpoint.to_text(),
                          "write 127.0.0.1:9153, or keep others out by a firewall");
  }
}

void compare_times(const Seen& seen) {
  const Config& config = seen.config;
  for (const GroupPlace& group : groups_of(seen)) {
    if (group.options.attempt_timeout < group.options.timeout) continue;
    seen.findings.error(seen.at(group.path + ".attempt_timeout"), "attempt_timeout leaves no time for a second server",
                        "make " + group.path + ".attempt_timeout shorter than " + group.path + ".timeout");
  }
  if (config.cache.min_ttl > config.cache.max_ttl) {
    seen.findings.error(seen.at("cache.min_ttl"), "min_ttl is above max_ttl",
                        "make cache.min_ttl the smaller of the two");
  }
  if (config.cache.failure_ttl > config.cache.failure_max_ttl) {
    seen.findings.error(seen.at("cache.failure_max_ttl"), "failure_max_ttl is below failure_ttl",
                        "make cache.failure_max_ttl the larger of the two");
  }
  if (config.discovery.min_interval > config.discovery.max_interval) {
    seen.findings.error(seen.at("dns64.discovery.min_interval"), "min_interval is above max_interval",
                        "make dns64.discovery.min_interval the smaller of the two");
  }
  if (config.probing.timeout > config.probing.interval) {
    seen.findings.error(seen.at("dns64.probing.timeout"), "a probe would still wait when the next one begins",
                        "make dns64.probing.timeout at most dns64.probing.interval");
  }
}

void compare_limits(const Seen& seen) {
  const serve::LimitOptions& limits = seen.config.limits;
  const Node& written = seen.at("limits.connections_per_client");
  if (limits.connections_per_client <= limits.connections || written.kind != Node::Kind::scalar) return;
  seen.findings.warning(written, "one client may take more than all may together",
                        "make connections_per_client the smaller of the two");
}

// The buckets count up to an hour ahead (resolve/rate_table.h).
void compare_rates(const Seen& seen) {
  const resolve::RateLimitOptions& limits = seen.config.rate_limit;
  if (limits.queries_per_second == 0) {
    const Node& written = seen.at("rate_limit.burst");
    if (limits.burst == 0 || written.kind != Node::Kind::scalar) return;
    seen.findings.warning(written, "limits nothing without queries_per_second",
                          "add rate_limit.queries_per_second, or remove burst");
  } else if (limits.burst / 3600 >= limits.queries_per_second) {
    seen.findings.error(seen.at("rate_limit.burst"), "burst is more than an hour's worth of queries_per_second",
                        "write a burst of some seconds, as in " + std::to_string(2 * limits.queries_per_second));
  }
}

}  // namespace

void check_together(const Config& config, const Node& root, Findings& findings) {
  Seen seen{config, root, findings};
  require_listeners(seen);
  require_datagrams_for_xdp(seen);
  require_certificates(seen);
  refuse_shared_endpoints(seen);
  refuse_loops(seen);
  refuse_two_defaults(seen);
  refuse_discovery_from_ourselves(seen);
  warn_of_unused_discovery(seen);
  expect_upstream(seen);
  expect_servers_in_groups(seen);
  check_routes(seen);
  require_secure_channel(seen);
  require_somebody_allowed(seen);
  warn_of_open_resolver(seen);
  warn_of_public_admin(seen);
  compare_times(seen);
  compare_limits(seen);
  compare_rates(seen);
  check_policies(config, root, findings);
  check_dnssec(config, root, findings);
  check_nat64(config, root, findings);
}

}  // namespace dragoman::config
