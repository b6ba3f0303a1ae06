// Conditions that nobody can meet, policies that nobody gets to, ranges that no address is left for.
#include "policy_checks.h"

#include <algorithm>

namespace dragoman::config {
namespace {

using dns64::Mapping;
using dns64::Policy;
using serve::ListenOptions;
using serve::Scheme;

bool covers(const std::vector<ip::Prefix>& prefixes, const ip::Prefix& inner) {
  return std::any_of(prefixes.begin(), prefixes.end(), [&](const ip::Prefix& outer) {
    return outer.length <= inner.length && outer.contains(inner.network);
  });
}

bool covers(const std::vector<ip::Prefix>& outer, const std::vector<ip::Prefix>& inner) {
  return !inner.empty() &&
         std::all_of(inner.begin(), inner.end(), [&](const ip::Prefix& prefix) { return covers(outer, prefix); });
}

// Whether a condition lets all through that another one does; an empty one lets everybody through.
bool is_wider(const std::vector<std::string>& outer, const std::vector<std::string>& inner) {
  if (outer.empty()) return true;
  return !inner.empty() && std::all_of(inner.begin(), inner.end(), [&](const std::string& text) {
    return std::find(outer.begin(), outer.end(), text) != outer.end();
  });
}

// Whether all who meet the conditions of `policy` meet those of one of the earlier ones.
bool is_hidden(const std::vector<Policy>& policies, std::size_t index) {
  const Policy& policy = policies[index];
  std::vector<ip::Prefix> taken;
  for (std::size_t i = 0; i < index; ++i) {
    const Policy& earlier = policies[i];
    if (!is_wider(earlier.listeners, policy.listeners) || !is_wider(earlier.paths, policy.paths) ||
        !is_wider(earlier.tls_names, policy.tls_names)) {
      continue;
    }
    if (earlier.clients.empty()) return true;
    taken.insert(taken.end(), earlier.clients.begin(), earlier.clients.end());
  }
  return covers(taken, policy.clients);
}

struct Checked {
  const Config& config;
  const Node& root;
  Findings& findings;

  bool any_listener(const auto& wanted) const {
    return std::any_of(config.listen.begin(), config.listen.end(), wanted);
  }
  // The node of a policy's key, or of one of its elements.
  const Node& at(std::size_t policy, const std::string& key, std::size_t index) const {
    const Node& node = root.nearest("dns64.policies[" + std::to_string(policy) + "]." + key);
    return node.kind == Node::Kind::list && index < node.children.size() ? node.children[index] : node;
  }
};

void require_listeners(const Checked& seen, std::size_t policy) {
  const std::vector<std::string>& urls = seen.config.dns64.policies[policy].listeners;
  for (std::size_t i = 0; i < urls.size(); ++i) {
    if (seen.any_listener([&](const ListenOptions& listen) { return listen.url == urls[i]; })) continue;
    const Node& node = seen.at(policy, "listeners", i);
    seen.findings.error(node, node.shown() + " is not in `listen`", "write a URL just as it stands there");
  }
}

void require_paths(const Checked& seen, std::size_t policy) {
  const std::vector<std::string>& paths = seen.config.dns64.policies[policy].paths;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const auto has_path = [&](const ListenOptions& listen) {
      return listen.scheme == Scheme::https && listen.path == paths[i];
    };
    if (paths[i].empty() || seen.any_listener(has_path)) continue;  // one that could not be read is reported already
    const Node& node = seen.at(policy, "paths", i);
    seen.findings.error(node, "no https:// listener has the path " + node.shown(),
                        "add one to `listen`, or write a path that is there");
  }
}

void require_tls(const Checked& seen, std::size_t policy) {
  if (seen.config.dns64.policies[policy].tls_names.empty()) return;
  if (seen.any_listener([](const ListenOptions& listen) { return listen.scheme != Scheme::dns; })) return;
  seen.findings.error(seen.at(policy, "tls_names", seen.config.listen.size()), "no listener speaks TLS",
                      "add a tls:// or https:// URL to `listen`");
}

bool is_listed(const Policy& policy) { return policy.name != "default" && policy.name.find('/') == std::string::npos; }

// The first policy that holds a client is its policy: one whose clients all belong to earlier ones is never used.
void warn_of_hidden_policies(const Checked& seen) {
  const std::vector<Policy>& policies = seen.config.dns64.policies;
  for (std::size_t i = 0; i < policies.size(); ++i) {
    if (policies[i].name == "default" || !is_hidden(policies, i)) continue;
    if (is_listed(policies[i])) {
      seen.findings.warning(seen.at(i, "name", 0),
                            "the policy " + policies[i].name + " is never used: an earlier one has all its clients",
                            "put the policy with the narrower conditions first");
      continue;
    }
    seen.findings.warning(seen.root.nearest("dns64.prefixes"),
                          "the entry for " + policies[i].clients.front().to_text() +
                              " is never used: an earlier entry has all its clients",
                          "put the entry with the smaller group of clients first");
  }
}

void check_mappings(const Checked& seen, const Node& node, const std::vector<Mapping>& mappings) {
  std::vector<ip::Prefix> taken;
  bool maps_something = false;
  for (const Mapping& mapping : mappings) {
    maps_something |= mapping.discovered || !mapping.prefixes.empty();
    if (covers(taken, mapping.ipv4)) {
      seen.findings.warning(
          node,
          "the entry for " + mapping.ipv4.front().to_text() + " is never used: earlier entries have all its addresses",
          "put the entry with the smaller range first");
    }
    taken.insert(taken.end(), mapping.ipv4.begin(), mapping.ipv4.end());
  }
  if (mappings.empty() || maps_something) return;
  seen.findings.warning(node, "no entry has a prefix: there is no synthesis",
                        "add a prefix for the other addresses, as in 64:ff9b::/96");
}

void check_all_mappings(const Checked& seen) {
  const std::vector<Policy>& policies = seen.config.dns64.policies;
  for (std::size_t i = 0; i < policies.size(); ++i) {
    const std::string path =
        is_listed(policies[i]) ? "dns64.policies[" + std::to_string(i) + "].prefixes" : "dns64.prefixes";
    const Node& node = seen.root.nearest(path);
    if (node.path == path) check_mappings(seen, node, policies[i].mappings);
  }
}

}  // namespace

void check_policies(const Config& config, const Node& root, Findings& findings) {
  const Checked seen{config, root, findings};
  for (std::size_t i = 0; i < config.dns64.policies.size(); ++i) {
    if (!is_listed(config.dns64.policies[i])) continue;
    require_listeners(seen, i);
    require_paths(seen, i);
    require_tls(seen, i);
  }
  warn_of_hidden_policies(seen);
  check_all_mappings(seen);
}

}  // namespace dragoman::config
