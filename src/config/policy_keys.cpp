// The words of policies, and the conditions by which clients are told apart.
#include "policy_keys.h"

#include <algorithm>

namespace dragoman::config {
namespace {

using namespace std::chrono_literals;
using dns64::Policy;

// A domain name and all below it.
Value<Policy> name_suffixes(dns::NameSuffixes Policy::*member) {
  return {"list of names",
          [member](const Node& node, Policy& policy, Reading& reading) {
            dns::NameSuffixes suffixes;
            for (const Node* entry : read_list(node, reading)) {
              const auto text = read_text(*entry, reading);
              if (!text) continue;
              const auto name = dns::Name::from_text(*text);
              if (!name) {
                report_refused(*entry, name.error(), "write a name as in corp.example.net", reading);
                continue;
              }
              const std::size_t before = suffixes.names().size();
              suffixes.add(*name);
              if (suffixes.names().size() != before) continue;
              reading.findings.error(*entry, entry->shown() + " is listed twice", "remove one of the two");
            }
            policy.*member = std::move(suffixes);
          },
          [member](const Policy& policy) {
            std::vector<std::string> texts;
            for (const dns::Name& name : (policy.*member).names()) texts.push_back(name.to_text());
            return joined(texts);
          }};
}

std::string itself(const std::string& text) { return text; }

Result<std::string> url_from_text(std::string_view text) { return std::string(text); }

Result<std::string> path_from_text(std::string_view text) {
  if (text.starts_with('/') && text.find_first_of("?#") == text.npos) return std::string(text);
  return Error{ErrorCode::malformed, "not the path of a URL", std::string(text)};
}

// As it comes in a handshake: no final dot, and case means nothing (RFC 6066 3).
Result<std::string> tls_name_from_text(std::string_view text) {
  auto name = dns::Name::from_text(text);
  if (!name) return name.error();
  name->lower_case();
  std::string lower = name->to_text();
  if (lower.size() > 1) lower.pop_back();
  return lower;
}

const ElementText<std::string> listener_element{"list of URLs", &url_from_text, &itself, "write a URL of `listen`"};
const ElementText<std::string> path_element{"list of paths", &path_from_text, &itself, "write /dns-query"};
const ElementText<std::string> tls_name_element{"list of names", &tls_name_from_text, &itself,
                                                "write a name as in dns.example.net"};

// An empty condition would be none at all, which is the opposite of what it looks like.
template <class Element>
Value<Policy> condition(std::vector<Element> Policy::*member, const ElementText<Element>& element) {
  Value<Policy> value = list(member, element);
  value.read = [member, read = value.read](const Node& node, Policy& policy, Reading& reading) {
    read(node, policy, reading);
    const bool is_list = node.kind == Node::Kind::list || node.kind == Node::Kind::scalar;
    if (is_list && (policy.*member).empty()) {
      reading.findings.error(node, "names nobody", "name somebody, or remove the key");
    }
  };
  return value;
}

Value<Policy> former_well_known_prefix() {
  return {"true or false",
          [](const Node& node, Policy& policy, Reading& reading) {
            const auto value = read_boolean(node, reading);
            if (!value) return;
            policy.well_known_prefix = *value ? dns64::WellKnownPrefixRule::examples : dns64::WellKnownPrefixRule::off;
          },
          [](const Policy&) { return std::string(); }};
}

// Which AAAA and A records and which names count.
Keys<Policy> exclusion_keys() {
  using dns64::OwnPrefixAaaa;
  return {
      {"exclude_aaaa", prefixes(&Policy::exclude_aaaa), Reload::live,
       "AAAA records in here count as absent, so that synthesis takes place (RFC 6147 5.1.4)."},
      {"exclude_a", prefixes(&Policy::exclude_a), Reload::live, "A records in here are never embedded."},
      {"exclude_names", name_suffixes(&Policy::exclude_names), Reload::live,
       "No synthesis for these names and those below."},
      {"ignore_aaaa_names", name_suffixes(&Policy::ignore_aaaa_names), Reload::live,
       "AAAA records of these names and those below count as absent: their A records are used."},
      {"own_prefix_aaaa",
       choice<Policy, OwnPrefixAaaa>(&Policy::own_prefix_aaaa,
                                     {{"pass", OwnPrefixAaaa::pass}, {"exclude", OwnPrefixAaaa::exclude}}),
       Reload::live,
       "AAAA records within a prefix of DNS64: exclude counts them as absent, for upstreams that synthesize too."},
  };
}

// When synthesis takes place.
Keys<Policy> occasion_keys() {
  using dns64::SynthesizeOn;
  return {
      {"synthesize_on",
       choice<Policy, SynthesizeOn>(
           &Policy::synthesize_on,
           {{"nodata", SynthesizeOn::nodata}, {"rcode", SynthesizeOn::rcode}, {"timeout", SynthesizeOn::timeout}}),
       Reload::live,
       "What an AAAA question must have come to: nodata; rcode, an error too (RFC 6147 5.1.2); timeout, no answer too "
       "(5.1.3)."},
      {"always", boolean(&Policy::always), Reload::live,
       "Synthetic addresses beside native ones (RFC 6147 5.1.1 has them only where there are none)."},
      {"a_after_nxdomain", boolean(&Policy::a_after_nxdomain), Reload::live,
       "Looks at A even when AAAA came to NXDOMAIN, for servers that say it of names that exist."},
      {"synthesize_for_cd", boolean(&Policy::synthesize_for_cd), Reload::live,
       "Synthesis for queries with CD set and DO not; with both there is none (RFC 6147 5.5)."},
  };
}

// What it makes.
Keys<Policy> form_keys() {
  using dns64::PtrMode;
  using dns64::SvcbHints;
  using Rule = dns64::WellKnownPrefixRule;
  return {
      {"well_known_prefix",
       choice<Policy, Rule>(&Policy::well_known_prefix, {{"examples", Rule::examples},
                                                         {"rfc6052", Rule::rfc6052},
                                                         {"wkp_1918", Rule::wkp_1918},
                                                         {"off", Rule::off}}),
       Reload::live,
       "Which IPv4 addresses 64:ff9b::/96 may hold: rfc6052, global ones (RFC 6052 3.1); examples, also the blocks for "
       "documentation and benchmarks; wkp_1918, global, private and shared ones (draft-ietf-v6ops-nat64-wkp-1918); "
       "off, all."},
      {"svcb_hints",
       choice<Policy, SvcbHints>(&Policy::svcb_hints,
                                 {{"keep", SvcbHints::keep}, {"strip_ipv4", SvcbHints::strip_ipv4}}),
       Reload::live,
       "Address hints in HTTPS and SVCB records: keep as they are (RFC 9460 4.2.1), or strip_ipv4 for queries without "
       "DO."},
      {"ptr",
       choice<Policy, PtrMode>(&Policy::ptr,
                               {{"cname", PtrMode::cname}, {"local", PtrMode::local}, {"off", PtrMode::off}}),
       Reload::live,
       "Reverse names under a prefix: cname leads to the IPv4 reverse name (RFC 6147 5.3.1), local knows only those in "
       "local_data, off asks upstream."},
      {"max_ttl", duration(&Policy::max_ttl, 0ms, 7 * 24h), Reload::live, "No synthetic record has a higher TTL."},
  };
}

}  // namespace

Keys<Policy> policy_keys() {
  Keys<Policy> keys = exclusion_keys();
  for (const Keys<Policy>& more : {occasion_keys(), form_keys()}) keys.insert(keys.end(), more.begin(), more.end());
  return keys;
}

Keys<Policy> accepted_policy_keys() {
  Keys<Policy> keys = policy_keys();
  keys.push_back({"well_known_prefix_for_global_only", former_well_known_prefix(), Reload::live, ""});
  return keys;
}

void report_former_words(const Node& node, Reading& reading) {
  const Node* former = node.find("well_known_prefix_for_global_only");
  if (former == nullptr || node.find("well_known_prefix") == nullptr) return;
  reading.findings.error(*former, "stands beside `well_known_prefix`, which says the same", "remove this key");
}

Keys<Policy> condition_keys() {
  return {
      {"clients", condition(&Policy::clients, prefix_element), Reload::live,
       "Whose source address is in one of these."},
      {"listeners", condition(&Policy::listeners, listener_element), Reload::live,
       "Who came by one of these listeners, named as in `listen`."},
      {"paths", condition(&Policy::paths, path_element), Reload::live, "Who asked by DoH with one of these paths."},
      {"tls_names", condition(&Policy::tls_names, tls_name_element), Reload::live,
       "Who asked by DoT or DoH for a server of one of these names (SNI, RFC 6066 3)."},
  };
}

}  // namespace dragoman::config
