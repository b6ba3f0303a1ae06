// dns64: the rows of synthesis. What stands in the section itself is the policy for everybody; the entries of
// `policies`, and those of `prefixes` that have `clients`, are policies of their own, tried before it in this order.
// Each inherits what it does not say.
#include <algorithm>

#include "policy_keys.h"

namespace dragoman::config {
namespace {

using namespace std::chrono_literals;
using dns64::Policy;
using ip::Pref64;

constexpr const char* everybodys_name = "default";

// The section while it is read.
struct Section {
  dns64::Options options;
  gateway::DiscoveryOptions discovery;
  gateway::ProbingOptions probing;
  PolicyDraft everybody;
  std::vector<Policy> listed;       // in `policies`
  std::vector<Policy> for_clients;  // in `prefixes`
};

// An entry of `prefixes`.
struct Entry {
  Policy policy;
  PrefixEntry prefixes;
};

// -- prefixes[] --

Keys<Entry> entry_keys(const Keys<Policy>& words) {
  Keys<Policy> policy = words;
  policy.push_back(condition_keys().front());  // clients
  Keys<Entry> keys = lifted(&Entry::policy, policy);
  for (Key<Entry>& key : lifted(&Entry::prefixes, prefix_entry_keys())) keys.push_back(std::move(key));
  return keys;
}

std::string name_for(const std::vector<ip::Prefix>& clients) {
  return clients.front().to_text() + (clients.size() > 1 ? ", ..." : "");
}

void refuse_words_for_everybody(const Node& node, Reading& reading) {
  for (const Key<Policy>& key : accepted_policy_keys()) {
    const Node* own = node.find(key.name);
    if (own == nullptr) continue;
    reading.findings.error(*own, "without `clients` this is for everybody",
                           std::string("write dns64.") + key.name + ", or add `clients` to this entry");
  }
}

void read_entry(const Node& node, Section& section, Reading& reading) {
  Entry entry{section.everybody.policy, {}};
  entry.policy.mappings.clear();
  read_section(node, entry_keys(accepted_policy_keys()), entry, reading);
  report_former_words(node, reading);
  check_prefix_entry(node, reading);
  if (node.find("clients") == nullptr) {
    refuse_words_for_everybody(node, reading);
    return add_entry(node, entry.prefixes, section.everybody, reading);
  }
  if (const Node* ipv4 = node.find("ipv4")) {
    reading.findings.error(*ipv4, "is not for entries with `clients`",
                           "write an entry of dns64.policies with these clients and several prefixes");
  }
  if (entry.policy.clients.empty()) return;  // reported
  entry.policy.name = name_for(entry.policy.clients);
  PolicyDraft draft{std::move(entry.policy), {}};
  add_entry(node, entry.prefixes, draft, reading);
  add_prefix_options(section.options.prefixes, draft.prefixes);
  section.for_clients.push_back(std::move(draft.policy));
}

// A text is a prefix for everybody, a section an entry with words of its own.
void read_entries(const Node& node, Section& section, Reading& reading) {
  section.everybody.policy.mappings.clear();
  section.everybody.prefixes.clear();
  for (const Node* element : read_list(node, reading)) {
    if (element->kind == Node::Kind::map) {
      read_entry(*element, section, reading);
      continue;
    }
    PrefixEntry entry;
    read_prefixes(*element, entry, reading);
    add_entry(*element, entry, section.everybody, reading);
  }
}

void read_short_form(const Node& node, Section& section, Reading& reading) {
  section.everybody = {section.everybody.policy, {}};
  read_policy_prefixes(node, section.everybody, reading);
}

// -- policies[] --

Result<std::string> name_from_text(std::string_view text) {
  const bool is_plain = std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.';
  });
  if (!is_plain || text.size() > 64) {
    return Error{ErrorCode::malformed, "not a name of at most 64 letters, digits, `-`, `_` and `.`", std::string(text)};
  }
  if (text == everybodys_name) return Error{ErrorCode::invalid_argument, "is what stands under dns64 itself", {}};
  return std::string(text);
}

void read_name(const Node& node, Policy& policy, Reading& reading) {
  const auto text = read_text(node, reading);
  if (!text) return;
  const auto name = name_from_text(*text);
  if (!name) return report_refused(node, name.error(), "write a word as in guests", reading);
  policy.name = *name;
}

