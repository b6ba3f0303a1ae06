// What a policy of DNS64 may say, wherever it is written: directly under `dns64` for everybody, in an entry of
// `dns64.policies` or in one of `dns64.prefixes`. policy_keys.cpp has the words, mapping_keys.cpp the prefixes.
#pragma once

#include "dragoman/dns64/policy.h"
#include "values.h"

namespace dragoman::config {

// A policy while it is read.
struct PolicyDraft {
  dns64::Policy policy;
  std::vector<dns64::PrefixOptions> prefixes;  // of its mappings
};

// -- Words: what holds for everybody, and may be said anew by a policy --

Keys<dns64::Policy> policy_keys();
// Those that a file may have: words of former versions beside them.
Keys<dns64::Policy> accepted_policy_keys();
// Reports a word that stands beside its former one.
void report_former_words(const Node& node, Reading& reading);

// -- Conditions: whom a policy is for --

Keys<dns64::Policy> condition_keys();

// -- Prefixes --

// What an entry of `prefixes` says of its prefixes.
struct PrefixEntry {
  std::vector<ip::Pref64> prefixes;
  bool discovered = false;
  std::vector<ip::Prefix> ipv4;
  ip::Ipv6Octets suffix{};
  bool external = false;
  std::string probe;
};
Keys<PrefixEntry> prefix_entry_keys();
// What its keys do not say one by one; false when it names no prefix.
bool check_prefix_entry(const Node& node, Reading& reading);
// Adds an entry to a policy. Prefixes without ranges are one mapping, which comes last.
void add_entry(const Node& node, const PrefixEntry& entry, PolicyDraft& draft, Reading& reading);

// One prefix, without `discovered` and `none`; NAT64's are written like this, too.
std::optional<ip::Pref64> read_pref64(const Node& node, Reading& reading);
// "64:ff9b::/96", `discovered`, a list of them, or `none`.
void read_prefixes(const Node& node, PrefixEntry& entry, Reading& reading);
void report_both_forms(const Node& node, Reading& reading);
// `prefix` and `prefixes` of a policy: a list of texts and entries.
void read_policy_prefixes(const Node& node, PolicyDraft& draft, Reading& reading);

// Prefixes as they would be written, with what is known of them.
std::string mappings_to_text(const std::vector<dns64::Mapping>& mappings,
                             const std::vector<dns64::PrefixOptions>& known);

// Joins what is known of prefixes; the first that says something of one is believed.
void add_prefix_options(std::vector<dns64::PrefixOptions>& all, const std::vector<dns64::PrefixOptions>& more);

}  // namespace dragoman::config
