// What an AAAA answer means (RFC 6147 5.1), and the answer that is left when some of it may not be used (5.1.4).
// Pure; any thread.
#include <algorithm>

#include "dragoman/dns/rdata.h"
#include "dragoman/dns64/synthesis.h"
#include "records.h"

namespace dragoman::dns64 {
namespace {

using dns::Type;

// What the answer section has of addresses.
struct Found {
  bool usable = false, excluded = false, ipv4 = false;
};

Found look_for_addresses(const Policy& policy, const dns::AnswerView& aaaa) {
  Found found;
  dns::AnswerRecords records(aaaa);
  for (dns::AnswerRecord record; records.next(record) && record.section == dns::Section::answer;) {
    if (record.type == Type::aaaa) (is_excluded(policy, record) ? found.excluded : found.usable) = true;
    if (record.type == Type::a) found.ipv4 = true;
  }
  return found;
}

}  // namespace

bool is_excluded(const Policy& policy, const dns::AnswerRecord& aaaa) {
  const auto rdata = dns::Aaaa::read(aaaa.rdata);
  if (!rdata) return false;
  if (is_in(policy.exclude_aaaa, ip::Address(rdata->address))) return true;
  if (policy.own_prefix_aaaa == OwnPrefixAaaa::pass) return false;
  return any_reverse_prefix(policy, [&](const ip::Pref64& prefix) { return prefix.contains(rdata->address); });
}

Eligibility eligibility(const Policy* policy, const dns::Question& question, bool dnssec_ok, bool checking_disabled) {
  if (question.type != Type::aaaa || question.klass != dns::Class::in) return Eligibility::other_question;
  if (policy == nullptr || !policy->synthesizes()) return Eligibility::no_prefix;
  if (policy->exclude_names.hold(question.name)) return Eligibility::excluded_name;
  const bool is_unwanted = checking_disabled && (dnssec_ok || !policy->synthesize_for_cd);
  return is_unwanted ? Eligibility::checking_disabled : Eligibility::eligible;
}

AaaaVerdict judge_aaaa(const Policy& policy, dns::NameView name, const dns::AnswerView& aaaa) {
  if (aaaa.head.rcode == dns::Rcode::nxdomain) return AaaaVerdict::nxdomain;
  if (aaaa.head.bogus) return AaaaVerdict::bogus;
  if (aaaa.head.unanswered) return AaaaVerdict::unanswered;
  if (aaaa.head.rcode != dns::Rcode::noerror) return AaaaVerdict::error;

  Found found = look_for_addresses(policy, aaaa);
  if (found.usable && policy.ignore_aaaa_names.hold(name)) found = {false, true, found.ipv4};
  if (found.usable) return found.excluded || found.ipv4 ? AaaaVerdict::filtered : AaaaVerdict::native;
  return found.excluded ? AaaaVerdict::excluded : AaaaVerdict::empty;
}

bool needs_a(const Policy& policy, AaaaVerdict verdict) {
  switch (verdict) {
    case AaaaVerdict::native:
    case AaaaVerdict::filtered:
      return policy.always;
    case AaaaVerdict::nxdomain:
      return policy.a_after_nxdomain;
    case AaaaVerdict::empty:
    case AaaaVerdict::excluded:
      return true;
    case AaaaVerdict::error:
      return policy.synthesize_on >= SynthesizeOn::rcode;
    case AaaaVerdict::unanswered:
      return policy.synthesize_on >= SynthesizeOn::timeout;
    case AaaaVerdict::bogus:
      return false;
  }
  return false;
}

// An SOA is only looked for where the AAAA answer was without data: beside an error it says nothing of AAAA.
std::uint32_t synthesis_ttl_limit(const Policy& policy, const dns::AnswerView& aaaa, AaaaVerdict verdict,
                                  seconds without_soa) {
  const auto cap = static_cast<std::uint32_t>(policy.max_ttl.count());
  const bool may_deny = verdict == AaaaVerdict::empty || verdict == AaaaVerdict::nxdomain;
  if (may_deny && dns::has_soa(aaaa)) return std::min(cap, dns::negative_ttl(aaaa));
  return std::min(cap, static_cast<std::uint32_t>(without_soa.count()));
}

void write_filtered(const Policy& policy, const dns::AnswerView& aaaa, const dns::Question& question,
                    dns::MessageWriter& writer) {
  const bool is_whole = !look_for_addresses(policy, aaaa).excluded;
  dns::AnswerRecords records(aaaa);
  for (dns::AnswerRecord record; records.next(record);) {
    const bool is_answer = record.section == dns::Section::answer;
    if (is_answer && record.type == Type::aaaa && is_excluded(policy, record)) continue;
    if (is_answer && is_of_or_over(record, Type::a)) continue;
    if (is_answer && !is_whole && is_signature_over(record, Type::aaaa)) continue;
    dns::copy_record(aaaa, question.name, record, record.ttl, writer);
  }
}

}  // namespace dragoman::dns64
