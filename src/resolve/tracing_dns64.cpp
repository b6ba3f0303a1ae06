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
  return "nothing is synthesized for clients that ask for no validation (CD; RFC 6147 5.5)";
}

struct Verdict {
  const char* key;
  const char* words;
};
Verdict describe(dns64::AaaaVerdict verdict) {
  switch (verdict) {
    case dns64::AaaaVerdict::native:
      return {"native", "there are AAAA records: they are the answer (RFC 6147 5.1.1)"};
    case dns64::AaaaVerdict::filtered:
      return {"filtered", "the AAAA records that are not excluded are the answer (RFC 6147 5.1.4)"};
    case dns64::AaaaVerdict::nxdomain:
      return {"nxdomain", "the name does not exist: so it is told (RFC 6147 5.1.2)"};
    case dns64::AaaaVerdict::empty:
      return {"empty", "there is no AAAA record: look at A (RFC 6147 5.1.6)"};
    case dns64::AaaaVerdict::excluded:
      return {"excluded", "every AAAA record is excluded: look at A (RFC 6147 5.1.4)"};
    case dns64::AaaaVerdict::error:
      return {"error", "the AAAA question failed: look at A (RFC 6147 5.1.2, 5.1.3)"};
  }
  return {"", ""};
}

void tell_exclusions(Trace& trace, const dns64::Policy& policy, const dns::AnswerView& aaaa) {
  dns::AnswerRecords records(aaaa);
  for (dns::AnswerRecord record; records.next(record);) {
    if (record.section != dns::Section::answer || record.type != dns::Type::aaaa) continue;
    const auto address = dns::Aaaa::read(record.rdata);
    if (!address || !dns64::is_excluded(policy, record)) continue;
    const std::string text = ip::Address(address->address).to_text();
    const std::string by = holder_of(policy.exclude_aaaa, ip::Address(address->address));
    trace.add(StepKind::exclusion, "AAAA " + text + " counts as absent: it lies in " + by + " (exclude_aaaa)",
              {{"address", text}, {"by", by}, {"list", "exclude_aaaa"}});
  }
}

// One address under one prefix; true when it was embedded.
bool tell_address(Trace& trace, const dns64::Policy& policy, const ip::Pref64& prefix, const ip::Ipv4Octets& address) {
  const std::string text = ip::Address(address).to_text(), under = prefix.to_text();
  const dns64::AVerdict verdict = dns64::judge_a(policy, prefix, address);
  TraceFacts facts{{"a", text}, {"prefix", under}};
  if (verdict == dns64::AVerdict::mapped) {
    const std::string made = ip::Address(prefix.embed(address)).to_text();
    facts.insert(facts.end(), {{"result", "embedded"}, {"aaaa", made}});
    trace.add(StepKind::dns64, "A " + text + " in " + under + " is AAAA " + made, std::move(facts));
    return true;
  }
  const bool is_excluded = verdict == dns64::AVerdict::excluded;
  const std::string by = is_excluded ? holder_of(policy.exclude_a, ip::Address(address)) : "RFC 6052 3.1";
  facts.insert(facts.end(), {{"result", is_excluded ? "excluded" : "not_global"}, {"by", by}});
  const std::string why = is_excluded ? "it lies in " + by + " (exclude_a)"
                                      : "it is not a global address (" + by + "; well_known_prefix_for_global_only)";
  trace.add(is_excluded ? StepKind::exclusion : StepKind::dns64,
            "A " + text + " is not embedded in " + under + ": " + why, std::move(facts));
  return false;
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
    for (const ip::Pref64& prefix : policy.prefixes) {
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
void tell_ttl(Trace& trace, const AaaaFindings& findings, std::uint32_t a_ttl, std::uint32_t limit_s) {
  const std::uint32_t result = std::min(a_ttl, limit_s);
  const auto soa_ttl = soa_ttl_of(findings.aaaa.answer);
  const bool is_by_soa = findings.verdict == dns64::AaaaVerdict::empty && soa_ttl;
  TraceFacts facts{{"a_ttl", a_ttl}, {"limit", limit_s}, {"result", result}};
  facts.emplace_back("limit_by", is_by_soa ? "soa" : "max_ttl_without_soa");
  if (is_by_soa) facts.emplace_back("soa_ttl", *soa_ttl);
  const std::string limit = is_by_soa
                                ? "the " + std::to_string(limit_s) + " of the SOA in the empty AAAA answer (its TTL " +
                                      std::to_string(*soa_ttl) + " or its MINIMUM; "
                                : std::to_string(limit_s) + ", the limit where the AAAA answer has no SOA (";
  trace.add(StepKind::ttl,
            "TTL " + std::to_string(result) + ": the smaller of the A record's " + std::to_string(a_ttl) + " and " +
                limit + "RFC 6147 5.1.7)",
            std::move(facts));
}

std::string conditions_of(const dns64::Policy& policy, const ip::Address& client) {
  return policy.clients.empty() ? "for everybody" : "for clients in " + holder_of(policy.clients, client);
}

}  // namespace

void tell_policy(const Inquiry& inquiry, const dns64::Options& options) {
  Trace& trace = *inquiry.trace;
  if (options.policies.empty()) {
    return trace.add(StepKind::policy, "DNS64 is off (no dns64 in the configuration)", {{"dns64", false}});
  }
  const ip::Address& client = inquiry.client.address;
  const dns64::Policy* policy = dns64::matching_policy(options.policies, client);
  if (policy == nullptr) {
    return trace.add(StepKind::policy, "no policy is for this client: nothing is synthesized", {{"dns64", false}});
  }
  const auto number = static_cast<std::size_t>(policy - options.policies.data()) + 1;
  const std::vector<std::string> prefixes = texts_of(policy->prefixes);
  const char* why_not =
      prefixes.empty() ? "it has no prefix: nothing is synthesized for these clients" : obstacle(inquiry);
  std::string text = "policy " + std::to_string(number) + " of " + std::to_string(options.policies.size()) + ", " +
                     conditions_of(*policy, client);
  if (!prefixes.empty()) text += ": " + joined(prefixes);
  if (*why_not != 0) text += std::string("; ") + why_not;
  trace.add(StepKind::policy, std::move(text),
            {{"dns64", !prefixes.empty()},
             {"policy", number},
             {"policies", options.policies.size()},
             {"clients", texts_of(policy->clients)},
             {"prefixes", prefixes},
             {"synthesize", inquiry.synthesize}});
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
  trace.add(StepKind::dns64, verdict.words, {{"verdict", verdict.key}});
  if (!needs_a(findings.verdict)) return;
  const Embedded embedded = tell_addresses(trace, policy, findings.a.answer);
  if (embedded.a_ttl) {
    tell_ttl(trace, findings, *embedded.a_ttl,
             dns64::synthesis_ttl_limit(findings.aaaa.answer, findings.verdict, options.max_ttl_without_soa));
  } else if (embedded.any_address) {
    trace.add(StepKind::dns64, "no address may be embedded: the answer is empty", {{"result", "not_mappable"}});
  } else {
    trace.add(StepKind::dns64, "there is no A record either: nothing can be synthesized (RFC 6147 5.1.6)",
              {{"result", "no_a"}});
  }
}

}  // namespace dragoman::resolve