Keys<PolicyDraft> listed_keys(const Keys<Policy>& words) {
  Keys<Policy> policy{{"name",
                       {"text", &read_name, [](const Policy& shown) { return shown.name; }},
                       Reload::live,
                       "What metrics, logs and explanations call it."}};
  for (const Keys<Policy>& more : {condition_keys(), words}) policy.insert(policy.end(), more.begin(), more.end());
  Keys<PolicyDraft> keys = lifted(&PolicyDraft::policy, policy);
  const auto show = [](const PolicyDraft& draft) { return mappings_to_text(draft.policy.mappings, draft.prefixes); };
  keys.push_back({"prefix",
                  {"prefix, discovered or none", &read_policy_prefixes, show},
                  Reload::live,
                  "Its prefix; none is no synthesis."});
  keys.push_back({"prefixes",
                  {"list of prefixes and entries", &read_policy_prefixes, show},
                  Reload::live,
                  "Its prefixes, when several, and entries as in dns64.prefixes but without `clients`."});
  return keys;
}

void read_policy(const Node& node, Section& section, Reading& reading) {
  PolicyDraft draft = section.everybody;
  draft.policy.name.clear();
  read_section(node, listed_keys(accepted_policy_keys()), draft, reading);
  if (node.kind != Node::Kind::map) return;
  report_former_words(node, reading);
  report_both_forms(node, reading);
  if (node.find("name") == nullptr) reading.findings.error(node, "has no name", "add `name: guests`");
  const auto is_namesake = [&](const Policy& earlier) { return earlier.name == draft.policy.name; };
  if (!draft.policy.name.empty() && std::any_of(section.listed.begin(), section.listed.end(), is_namesake)) {
    reading.findings.error(*node.find("name"), node.find("name")->shown() + " is the name of an earlier policy",
                           "give each policy a name of its own");
  }
  add_prefix_options(section.options.prefixes, draft.prefixes);
  section.listed.push_back(std::move(draft.policy));
}

void read_policies(const Node& node, Section& section, Reading& reading) {
  for (const Node* entry : read_list(node, reading)) read_policy(*entry, section, reading);
}

std::string policy_to_text(const Policy& policy, const std::vector<dns64::PrefixOptions>& known) {
  std::string out = "{";
  if (policy.name != everybodys_name) out += "name: \"" + policy.name + "\", ";
  out += "prefixes: " + mappings_to_text(policy.mappings, known);
  for (const Key<Policy>& key : condition_keys()) {
    const std::string shown = key.value.show(policy);
    if (shown != "[]") out += ", " + std::string(key.name) + ": " + shown;
  }
  for (const Key<Policy>& key : policy_keys()) out += ", " + std::string(key.name) + ": " + key.value.show(policy);
  return out + "}";
}

std::string policies_to_text(const std::vector<Policy>& policies, const Section& section) {
  std::vector<std::string> texts;
  for (const Policy& policy : policies) texts.push_back(policy_to_text(policy, section.options.prefixes));
  return texts.empty() ? std::string() : joined(texts);
}

// -- The section --

// The keys but for those of prefixes and policies, which are read after what they inherit.
Keys<Section> plain_keys(const Keys<Policy>& words) {
  using Options = dns64::Options;
  Keys<Section> keys = lifted(&Section::everybody, lifted(&PolicyDraft::policy, words));
  Keys<Options> timing{
      {"aaaa_timeout", duration(&Options::aaaa_deadline, 100ms, 10s), Reload::live,
       "An AAAA question that is not answered by then counts as failed, and the A answer is used (RFC 6147 5.1.3)."},
      {"a_delay", duration(&Options::a_delay, 0ms, 5s), Reload::live,
       "The A question goes out this long after the AAAA one (RFC 6147 5.1.8); 0s: at the same time."},
  };
  for (Key<Section>& key : lifted(&Section::options, timing)) keys.push_back(std::move(key));
  return keys;
}

