// Walks CNAMEs over whole messages: off the hot path, where a clear reading is worth more than a fast one.
#include "chain.h"

#include <algorithm>

#include "dragoman/dns/message_writer.h"
#include "dragoman/dns/rdata.h"
#include "whole_message.h"

namespace dragoman::resolve {
namespace {

constexpr std::size_t max_links = 16;  // CNAMEs in one answer

// Where the chain of CNAMEs from `name` leads within the answer section. DNAMEs come with the CNAMEs they make
// (RFC 6672 3.1). Nullopt: a loop, or more links than any honest answer has.
std::optional<dns::Name> end_of_chain(const dns::MessageView& message, dns::Name name) {
  for (std::size_t link = 0; link < max_links; ++link) {
    bool moved = false;
    for (auto [section, record] : message.records()) {
      if (section != dns::Section::answer || record.type != dns::Type::cname) continue;
      if (!dns::equal(message.owner(record), name)) continue;
      const auto target = dns::read_target(message, record);
      if (!target) return {};
      name = *target;
      moved = true;
      break;
    }
    if (!moved) return name;
  }
  return {};
}

bool has_cname(const dns::AnswerView& answer) {
  dns::AnswerRecord record;
  for (dns::AnswerRecords records(answer); records.next(record);) {
    if (record.section == dns::Section::answer && record.type == dns::Type::cname) return true;
  }
  return false;
}

bool is_complete(const dns::Question& question, const dns::AnswerView& answer) {
  if (answer.head.rcode != dns::Rcode::noerror || question.type == dns::Type::cname) return true;
  dns::AnswerRecord record;
  for (dns::AnswerRecords records(answer); records.next(record);) {
    if (record.section == dns::Section::answer && record.type == question.type) return true;
    if (record.section == dns::Section::authority && record.type == dns::Type::soa) return true;  // NODATA
  }
  return false;
}

}  // namespace

std::optional<dns::Name> dangling_target(const dns::Question& question, const dns::AnswerView& answer) {
  if (!has_cname(answer) || is_complete(question, answer)) return {};
  const WholeMessage whole(question, answer);
  if (!whole.ok()) return {};
  // A loop leads nowhere: asking for the name itself makes the next step find it out.
  return end_of_chain(whole.view(), question.name).value_or(dns::Name(question.name));
}

std::optional<dns::Answer> splice(const dns::Question& question, const dns::AnswerView& head, dns::NameView target,
                                  const dns::AnswerView& tail) {
  const WholeMessage first(question, head);
  const WholeMessage second({target, question.type, question.klass}, tail);
  if (!first.ok() || !second.ok() || dns::equal(question.name, target)) return {};
  std::vector<std::uint8_t> octets(dns::max_message_length);
  dns::MessageWriter writer(octets);
  writer.question(question.name, question.type, question.klass);
  for (auto [section, record] : first.view().records()) {
    if (section == dns::Section::answer) writer.copy(section, first.view(), record, record.ttl);
  }
  for (auto [section, record] : second.view().records()) writer.copy(section, second.view(), record, record.ttl);
  if (!writer.ok()) return {};
  const auto mark = writer.mark();
  dns::Answer answer;
  answer.head = {tail.head.rcode, head.head.authentic && tail.head.authentic, false, mark.counts[1], mark.counts[2],
                 mark.counts[3]};
  answer.question_length = static_cast<std::uint16_t>(writer.records_offset() - dns::header_length);
  answer.records.assign(octets.begin() + static_cast<std::ptrdiff_t>(writer.records_offset()),
                        octets.begin() + static_cast<std::ptrdiff_t>(mark.length));
  return answer;
}

}  // namespace dragoman::resolve
