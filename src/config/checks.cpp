// One function per rule. An element without a URL is one that could not be read and was reported already.
#include "checks.h"

#include <algorithm>
#include <set>

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
  // An upstream in the short form has no "servers" on its path.
  const Node& server(std::size_t index) const {
    const Node* section = root.find("upstream");
    bool is_short = section != nullptr && section->kind != Node::Kind::map;
    return at((is_short ? "upstream[" : "upstream.servers[") + std::to_string(index) + "]");
  }
};

std::string numbered(const char* key, std::size_t index) {
  return std::string(key) + "[" + std::to_string(index) + "]";
}

void require_listeners(const Seen& seen) {
  if (seen.root.find("listen") == nullptr) {
    seen.findings.error_at({}, "listen", "is missing: nobody could ask", "add `listen: [\"dns://[::]:53\"]`");
  } else if (seen.config.listen.empty() && seen.root.find("listen")->kind == Node::Kind::list) {
    seen.findings.error(seen.at("listen"), "is empty: nobody could ask", "add a URL, as in \"dns://[::]:53\"");
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
  for (std::size_t i = 0; i < all.size(); ++i) {
    auto other = all[i].url.empty() ? std::nullopt : taken_before(all[i].endpoint, i);
    if (!other || all[*other].url == all[i].url) continue;  // the same text twice is reported where it is read
    seen.findings.error(seen.at(numbered("listen", i)), "takes the address and port of " + numbered("listen", *other),
                        "give each listener an address and port of its own");
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
  for (std::size_t i = 0; i < seen.config.upstream.servers.size(); ++i) {
    const ServerOptions& server = seen.config.upstream.servers[i];
    for (const ListenOptions& listen : seen.config.listen) {
      if (listen.url.empty() || server.url.empty() || !reaches(listen, server)) continue;
      seen.findings.error(seen.server(i), server.url + " is our own listener " + listen.url,
                          "name the resolver behind this one");
      break;
    }
  }
}

void expect_upstream(const Seen& seen) {
  if (!seen.config.upstream.servers.empty()) return;
  const Node* section = seen.root.find("upstream");
  bool is_reported = section != nullptr && (section->kind == Node::Kind::scalar || section->kind == Node::Kind::broken);
  if (is_reported) return;
  constexpr const char* fix = "add `upstream: [dns://192.0.2.1]` with the address of your resolver";
  if (seen.config.local_data.empty() && seen.root.find("local_data") == nullptr) {
    Place place = section == nullptr ? Place{} : section->key_place;
    seen.findings.error_at(place, "upstream", "is missing: there is nobody to ask, and no local_data to answer from",
                           fix);
  } else {
    seen.findings.warning(seen.at("local_data"), "without `upstream` only these names are answered", fix);
  }
}

// RFC 4035 4.9.3: the AD bit means something only over a channel that nobody else can write to.
void require_secure_channel(const Seen& seen) {
  if (seen.config.dnssec != DnssecMode::trust_ad) return;
  for (std::size_t i = 0; i < seen.config.upstream.servers.size(); ++i) {
    const ServerOptions& server = seen.config.upstream.servers[i];
    if (server.url.empty() || server.transport == Transport::tls || server.transport == Transport::https) continue;
    Result<ip::Address> address = ip::Address::from_text(server.host);
    if (address && address->is_loopback()) continue;
    seen.findings.error(seen.server(i), "dnssec.mode `trust_ad` needs an authenticated upstream",
                        "reach it by tls:// or https://, or write `dnssec: {mode: off}`");
  }
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
  if (config.upstream.attempt_timeout >= config.upstream.timeout) {
    seen.findings.error(seen.at("upstream.attempt_timeout"), "attempt_timeout leaves no time for a second server",
                        "make upstream.attempt_timeout shorter than upstream.timeout");
  }
  if (config.cache.min_ttl > config.cache.max_ttl) {
    seen.findings.error(seen.at("cache.min_ttl"), "min_ttl is above max_ttl",
                        "make cache.min_ttl the smaller of the two");
  }
}

void compare_limits(const Seen& seen) {
  const serve::LimitOptions& limits = seen.config.limits;
  const Node& written = seen.at("limits.connections_per_client");
  if (limits.connections_per_client <= limits.connections || written.kind != Node::Kind::scalar) return;
  seen.findings.warning(written, "one client may take more than all may together",
                        "make connections_per_client the smaller of the two");
}

bool covers(const std::vector<ip::Prefix>& prefixes, const ip::Prefix& inner) {
  return std::any_of(prefixes.begin(), prefixes.end(), [&](const ip::Prefix& outer) {
    return outer.length <= inner.length && outer.contains(inner.network);
  });
}

// The first policy that holds a client is its policy: one whose clients all belong to an earlier one is never used.
void warn_of_hidden_policies(const Seen& seen) {
  std::vector<ip::Prefix> earlier;
  for (const dns64::Policy& policy : seen.config.dns64.policies) {
    bool hidden = !policy.clients.empty() && std::all_of(policy.clients.begin(), policy.clients.end(),
                                                         [&](const ip::Prefix& p) { return covers(earlier, p); });
    if (hidden) {
      seen.findings.warning(
          seen.at("dns64.prefixes"),
          "the entry for " + policy.clients.front().to_text() + " is never used: an earlier entry has all its clients",
          "put the entry with the smaller group of clients first");
    }
    earlier.insert(earlier.end(), policy.clients.begin(), policy.clients.end());
  }
}

}  // namespace

void check_together(const Config& config, const Node& root, Findings& findings) {
  Seen seen{config, root, findings};
  require_listeners(seen);
  require_certificates(seen);
  refuse_shared_endpoints(seen);
  refuse_loops(seen);
  expect_upstream(seen);
  require_secure_channel(seen);
  require_somebody_allowed(seen);
  warn_of_open_resolver(seen);
  warn_of_public_admin(seen);
  compare_times(seen);
  compare_limits(seen);
  warn_of_hidden_policies(seen);
}

}  // namespace dragoman::config