Keys<Section> section_keys(const Keys<Policy>& words) {
  Keys<Section> keys = plain_keys(words);
  const auto show_entries = [](const Section& section) {
    std::vector<Policy> shown = section.for_clients;
    if (!section.everybody.policy.mappings.empty()) shown.push_back(section.everybody.policy);
    return policies_to_text(shown, section);
  };
  const auto show_policies = [](const Section& section) { return policies_to_text(section.listed, section); };
  keys.push_back({"prefix",
                  {"prefix, discovered or none", &read_short_form, [](const Section&) { return std::string(); }},
                  Reload::live,
                  "Short form for one prefix for everybody; none is no synthesis for those without a policy of their "
                  "own, discovered is what dns64.discovery finds."});
  keys.push_back({"prefixes",
                  {"list of prefixes and entries", &read_entries, show_entries},
                  Reload::live,
                  "Prefixes for everybody, several at once, and entries for some IPv4 addresses or some clients. A "
                  "section that names none means those of `nat64`; without that the Well-Known Prefix, 64:ff9b::/96."});
  keys.push_back({"policies",
                  {"list of policies", &read_policies, show_policies},
                  Reload::live,
                  "Policies for some clients, the first that matches holds: all conditions that it has must. What it "
                  "does not say is as in dns64."});
  keys.push_back({"discovery", section(&Section::discovery, discovery_keys()), Reload::live, ""});
  keys.push_back({"probing", section(&Section::probing, probing_keys()), Reload::live, ""});
  return keys;
}

Section section_without_words() {
  Section section;
  section.everybody.policy.name = everybodys_name;
  section.everybody.policy.exclude_aaaa = dns64::default_exclude_aaaa();
  return section;
}

bool does_nothing(const Policy& policy) {
  return policy.mappings.empty() && policy.svcb_hints == dns64::SvcbHints::keep;
}

// A section that names no prefix means those of our own NAT64, or the Well-Known Prefix (RFC 6147 5.2).
void start_from_nat64(const Config& config, PolicyDraft& everybody) {
  std::vector<Pref64> prefixes{Pref64()};
  if (config.nat64) {
    everybody.policy.well_known_prefix = config.nat64->nat64.well_known_prefix;
    if (!config.nat64->nat64.prefixes.empty()) prefixes = config.nat64->nat64.prefixes;
  }
  everybody.policy.mappings = {{.prefixes = prefixes}};
  for (const Pref64& prefix : prefixes) everybody.prefixes.push_back({prefix});
}

void read_dns64(const Node& node, Config& config, Reading& reading) {
  Section section = section_without_words();
  start_from_nat64(config, section.everybody);
  read_section(node, section_keys(accepted_policy_keys()), section, reading);
  report_former_words(node, reading);
  report_both_forms(node, reading);
  add_prefix_options(section.options.prefixes, section.everybody.prefixes);
  config.dns64 = std::move(section.options);
  config.discovery = std::move(section.discovery);
  config.probing = section.probing;
  std::vector<Policy>& policies = config.dns64.policies;
  policies = std::move(section.listed);
  policies.insert(policies.end(), section.for_clients.begin(), section.for_clients.end());
  if (!policies.empty() || !does_nothing(section.everybody.policy)) {
    policies.push_back(std::move(section.everybody.policy));
  }
}

// Takes the section apart again: names of entries of `prefixes` are those of their clients, which no other name can be.
Section section_of(const Config& config) {
  Section section = section_without_words();
  section.options = config.dns64;
  section.discovery = config.discovery;
  section.probing = config.probing;
  for (const Policy& policy : config.dns64.policies) {
    if (policy.name == everybodys_name) {
      section.everybody = {policy, config.dns64.prefixes};
    } else {
      (policy.name.find('/') == std::string::npos ? section.listed : section.for_clients).push_back(policy);
    }
  }
  return section;
}

template <class T>
void append_list_rows(const Keys<T>& keys, const std::string& path, const std::string& list, std::vector<Row>& out) {
  const std::vector<std::string> common = names_of(policy_keys());
  for (const Key<T>& key : keys) {
    const bool is_inherited = std::find(common.begin(), common.end(), key.name) != common.end();
    const std::string sentence =
        is_inherited ? "For these clients instead of " + path + "." + key.name + "." : std::string(key.sentence);
    out.push_back({path + "." + list + "[]." + key.name, key.value.type, "", key.reload, sentence, {}});
  }
}

void append_dns64_rows(const Config& config, const std::string& path, std::vector<Row>& out) {
  append_rows(section_keys(policy_keys()), section_of(config), path, out);
  append_list_rows(entry_keys(policy_keys()), path, "prefixes", out);
  append_list_rows(listed_keys(policy_keys()), path, "policies", out);
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
