// dns64: the rows of synthesis. What stands in the section itself is the policy for everybody; an entry of `prefixes`
// with `clients` is a policy of its own, tried before it, and inherits what it does not say.
#include "dragoman/dns64/policy.h"

#include "values.h"

namespace dragoman::config {
namespace {

using namespace std::chrono_literals;
using dns64::Policy;
using ip::Pref64;

// The section while it is read.
struct Section {
  dns64::Options options;
  Policy everybody;
  std::vector<Policy> for_clients;
};

constexpr const char* prefix_fix = "write 64:ff9b::/96, or a prefix of your own of 32, 40, 48, 56, 64 or 96 bits";

const ElementText<Pref64> pref64_element{"list of prefixes", &Pref64::from_text,
                                         [](const Pref64& prefix) { return prefix.to_text(); }, prefix_fix};

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

std::vector<Pref64> read_prefixes(const Node& node, Reading& reading) {
  if (node.kind == Node::Kind::scalar && node.text == "none") return {};
  std::vector<Pref64> out = read_elements(node, pref64_element, reading);
  std::vector<const Node*> entries = node.kind == Node::Kind::list ? read_list(node, reading) : std::vector{&node};
  for (std::size_t i = 0; i < out.size(); ++i) warn_if_unassigned(*entries[i], out[i], reading);
  return out;
}

void report_both_forms(const Node& node, Reading& reading) {
  const Node* second = node.find("prefixes");
  if (second == nullptr || node.find("prefix") == nullptr) return;
  reading.findings.error(*second, "stands beside `prefix`", "name all of them in `prefixes`");
}

// `prefix` and `prefixes` of an entry: one key with two names.
Value<Policy> policy_prefixes(const char* type) {
  return {type,
          [](const Node& node, Policy& policy, Reading& reading) { policy.prefixes = read_prefixes(node, reading); },
          [](const Policy& policy) { return show_elements(policy.prefixes, pref64_element.to_text); }};
}

// What holds for everybody, and may be said anew for some clients.
Keys<Policy> policy_keys() {
  return {
      {"exclude_aaaa", prefixes(&Policy::exclude_aaaa), Reload::live,
       "AAAA records in here count as absent, so that synthesis takes place (RFC 6147 5.1.4)."},
      {"exclude_a", prefixes(&Policy::exclude_a), Reload::live, "A records in here are never embedded."},
      {"ptr",
       choice<Policy, dns64::PtrMode>(&Policy::ptr, {{"cname", dns64::PtrMode::cname}, {"off", dns64::PtrMode::off}}),
       Reload::live,
       "Reverse names under a prefix: cname leads to the IPv4 reverse name (RFC 6147 5.3.1), off asks upstream."},
      {"well_known_prefix_for_global_only", boolean(&Policy::well_known_prefix_for_global_only), Reload::live,
       "Keeps private and other non-global IPv4 addresses out of 64:ff9b::/96 (RFC 6052 3.1); the blocks for "
       "documentation and benchmarking are let through."},
  };
}

Keys<Policy> entry_keys() {
  Keys<Policy> keys = policy_keys();
  keys.push_back({"clients", prefixes(&Policy::clients), Reload::live, "The clients that this entry is for."});
  keys.push_back(
      {"prefix", policy_prefixes("prefix or none"), Reload::live, "Their prefix; none is no synthesis for them."});
  keys.push_back({"prefixes", policy_prefixes("list of prefixes"), Reload::live, "Their prefixes, when several."});
  return keys;
}

void read_entry(const Node& node, Section& section, Reading& reading) {
  Policy policy = section.everybody;
  policy.prefixes.clear();
  read_section(node, entry_keys(), policy, reading);
  report_both_forms(node, reading);
  if (node.find("prefix") == nullptr && node.find("prefixes") == nullptr) {
    reading.findings.error(node, "names no prefix", "add `prefix: 64:ff9b::/96`, or `prefix: none` for no synthesis");
  }
  const Node* clients = node.find("clients");
  if (clients != nullptr) {
    if (policy.clients.empty()) reading.findings.error(*clients, "names nobody", "name prefixes of clients");
    section.for_clients.push_back(std::move(policy));
    return;
  }
  for (const Key<Policy>& key : policy_keys()) {
    const Node* own = node.find(key.name);
    if (own == nullptr) continue;
    reading.findings.error(*own, "without `clients` this is for everybody",
                           std::string("write dns64.") + key.name + ", or add `clients` to this entry");
  }
  std::vector<Pref64>& common = section.everybody.prefixes;
  common.insert(common.end(), policy.prefixes.begin(), policy.prefixes.end());
}

// A text is a prefix for everybody, a section an entry with words of its own.
void read_entries(const Node& node, Section& section, Reading& reading) {
  for (const Node* entry : read_list(node, reading)) {
    if (entry->kind == Node::Kind::map) {
      read_entry(*entry, section, reading);
      continue;
    }
    for (const Pref64& prefix : read_prefixes(*entry, reading)) {
      std::vector<Pref64>& common = section.everybody.prefixes;
      bool is_known = std::find(common.begin(), common.end(), prefix) != common.end();
      if (is_known) reading.findings.error(*entry, entry->shown() + " is listed twice", "remove one of the two");
      common.push_back(prefix);
    }
  }
}

std::string policy_to_text(const Policy& policy) {
  std::string out = "{prefixes: " + show_elements(policy.prefixes, pref64_element.to_text);
  if (!policy.clients.empty()) out += ", clients: " + show_elements(policy.clients, prefix_element.to_text);
  for (const Key<Policy>& key : policy_keys()) out += ", " + std::string(key.name) + ": " + key.value.show(policy);
  return out + "}";
}

// The keys of the section but for `prefix` and `prefixes`, which are read after what they inherit.
Keys<Section> section_keys() {
  using Options = dns64::Options;
  Keys<Section> keys = lifted(&Section::everybody, policy_keys());
  Keys<Options> timing{
      {"aaaa_timeout", duration(&Options::aaaa_deadline, 100ms, 10s), Reload::live,
       "An AAAA question that is not answered by then counts as failed, and the A answer is used (RFC 6147 5.1.3)."},
      {"a_delay", duration(&Options::a_delay, 0ms, 5s), Reload::live,
       "The A question goes out this long after the AAAA one (RFC 6147 5.1.8); 0s: at the same time."},
  };
  for (Key<Section>& key : lifted(&Section::options, timing)) keys.push_back(std::move(key));
  auto show = [](const Section& section) {
    std::vector<std::string> texts;
    for (const Policy& policy : section.options.policies) texts.push_back(policy_to_text(policy));
    return texts.empty() ? std::string() : joined(texts);
  };
  keys.push_back({"prefix",
                  {"prefix or none",
                   [](const Node& node, Section& section, Reading& reading) {
                     section.everybody.prefixes = read_prefixes(node, reading);
                   },
                   [](const Section&) { return std::string(); }},
                  Reload::live,
                  "Short form for one prefix for everybody; none is no synthesis for those without an "
                  "entry of their own."});
  keys.push_back({"prefixes",
                  {"list of prefixes and entries", &read_entries, show},
                  Reload::live,
                  "Prefixes for everybody, several at once, and entries for some clients, tried first. A section that "
                  "names none means the Well-Known Prefix, 64:ff9b::/96."});
  return keys;
}

Policy policy_without_words() {
  Policy policy;
  policy.exclude_aaaa = dns64::default_exclude_aaaa();
  return policy;
}

void read_dns64(const Node& node, Config& config, Reading& reading) {
  Section section;
  section.everybody = policy_without_words();
  read_section(node, section_keys(), section, reading);
  report_both_forms(node, reading);
  if (node.find("prefix") == nullptr && node.find("prefixes") == nullptr) section.everybody.prefixes = {Pref64()};
  config.dns64 = std::move(section.options);
  config.dns64.policies = std::move(section.for_clients);
  if (!section.everybody.prefixes.empty()) config.dns64.policies.push_back(std::move(section.everybody));
}

void append_dns64_rows(const Config& config, const std::string& path, std::vector<Row>& out) {
  Section section;
  section.options = config.dns64;
  const std::vector<Policy>& policies = config.dns64.policies;
  bool has_one_for_everybody = !policies.empty() && policies.back().clients.empty();
  section.everybody = has_one_for_everybody ? policies.back() : policy_without_words();
  append_rows(section_keys(), section, path, out);
  for (const Key<Policy>& key : entry_keys()) {
    std::string sentence = key.sentence;
    for (const Key<Policy>& common : policy_keys()) {
      if (std::string_view(common.name) == key.name)
        sentence = "For these clients instead of " + path + "." + key.name + ".";
    }
    out.push_back({path + ".prefixes[]." + key.name, key.value.type, "", key.reload, sentence, {}});
  }
}

}  // namespace

Value<Config> dns64_value() {
  Value<Config> out;
  out.type = "section";
  out.read = &read_dns64;
  out.rows = &append_dns64_rows;
  return out;
}

}  // namespace dragoman::config
