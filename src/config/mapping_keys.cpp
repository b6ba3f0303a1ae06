// The forms in which prefixes are written: texts, `discovered`, and entries with ranges of IPv4 addresses, a suffix and
// what is known of the translator.
#include <algorithm>

#include "policy_keys.h"

namespace dragoman::config {
namespace {

using dns64::Mapping;
using dns64::PrefixOptions;
using ip::Pref64;

constexpr const char* prefix_fix = "write 64:ff9b::/96, or a prefix of your own of 32, 40, 48, 56, 64 or 96 bits";
constexpr const char* discovered_text = "discovered";

// 64:ff9b::/96 is the only Well-Known Prefix (RFC 6052 2.1) and 64:ff9b:1::/48 is for local use (RFC 8215 3); what else
// shares their first bits is assigned to nobody.
void warn_if_unassigned(const Node& node, const Pref64& prefix, Reading& reading) {
  static const ip::Prefix around{Pref64().prefix().network, 32};
  static const ip::Prefix local_use{ip::Address(ip::Ipv6Octets{0, 0x64, 0xff, 0x9b, 0, 1}), 48};
  const ip::Address& network = prefix.prefix().network;
  bool is_ours = prefix.is_well_known() || (local_use.contains(network) && prefix.length() >= local_use.length);
  if (is_ours || !around.contains(network)) return;
  reading.findings.warning(node, prefix.to_text() + " is neither the Well-Known Prefix nor within 64:ff9b:1::/48",
                           "write 64:ff9b::/96, a prefix within 64:ff9b:1::/48 (RFC 8215), or one of your addresses");
}

void read_prefix(const Node& node, PrefixEntry& entry, Reading& reading) {
  bool is_known = entry.discovered;
  if (node.kind == Node::Kind::scalar && node.text == discovered_text) {
    entry.discovered = true;
  } else {
    const auto prefix = read_pref64(node, reading);
    if (!prefix) return;
    is_known = std::find(entry.prefixes.begin(), entry.prefixes.end(), *prefix) != entry.prefixes.end();
    entry.prefixes.push_back(*prefix);
  }
  if (is_known) reading.findings.error(node, node.shown() + " is listed twice", "remove one of the two");
}

void read_suffix(const Node& node, PrefixEntry& entry, Reading& reading) {
  const auto text = read_text(node, reading);
  if (!text) return;
  const auto address = ip::Address::from_text(*text);
  if (address && address->is_v6()) {
    entry.suffix = address->v6();
  } else {
    reading.findings.error(node, node.shown() + " is not an IPv6 address", "write the last bits, as in \"::1\"");
  }
}

std::vector<Pref64> with_suffix(const Node& node, const PrefixEntry& entry, Reading& reading) {
  const Node* written = node.kind == Node::Kind::map ? node.find("suffix") : nullptr;
  if (written == nullptr) return entry.prefixes;
  std::vector<Pref64> out;
  for (const Pref64& prefix : entry.prefixes) {
    const auto whole = prefix.with_suffix(entry.suffix);
    out.push_back(whole ? *whole : prefix);
    if (whole) continue;
    reading.findings.error(*written, written->shown() + " does not fit " + prefix.to_text() + ": " + whole.error().what,
                           "leave out `suffix`, or write bits behind the IPv4 address alone");
  }
  return out;
}

// The mapping of all addresses that no range holds: always the last one.
Mapping& general_mapping(std::vector<Mapping>& mappings) {
  if (mappings.empty() || !mappings.back().ipv4.empty()) mappings.emplace_back();
  return mappings.back();
}

void add_general(const Node& node, const std::vector<Pref64>& prefixes, bool discovered, PolicyDraft& draft,
                 Reading& reading) {
  Mapping& mapping = general_mapping(draft.policy.mappings);
  for (const Pref64& prefix : prefixes) {
    const bool is_known = std::find(mapping.prefixes.begin(), mapping.prefixes.end(), prefix) != mapping.prefixes.end();
    if (!is_known) {
      mapping.prefixes.push_back(prefix);
      continue;
    }
    const std::string shown = node.kind == Node::Kind::scalar ? node.shown() : prefix.to_text();
    reading.findings.error(node, shown + " is listed twice", "remove one of the two");
  }
  if (discovered && mapping.discovered) {
    reading.findings.error(node, std::string("`") + discovered_text + "` is listed twice", "remove one of the two");
  }
  mapping.discovered |= discovered;
}

void add_range(const PrefixEntry& entry, std::vector<Pref64> prefixes, std::vector<Mapping>& mappings) {
  const bool has_general = !mappings.empty() && mappings.back().ipv4.empty();
  mappings.insert(has_general ? mappings.end() - 1 : mappings.end(),
                  {entry.ipv4, std::move(prefixes), entry.discovered});
}

void read_entry(const Node& node, PolicyDraft& draft, Reading& reading) {
  PrefixEntry entry;
  if (node.kind == Node::Kind::map) {
    read_section(node, prefix_entry_keys(), entry, reading);
    if (!check_prefix_entry(node, reading)) return;
  } else {
    read_prefixes(node, entry, reading);
  }
  add_entry(node, entry, draft, reading);
}

const PrefixOptions* find_options(const std::vector<PrefixOptions>& known, const Pref64& prefix) {
  const auto found = std::find_if(known.begin(), known.end(), [&](const PrefixOptions& options) {
    return options.prefix.prefix() == prefix.prefix();
  });
  return found == known.end() ? nullptr : &*found;
}

std::string prefix_to_text(const Pref64& prefix, const std::vector<PrefixOptions>& known) {
  const PrefixOptions* options = find_options(known, prefix);
  const bool is_external = options != nullptr && options->external;
  if (!prefix.has_suffix() && !is_external) return prefix.to_text();
  std::string out = "{prefix: " + prefix.to_text();
  if (prefix.has_suffix()) out += ", suffix: " + ip::Address(prefix.suffix()).to_text();
  if (is_external) out += ", external: true";
  if (is_external && !options->probe.empty()) out += ", probe: " + options->probe;
  return out + "}";
}

}  // namespace

std::optional<Pref64> read_pref64(const Node& node, Reading& reading) {
  const auto text = read_text(node, reading);
  if (!text) return std::nullopt;
  const auto prefix = Pref64::from_text(*text);
  if (!prefix) {
    report_refused(node, prefix.error(), prefix_fix, reading);
    return std::nullopt;
  }
  warn_if_unassigned(node, *prefix, reading);
  return *prefix;
}

void read_prefixes(const Node& node, PrefixEntry& entry, Reading& reading) {
  if (node.kind == Node::Kind::scalar && node.text == "none") return;
  for (const Node* element : read_list(node, reading)) read_prefix(*element, entry, reading);
}

void report_both_forms(const Node& node, Reading& reading) {
  const Node* second = node.find("prefixes");
  if (second == nullptr || node.find("prefix") == nullptr) return;
  reading.findings.error(*second, "stands beside `prefix`", "name all of them in `prefixes`");
}

Keys<PrefixEntry> prefix_entry_keys() {
  const auto nothing = [](const PrefixEntry&) { return std::string(); };
  return {
      {"prefix",
       {"prefix, discovered or none", &read_prefixes, nothing},
       Reload::live,
       "The prefix; none: the addresses in `ipv4` are not mapped."},
      {"prefixes", {"list of prefixes", &read_prefixes, nothing}, Reload::live, "Prefixes, when several."},
      {"ipv4", prefixes(&PrefixEntry::ipv4), Reload::live,
       "The IPv4 addresses that this entry is for; the first entry that has one decides. Absent: all others."},
      {"suffix",
       {"IPv6 address", &read_suffix, nothing},
       Reload::live,
       "Bits behind the IPv4 address (RFC 6052 2.2), zero by default."},
      {"external", boolean(&PrefixEntry::external), Reload::live, "The translator for it is not this host."},
      {"probe",
       {"URL",
        [](const Node& node, PrefixEntry& entry, Reading& reading) {
          if (auto target = read_probe(node, reading)) entry.probe = target->url;
        },
        [](const PrefixEntry& entry) { return entry.probe; }},
       Reload::live,
       "What to reach through an external prefix, again and again: tcp://ADDRESS:PORT connects, dns://ADDRESS asks; "
       "ADDRESS is IPv4. While it fails the prefix is left out of new answers."},
  };
}

bool check_prefix_entry(const Node& node, Reading& reading) {
  report_both_forms(node, reading);
  const Node* ipv4 = node.find("ipv4");
  if (ipv4 != nullptr && ipv4->kind == Node::Kind::list && ipv4->children.empty()) {
    reading.findings.error(*ipv4, "names no address", "name ranges, or remove the key for all addresses");
  }
  const Node* probe = node.find("probe");
  const Node* external = node.find("external");
  if (probe != nullptr && (external == nullptr || external->text == "false")) {
    reading.findings.error(*probe, "is for external prefixes", "add `external: true`, or remove the key");
  }
  if (node.find("prefix") != nullptr || node.find("prefixes") != nullptr) return true;
  reading.findings.error(node, "names no prefix", "add `prefix: 64:ff9b::/96`, or `prefix: none` for no synthesis");
  return false;
}

void add_entry(const Node& node, const PrefixEntry& entry, PolicyDraft& draft, Reading& reading) {
  std::vector<Pref64> prefixes = with_suffix(node, entry, reading);
  std::vector<PrefixOptions> facts;
  for (const Pref64& prefix : prefixes) facts.push_back({prefix, entry.external, entry.probe});
  add_prefix_options(draft.prefixes, facts);
  if (!entry.ipv4.empty()) return add_range(entry, std::move(prefixes), draft.policy.mappings);
  if (!prefixes.empty() || entry.discovered) add_general(node, prefixes, entry.discovered, draft, reading);
}

void read_policy_prefixes(const Node& node, PolicyDraft& draft, Reading& reading) {
  draft.policy.mappings.clear();
  if (node.kind == Node::Kind::scalar && node.text == "none") return;
  for (const Node* entry : read_list(node, reading)) read_entry(*entry, draft, reading);
}

std::string mappings_to_text(const std::vector<Mapping>& mappings, const std::vector<PrefixOptions>& known) {
  std::vector<std::string> texts;
  for (const Mapping& mapping : mappings) {
    std::vector<std::string> own;
    for (const Pref64& prefix : mapping.prefixes) own.push_back(prefix_to_text(prefix, known));
    if (mapping.discovered) own.emplace_back(discovered_text);
    if (mapping.ipv4.empty()) {
      texts.insert(texts.end(), own.begin(), own.end());
    } else {
      texts.push_back("{ipv4: " + show_elements(mapping.ipv4, prefix_element.to_text) + ", prefixes: " + joined(own) +
                      "}");
    }
  }
  return joined(texts);
}

void add_prefix_options(std::vector<PrefixOptions>& all, const std::vector<PrefixOptions>& more) {
  for (const PrefixOptions& options : more) {
    const auto known = std::find_if(all.begin(), all.end(), [&](const PrefixOptions& one) {
      return one.prefix.prefix() == options.prefix.prefix();
    });
    if (known == all.end()) {
      all.push_back(options);
      continue;
    }
    known->external |= options.external;
    if (known->probe.empty()) known->probe = options.probe;
  }
}

}  // namespace dragoman::config
