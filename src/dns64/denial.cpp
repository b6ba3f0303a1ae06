// NODATA for AAAA questions where an answer has, or might have, records that may not go out. Pure; any thread.
#include <algorithm>

#include "dragoman/dns/own_zone.h"
#include "dragoman/dns64/synthesis.h"
#include "records.h"

namespace dragoman::dns64 {

void write_without_addresses(const dns::AnswerView& answer, const dns::Question& question, dns::MessageWriter& writer) {
  dns::AnswerRecords records(answer);
  for (dns::AnswerRecord record; records.next(record);) {
    const bool is_address = is_of_or_over(record, dns::Type::a) || is_of_or_over(record, dns::Type::aaaa);
    if (record.section == dns::Section::answer && is_address) continue;
    dns::copy_record(answer, question.name, record, record.ttl, writer);
  }
}

// The real zone's SOA is not at hand: nobody denied anything. A zone that begins where the chain ends says the least.
void write_nodata(const dns::AnswerView& answer, dns::Type type, const dns::Question& question, seconds ttl,
                  dns::MessageWriter& writer) {
  auto ttl_s = static_cast<std::uint32_t>(ttl.count());
  dns::Name end(question.name);
  dns::AnswerRecords records(answer);
  for (dns::AnswerRecord record; records.next(record) && record.section == dns::Section::answer;) {
    ttl_s = std::min(ttl_s, record.ttl);
    if (record.type == type) end = dns::owner_of(answer, question.name, record);
    if (is_chain(record)) dns::copy_record(answer, question.name, record, record.ttl, writer);
  }
  dns::write_soa(dns::Section::authority, end, ttl_s, writer);
}

}  // namespace dragoman::dns64
