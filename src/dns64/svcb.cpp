// Synthesis beside SVCB and HTTPS records.
#include "dragoman/dns64/svcb.h"

#include <algorithm>
#include <optional>

#include "dragoman/dns/rdata.h"
#include "dragoman/dns64/synthesis.h"
#include "records.h"

namespace dragoman::dns64 {
namespace {

constexpr unsigned max_mapped = 32;  // A records that are looked at: each costs a walk over the answer

bool is_additional(const dns::AnswerRecord& record, dns::Type type) {
  return record.section == dns::Section::additional && record.type == type;
}

bool has_additional_aaaa(const dns::AnswerView& answer, const dns::Question& question, dns::NameView owner) {
  dns::AnswerRecord record;
  for (dns::AnswerRecords records(answer); records.next(record);) {
    if (!is_additional(record, dns::Type::aaaa)) continue;
    if (dns::equal(dns::owner_of(answer, question.name, record), owner)) return true;
  }
  return false;
}

}  // namespace

bool wants_additional_aaaa(const Policy* policy, const dns::Question& question, bool checking_disabled,
                           const dns::AnswerView& answer) {
  if (!dns::is_service(question.type)) return false;
  if (policy == nullptr || !policy->synthesizes() || checking_disabled || answer.head.additionals == 0) return false;
  dns::AnswerRecord record;
  for (dns::AnswerRecords records(answer); records.next(record);) {
    if (is_additional(record, dns::Type::a)) return true;
  }
  return false;
}

void write_with_additional_aaaa(const Policy& policy, const dns::AnswerView& answer, const dns::Question& question,
                                seconds ttl_limit, dns::MessageWriter& writer) {
  const auto limit = static_cast<std::uint32_t>(ttl_limit.count());
  unsigned mapped = 0;
  dns::AnswerRecord record;
  for (dns::AnswerRecords records(answer); records.next(record);) {
    dns::copy_record(answer, question.name, record, record.ttl, writer);
    if (!is_additional(record, dns::Type::a) || mapped++ >= max_mapped) continue;
    const auto a = dns::A::read(record.rdata);
    const dns::Name owner = dns::owner_of(answer, question.name, record);
    if (!a || has_additional_aaaa(answer, question, owner)) continue;
    each_mapped(policy, a->address, [&](const ip::Ipv6Octets& address) {
      writer.record(dns::Section::additional, owner, dns::Type::aaaa, std::min(record.ttl, limit), address);
    });
  }
}

}  // namespace dragoman::dns64
