// What DNS64 tells a trace (RFC 6147 5): the policy, the verdict on the AAAA answer, each address, the TTL.
#include "dragoman/dns/rdata.h"
#include "tracing.h"

namespace dragoman::resolve {
namespace {

template <class Values>
std::vector<std::string> texts_of(const Values& values) {
  std::vector<std::string> texts;
  for (const auto& value : values) texts.push_back(value.to_text());
  return texts;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

// The prefix of a list that holds the address: why it was chosen or excluded.
std::string holder_of(const std::vector<ip::Prefix>& prefixes, const ip::Address& address) {
  for (const ip::Prefix& prefix : prefixes) {
    if (prefix.contains(address)) return prefix.to_text();
  }
  return "";
}

// Why a policy does not touch this question; empty when it does.
const char* obstacle(const Inquiry& inquiry) {
  if (inquiry.synthesize) return "";
  if (inquiry.question.type != dns::Type::aaaa) return "nothing is synthesized for this type";
  if (inquiry.policy->exclude_names.hold(inquiry.question.name)) return "this name is left alone (exclude_names)";
  return "nothing is synthesized for clients that ask for no validation (CD; RFC 6147 5.5)";
}

struct Verdict {
  const char* key;
  const char* words;
  const char* paragraph;  // of RFC 6147
};
Verdict describe(dns64::AaaaVerdict verdict) {
  switch (verdict) {
    case dns64::AaaaVerdict::native:
      return {"native", "there are AAAA records: they are the answer", "5.1.1"};
    case dns64::AaaaVerdict::filtered:
      return {"filtered", "the AAAA records that may stay are the answer", "5.1.4"};
    case dns64::AaaaVerdict::nxdomain:
      return {"nxdomain", "the name does not exist: so it is told", "5.1.2"};
    case dns64::AaaaVerdict::empty:
      return {"empty", "there is no AAAA record", "5.1.6"};
    case dns64::AaaaVerdict::excluded:
      return {"excluded", "every AAAA record counts as absent", "5.1.4"};
    case dns64::AaaaVerdict::error:
      return {"error", "the AAAA question failed", "5.1.2"};
    case dns64::AaaaVerdict::unanswered:
      return {"unanswered", "the AAAA question got no answer in time", "5.1.3"};
    case dns64::AaaaVerdict::bogus:
      return {"bogus", "the AAAA answer did not validate, so nothing is made of A records", "5.5"};
  }
  return {"", "", ""};
}

void tell_exclusions(Trace& trace, const dns64::Policy& policy, const dns::AnswerView& aaaa) {
  dns::AnswerRecords records(aaaa);
  for (dns::AnswerRecord record; records.next(record);) {
    if (record.section != dns::Section::answer || record.type != dns::Type::aaaa) continue;
    const auto address = dns::Aaaa::read(record.rdata);
    if (!address || !dns64::is_excluded(policy, record)) continue;
    const std::string text = ip::Address(address->address).to_text();
    const std::string by = holder_of(policy.exclude_aaaa, ip::Address(address->address));
    const char* const list = by.empty() ? "own_prefix_aaaa" : "exclude_aaaa";
    const std::string where = by.empty() ? "a prefix of the site" : by;
    trace.add(StepKind::exclusion, "AAAA " + text + " counts as absent: it lies in " + where + " (" + list + ")",
              {{"address", text}, {"by", by}, {"list", list}});
  }
}

// One address under one prefix; true when it was embedded.
bool tell_address(Trace& trace, const dns64::Policy& policy, const ip::Pref64& prefix, const ip::Ipv4Octets& address) {
  const std::string text = ip::Address(address).to_text(), under = prefix.to_text();
  TraceFacts facts{{"a", text}, {"prefix", under}};
  if (dns64::may_embed(policy, prefix, address)) {
    const std::string made = ip::Address(prefix.embed(address)).to_text();
    facts.insert(facts.end(), {{"result", "embedded"}, {"aaaa", made}});
    trace.add(StepKind::dns64, "A " + text + " in " + under + " is AAAA " + made, std::move(facts));
    return true;
  }
  facts.insert(facts.end(), {{"result", "not_global"}, {"by", "RFC 6052 3.1"}});
  trace.add(
      StepKind::dns64,
      "A " + text + " is not embedded in " + under + ": it is not a global address (RFC 6052 3.1; well_known_prefix)",
      std::move(facts));
  return false;
}

void tell_unmapped(Trace& trace, const dns64::Policy& policy, const ip::Address& address) {
  const std::string text = address.to_text(), by = holder_of(policy.exclude_a, address);
  const bool is_excluded = !by.empty();
  trace.add(is_excluded ? StepKind::exclusion : StepKind::dns64,
            "A " + text + " is not embedded: " +
                (is_excluded ? "it lies in " + by + " (exclude_a)" : "no prefix is for it (ipv4 of dns64.prefixes)"),
            {{"a", text}, {"result", is_excluded ? "excluded" : "unmapped"}, {"by", by}});
}

struct Embedded {
  bool any_address = false;
  std::optional<std::uint32_t> a_ttl;  // the smallest of those that were embedded
};

Embedded tell_addresses(Trace& trace, const dns64::Policy& policy, const dns::AnswerView& a) {
  Embedded embedded;
  dns::AnswerRecords records(a);
  for (dns::AnswerRecord record; records.next(record);) {
    if (record.section != dns::Section::answer || record.type != dns::Type::a) continue;
    const auto address = dns::A::read(record.rdata);
    if (!address) continue;
    embedded.any_address = true;
    const dns64::Mapping* mapping = dns64::mapping_for(policy, address->address);
    if (mapping == nullptr || mapping->prefixes.empty()) {
      tell_unmapped(trace, policy, ip::Address(address->address));
      continue;
    }
    for (const ip::Pref64& prefix : mapping->prefixes) {
      if (!tell_address(trace, policy, prefix, address->address)) continue;
      embedded.a_ttl = std::min(embedded.a_ttl.value_or(record.ttl), record.ttl);
    }
  }
  return embedded;
}

std::optional<std::uint32_t> soa_ttl_of(const dns::AnswerView& answer) {
  dns::AnswerRecords records(answer);
  for (dns::AnswerRecord record; records.next(record);) {
    if (record.section == dns::Section::authority && record.type == dns::Type::soa) return record.ttl;
  }
  return {};
}

// `limit_s` is what synthesis_ttl_limit() said.
void tell_ttl(const Inquiry& inquiry, const AaaaFindings& findings, std::uint32_t a_ttl, std::uint32_t limit_s) {
  const std::uint32_t result = std::min(a_ttl, limit_s);
  const auto soa_ttl = soa_ttl_of(findings.aaaa.answer);
  const bool may_deny =
      findings.verdict == dns64::AaaaVerdict::empty || findings.verdict == dns64::AaaaVerdict::nxdomain;
  const bool is_by_policy = limit_s == static_cast<std::uint32_t>(inquiry.policy->max_ttl.count());
  const bool is_by_soa = may_deny && soa_ttl && !is_by_policy;
  TraceFacts facts{{"a_ttl", a_ttl}, {"limit", limit_s}, {"result", result}};
  facts.emplace_back("limit_by", is_by_policy ? "max_ttl" : is_by_soa ? "soa" : "max_ttl_without_soa");
  if (is_by_soa) facts.emplace_back("soa_ttl", *soa_ttl);
  std::string limit = std::to_string(limit_s) + ", the limit where the AAAA answer has no SOA (";
  if (is_by_policy) limit = std::to_string(limit_s) + ", the policy's max_ttl (";
  if (is_by_soa) {
    limit = "the " + std::to_string(limit_s) + " of the SOA in the empty AAAA answer (its TTL " +
            std::to_string(*soa_ttl) + " or its MINIMUM; ";
  }
  inquiry.trace->add(StepKind::ttl,
                     "TTL " + std::to_string(result) + ": the smaller of the A record's " + std::to_string(a_ttl) +
                         " and " + limit + "RFC 6147 5.1.7)",
                     std::move(facts));
}

std::string conditions_of(const dns64::Policy& policy, const ip::Address& client) {
  std::vector<std::string> conditions;
  if (!policy.clients.empty()) conditions.push_back("clients in " + holder_of(policy.clients, client));
  if (!policy.listeners.empty()) conditions.push_back("listener " + joined(policy.listeners));
  if (!policy.paths.empty()) conditions.push_back("path " + joined(policy.paths));
  if (!policy.tls_names.empty()) conditions.push_back("TLS name " + joined(policy.tls_names));
  return conditions.empty() ? "for everybody" : "for " + joined(conditions);
}

// Every prefix that addresses may go to, in the order of the mappings.
std::vector<std::string> prefixes_of(const dns64::Policy& policy) {
  std::vector<std::string> texts;
  for (const dns64::Mapping& mapping : policy.mappings) {
    for (std::string& text : texts_of(mapping.prefixes)) texts.push_back(std::move(text));
  }
  return texts;
}

}  // namespace

void tell_policy(const Inquiry& inquiry, const Settings& settings) {
  Trace& trace = *inquiry.trace;
  const std::vector<dns64::Policy>& policies = settings.dns64.policies;
  if (policies.empty()) {
    return trace.add(StepKind::policy, "DNS64 is off (no dns64 in the configuration)", {{"dns64", false}});
  }
  if (settings.is_without_dns64(inquiry.question.name)) {
    return trace.add(StepKind::policy, "DNS64 is off for this name (dns64: false of its route)", {{"dns64", false}});
  }
  const dns64::Policy* policy = inquiry.policy;
  if (policy == nullptr) {
    return trace.add(StepKind::policy, "no policy is for this client: nothing is synthesized", {{"dns64", false}});
  }
  const auto number = static_cast<std::size_t>(policy - policies.data()) + 1;
  const std::vector<std::string> prefixes = prefixes_of(*policy);
  const char* why_not =
      prefixes.empty() ? "it has no prefix: nothing is synthesized for these clients" : obstacle(inquiry);
  const std::string name = policy->name.empty() ? "" : "`" + policy->name + "`, ";
  std::string text = "policy " + name + std::to_string(number) + " of " + std::to_string(policies.size()) + ", " +
                     conditions_of(*policy, inquiry.client.address);
  if (!prefixes.empty()) text += ": " + joined(prefixes);
  if (*why_not != 0) text += std::string("; ") + why_not;
  trace.add(StepKind::policy, std::move(text),
            {{"dns64", !prefixes.empty()},
             {"name", policy->name},
             {"policy", number},
             {"policies", policies.size()},
             {"clients", texts_of(policy->clients)},
             {"listeners", policy->listeners},
             {"paths", policy->paths},
             {"tls_names", policy->tls_names},
             {"prefixes", prefixes},
             {"synthesize", inquiry.synthesize}});
}

void tell_reverse_zone(const Inquiry& inquiry, dns::NameView zone) {
  inquiry.trace->add(StepKind::local,
                     "this name lies in " + zone.to_text() + ", the reverse zone of a prefix, which is answered here",
                     {{"rule", "RFC 6147 5.3.1"}, {"zone", zone.to_text()}});
}

void tell_reverse(const Inquiry& inquiry, dns::NameView target) {
  inquiry.trace->add(StepKind::dns64,
                     "this reverse name lies under a prefix: " + target.to_text() + " is asked for (RFC 6147 5.3.1)",
                     {{"result", "reverse"}, {"target", target.to_text()}});
}

void tell_aaaa(const Inquiry& inquiry, const dns64::Options& options, const AaaaFindings& findings) {
  Trace& trace = *inquiry.trace;
  const dns64::Policy& policy = *inquiry.policy;
  tell_exclusions(trace, policy, findings.aaaa.answer);
  const Verdict verdict = describe(findings.verdict);
  const bool needs_a = dns64::needs_a(policy, findings.verdict);
  trace.add(StepKind::dns64,
            std::string(verdict.words) + (needs_a ? ": look at A" : "") + " (RFC 6147 " + verdict.paragraph + ")",
            {{"verdict", verdict.key}});
  if (!needs_a) return;
  const Embedded embedded = tell_addresses(trace, policy, findings.a.answer);
  if (embedded.a_ttl) {
    tell_ttl(inquiry, findings, *embedded.a_ttl,
             dns64::synthesis_ttl_limit(policy, findings.aaaa.answer, findings.verdict, options.max_ttl_without_soa));
  } else if (embedded.any_address) {
    trace.add(StepKind::dns64, "no address may be embedded: the answer is empty", {{"result", "not_mappable"}});
  } else {
    trace.add(StepKind::dns64, "there is no A record either: nothing can be synthesized (RFC 6147 5.1.6)",
              {{"result", "no_a"}});
  }
}

}  // namespace dragoman::resolve
