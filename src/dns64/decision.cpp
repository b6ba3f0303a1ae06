// What an AAAA answer means (RFC 6147 5.1), and the answer that is left when some of it may not be used (5.1.4).
// Pure; any thread.
#include <algorithm>

#include "dragoman/dns/rdata.h"
#include "dragoman/dns64/synthesis.h"
#include "records.h"

namespace dragoman::dns64 {
namespace {

bool is_aaaa_answer(const dns::AnswerRecord& record) {
  return record.section == dns::Section::answer && record.type == dns::Type::aaaa;
}

bool has_soa(const dns::AnswerView& answer) {
  dns::AnswerRecords records(answer);
  for (dns::AnswerRecord record; records.next(record);) {
    if (record.section == dns::Section::authority && record.type == dns::Type::soa) return true;
  }
  return false;
}

}  // namespace

bool is_excluded(const Policy& policy, const dns::AnswerRecord& record) {
  const auto aaaa = dns::Aaaa::read(record.rdata);
  return aaaa && is_in(policy.exclude_aaaa, ip::Address(aaaa->address));
}

// DO does not matter: with CD it is the case of RFC 6147 5.5, and CD alone gets no synthesis either.
bool wants_synthesis(const Policy* policy, const dns::Question& question, bool, bool checking_disabled) {
  return policy != nullptr && !policy->prefixes.empty() && question.klass == dns::Class::in &&
         question.type == dns::Type::aaaa && !checking_disabled;
}

AaaaVerdict judge_aaaa(const Policy& policy, const dns::AnswerView& aaaa) {
  if (aaaa.head.rcode == dns::Rcode::nxdomain) return AaaaVerdict::nxdomain;
  if (aaaa.head.rcode != dns::Rcode::noerror) return AaaaVerdict::error;

  bool has_usable = false, has_excluded = false;
  dns::AnswerRecords records(aaaa);
  for (dns::AnswerRecord record; records.next(record);) {
    if (is_aaaa_answer(record)) (is_excluded(policy, record) ? has_excluded : has_usable) = true;
  }
  if (has_usable) return has_excluded ? AaaaVerdict::filtered : AaaaVerdict::native;
  return has_excluded ? AaaaVerdict::excluded : AaaaVerdict::empty;
}

void write_filtered(const Policy& policy, const dns::AnswerView& aaaa, const dns::Question& question,
                    dns::MessageWriter& writer) {
  dns::AnswerRecords records(aaaa);
  for (dns::AnswerRecord record; records.next(record);) {
    if (is_aaaa_answer(record) && is_excluded(policy, record)) continue;
    if (record.section == dns::Section::answer && is_signature_over(record, dns::Type::aaaa)) continue;
    dns::copy_record(aaaa, question.name, record, record.ttl, writer);
  }
}

// An SOA is only looked for where the AAAA answer was without data: beside an error it says nothing of AAAA.
std::uint32_t synthesis_ttl_limit(const dns::AnswerView& aaaa, AaaaVerdict verdict, seconds without_soa) {
  const bool is_denial = verdict == AaaaVerdict::empty && has_soa(aaaa);
  return is_denial ? dns::negative_ttl(aaaa) : static_cast<std::uint32_t>(without_soa.count());
}

}  // namespace dragoman::dns64
