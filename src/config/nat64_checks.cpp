// One function per rule.
#include "nat64_checks.h"

#include <algorithm>
#include <functional>

#include "dragoman/base/bytes.h"
#include "dragoman/nat64/port_pool.h"
#include "quantity.h"

namespace dragoman::config {
namespace {

using ip::Pref64;
using ip::WellKnownPrefixRule;
using nat64::PoolEntry;

constexpr const char* section_path = "nat64";

bool is_written(const Node& root, const std::string& path) { return root.nearest(path).path == path; }

struct Checked {
  const Config& config;
  const Node& root;
  Findings& findings;
  const nat64::Options& nat64;

  const Node& at(const std::string& key) const { return root.nearest(section_path + ("." + key)); }
  const Node& at(const std::string& key, std::size_t index) const {
    return at(key + "[" + std::to_string(index) + "]");
  }
};

// -- the pool --

std::uint64_t size_of(const PoolEntry& entry) {
  return std::uint64_t{load_u32(entry.last.data())} - load_u32(entry.first.data()) + 1;
}

void require_a_pool(const Checked& seen) {
  const Node& node = seen.at("pool4");
  const bool is_there = is_written(seen.root, "nat64.pool4");
  const bool is_reported = is_there && (node.kind == Node::Kind::broken || !node.children.empty() ||
                                        node.kind == Node::Kind::scalar || node.kind == Node::Kind::map);
  if (!seen.nat64.pool4.empty() || is_reported) return;
  constexpr const char* fix = "add pool4: [{addresses: 198.51.100.1/32}] with an address that is routed to this host";
  if (is_there) return seen.findings.error(node, "is empty: there is no IPv4 address to translate to", fix);
  seen.findings.error_at(node.key_place, "nat64.pool4", "is missing: there is no IPv4 address to translate to", fix);
}

void limit_the_pool(const Checked& seen) {
  std::uint64_t addresses = 0;
  std::vector<std::pair<ip::Ipv4Octets, ip::Ipv4Octets>> known;
  for (const PoolEntry& entry : seen.nat64.pool4) {
    const std::pair range{entry.first, entry.last};
    if (std::find(known.begin(), known.end(), range) != known.end()) continue;  // other ports of the same
    known.push_back(range);
    addresses += size_of(entry);
  }
  if (addresses <= nat64::PortPool::max_addresses) return;
  seen.findings.error(
      seen.at("pool4"),
      "has " + std::to_string(addresses) + " addresses, the most is " + std::to_string(nat64::PortPool::max_addresses),
      "name fewer; another process may have the rest");
}

void expect_ports_for_everybody(const Checked& seen) {
  const std::vector<PoolEntry>& pool = seen.nat64.pool4;
  if (pool.empty()) return;
  constexpr std::uint16_t first_free = 1024;  // RFC 6146 3.5.1.1 keeps ports in their range
  if (std::all_of(pool.begin(), pool.end(), [](const PoolEntry& entry) { return entry.last_port < first_free; })) {
    return seen.findings.error(seen.at("pool4"), "has no port from 1024 on, which is what hosts use",
                               "write ports: 1024-65535");
  }
  if (std::all_of(pool.begin(), pool.end(), [](const PoolEntry& entry) { return entry.drain; })) {
    seen.findings.warning(seen.at("pool4"), "drains as a whole: no new session can begin",
                          "add an address that does not drain");
  }
}

void compare_quota_with_blocks(const Checked& seen) {
  const std::uint32_t quota = seen.nat64.subscriber.ports;
  if (quota == 0 || quota >= seen.nat64.port_block_size) return;
  seen.findings.warning(seen.at("ports_per_subscriber"),
                        "is less than a block of " + std::to_string(seen.nat64.port_block_size) +
                            " ports, so the rest of each block is of no use to anybody",
                        "lower nat64.port_block_size, or raise this");
}

// -- prefixes --

void require_prefixes(const Checked& seen) {
  const Node& node = seen.at("prefixes");
  if (!seen.nat64.prefixes.empty() || !node.children.empty() || node.kind == Node::Kind::broken) return;
  seen.findings.error(node, "is empty: there is nothing to translate", "write 64:ff9b::/96, or remove the key");
}

const Pref64* prefix_around(const Checked& seen, const ip::Address& address) {
  const auto found = std::find_if(seen.nat64.prefixes.begin(), seen.nat64.prefixes.end(),
                                  [&](const Pref64& prefix) { return prefix.prefix().contains(address); });
  return found == seen.nat64.prefixes.end() ? nullptr : &*found;
}

// RFC 6146 3.5: what comes from inside a prefix is dropped, for it would go round in circles.
void refuse_senders_inside_a_prefix(const Checked& seen) {
  for (std::size_t i = 0; i < seen.nat64.clients.size(); ++i) {
    const Pref64* prefix = prefix_around(seen, seen.nat64.clients[i].network);
    if (prefix == nullptr || prefix->length() > seen.nat64.clients[i].length) continue;
    seen.findings.error(seen.at("clients", i), "lies in " + prefix->to_text() + ", which no packet may come from",
                        "name the prefixes that your hosts have");
  }
  const Node& list = seen.at("static_bindings");
  if (list.kind != Node::Kind::list) return;
  for (const Node& entry : list.children) {
    const Node* inside = entry.find("inside");
    const auto endpoint = inside ? ip::Endpoint::from_text(inside->text) : Error{};
    const Pref64* prefix = endpoint ? prefix_around(seen, endpoint->address) : nullptr;
    if (prefix == nullptr) continue;
    seen.findings.error(*inside, "lies in " + prefix->to_text() + ", where no host is",
                        "write the IPv6 address that the service has");
  }
}

// The prefixes that stand below a `prefix` or `prefixes`, in entries, too.
void each_prefix_in(const Node& node, const std::function<void(const Node&, const Pref64&)>& use) {
  if (node.kind == Node::Kind::scalar) {
    if (const auto prefix = Pref64::from_text(node.text)) use(node, *prefix);
  }
  if (node.kind == Node::Kind::list) {
    for (const Node& child : node.children) each_prefix_in(child, use);
  }
  if (node.kind != Node::Kind::map) return;
  for (const char* key : {"prefix", "prefixes"}) {
    if (const Node* child = node.find(key)) each_prefix_in(*child, use);
  }
}

void each_dns64_prefix(const Node& root, const std::function<void(const Node&, const Pref64&)>& use) {
  const Node* dns64 = root.find("dns64");
  if (dns64 == nullptr) return;
  each_prefix_in(*dns64, use);
  if (const Node* policies = dns64->find("policies")) each_prefix_in(*policies, use);
}

bool is_external(const Config& config, const Pref64& prefix) {
  return std::any_of(config.dns64.prefixes.begin(), config.dns64.prefixes.end(),
                     [&](const dns64::PrefixOptions& options) {
                       return options.external && options.prefix.prefix() == prefix.prefix();
                     });
}

// RFC 6147 5.2: DNS64 and NAT64 must agree. Addresses under a prefix that nobody translates lead nowhere.
void require_a_translator(const Checked& seen) {
  std::string ours;
  for (const Pref64& prefix : seen.nat64.prefixes) ours += (ours.empty() ? "" : ", ") + prefix.to_text();
  each_dns64_prefix(seen.root, [&](const Node& node, const Pref64& prefix) {
    const bool is_ours = std::any_of(seen.nat64.prefixes.begin(), seen.nat64.prefixes.end(),
                                     [&](const Pref64& own) { return own.prefix() == prefix.prefix(); });
    if (is_ours && is_external(seen.config, prefix)) {
      seen.findings.warning(node, node.shown() + " is marked external, and nat64 translates it",
                            "remove `external`, or take the prefix out of nat64.prefixes");
    }
    if (is_ours || is_external(seen.config, prefix) || seen.nat64.prefixes.empty()) return;
    seen.findings.error(node, node.shown() + " is translated by nobody: nat64 has " + ours,
                        "add it to nat64.prefixes, or write {prefix: " + prefix.to_text() +
                            ", external: true} when another host translates it");
  });
}

// Whether the first lets through all that the second does.
bool is_as_wide(WellKnownPrefixRule outer, WellKnownPrefixRule inner) {
  return outer == inner || outer == WellKnownPrefixRule::off || inner == WellKnownPrefixRule::rfc6052;
}

void compare_rules(const Checked& seen) {
  const auto is_well_known = [](const Pref64& prefix) { return prefix.is_well_known(); };
  if (std::none_of(seen.nat64.prefixes.begin(), seen.nat64.prefixes.end(), is_well_known)) return;
  const std::vector<dns64::Policy>& policies = seen.config.dns64.policies;
  for (std::size_t i = 0; i < policies.size(); ++i) {
    if (is_as_wide(seen.nat64.well_known_prefix, policies[i].well_known_prefix)) continue;
    const std::string own = "dns64.policies[" + std::to_string(i) + "].well_known_prefix";
    const std::string path = is_written(seen.root, own) ? own : "dns64.well_known_prefix";
    if (path != own && policies[i].name != "default") continue;  // everybody's word, reported once
    seen.findings.warning(seen.root.nearest(path),
                          "lets 64:ff9b::/96 hold addresses that nat64.well_known_prefix refuses to translate",
                          "write the same word in both, or in one alone");
  }
}

// -- the rest --

void require_answers_for_only_resolved(const Checked& seen) {
  if (!seen.nat64.only_resolved) return;
  const bool answers = !seen.config.dns64.policies.empty() && !seen.config.listen.empty();
  if (answers || seen.root.find("listen") != nullptr) {
    if (answers) return;
    return seen.findings.error(seen.at("only_resolved"), "there is no dns64 here, so no address would be reached",
                               "add `dns64:`, or write only_resolved: false");
  }
  seen.findings.error(seen.at("only_resolved"), "nobody is answered here, so no address would be reached",
                      "add `listen` and `dns64`, or write only_resolved: false");
}

void compare_sizes(const Checked& seen) {
  if (seen.nat64.lowest_ipv6_mtu <= seen.nat64.mtu6) return;
  seen.findings.error(seen.at("lowest_ipv6_mtu"), "is above mtu6, so fragments would not fit the link",
                      "make nat64.lowest_ipv6_mtu at most " + std::to_string(seen.nat64.mtu6));
}

void warn_of_short_timeouts(const Checked& seen) {
  const nat64::Timeouts& timeouts = seen.nat64.timeouts;
  const struct {
    const char* key;
    seconds value, least;
    const char* rule;
  } table[] = {
      {"udp", timeouts.udp, seconds(120), "RFC 4787 REQ-5"},
      {"tcp_established", timeouts.tcp_established, seconds(7440), "RFC 5382 REQ-5"},
      {"tcp_transitory", timeouts.tcp_transitory, seconds(240), "RFC 5382 REQ-5"},
      {"tcp_incoming_syn", timeouts.tcp_incoming_syn, seconds(6), "RFC 5382 REQ-4"},
      {"icmp", timeouts.icmp, seconds(60), "RFC 5508 REQ-1"},
      {"fragment", timeouts.fragment, seconds(2), "RFC 6146 4"},
      {"port_hold", timeouts.port_hold, seconds(120), "RFC 6888 REQ-8"},
  };
  for (const auto& row : table) {
    if (row.value >= row.least) continue;
    const std::string least = quantity_to_text(milliseconds(row.least).count(), Unit::milliseconds);
    seen.findings.warning(seen.at(std::string("timeouts.") + row.key), "is below the " + least + " of " + row.rule,
                          "write " + least + " or more; less is for tests");
  }
}

void warn_of_destinations_without_sessions(const Checked& seen) {
  if (!seen.nat64.log_destinations || seen.nat64.log_sessions) return;
  seen.findings.warning(seen.at("binding_log.destinations"), "is of no effect: blocks have no destination",
                        "add `sessions: true`, or remove this");
}

// A NAT64 alone, with something for a resolver in its file.
void warn_of_deaf_resolver(const Checked& seen) {
  if (seen.root.find("listen") != nullptr) return;
  for (const char* key : {"dns64", "upstream", "upstreams", "local_data", "routes"}) {
    const Node* section = seen.root.find(key);
    if (section == nullptr) continue;
    return seen.findings.warning(*section, "is of no effect: without `listen` nobody can ask",
                                 "add `listen: [\"dns://[::]:53\"]`, or remove this");
  }
}

}  // namespace

void join_dns64_and_nat64(Config& config, const Node& root) {
  if (!config.nat64 || is_written(root, "nat64.well_known_prefix")) return;  // DNS64 read it there
  for (const dns64::Policy& policy : config.dns64.policies) {
    if (policy.name == "default") config.nat64->nat64.well_known_prefix = policy.well_known_prefix;
  }
}

void check_nat64(const Config& config, const Node& root, Findings& findings) {
  if (!config.nat64) return;
  const Checked seen{config, root, findings, config.nat64->nat64};
  require_a_pool(seen);
  limit_the_pool(seen);
  expect_ports_for_everybody(seen);
  compare_quota_with_blocks(seen);
  require_prefixes(seen);
  refuse_senders_inside_a_prefix(seen);
  require_a_translator(seen);
  compare_rules(seen);
  require_answers_for_only_resolved(seen);
  compare_sizes(seen);
  warn_of_short_timeouts(seen);
  warn_of_destinations_without_sessions(seen);
  warn_of_deaf_resolver(seen);
}

}  // namespace dragoman::config
