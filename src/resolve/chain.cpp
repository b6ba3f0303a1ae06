// Walks CNAMEs over whole messages: off the hot path, where a clear reading is worth more than a fast one.
#include "chain.h"

#include <algorithm>

#include "dragoman/dns/message_writer.h"
#include "dragoman/dns/rdata.h"
#include "dragoman/dns/whole_message.h"
#include "dragoman/dnssec/rrset.h"

namespace dragoman::resolve {
namespace {

// Where the chain of CNAMEs from `name` leads within the answer section. DNAMEs come with the CNAMEs they make
// (RFC 6672 3.1). Nullopt: a loop, or more links than any honest answer has.
std::optional<dns::Name> end_of_chain(const dns::MessageView& message, dns::Name name) {
  for (std::size_t link = 0; link <= dns::max_chain_links; ++link) {
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

// Beside a CNAME, denials say that nothing is closer to its owner than the wildcard it came from (RFC 4035 5.3.4).
bool proves_a_wildcard(const dns::RecordView& record) {
  return dnssec::is_denial(dns::type_covered(record.type, record.rdata).value_or(record.type));
}

bool is_complete(const dns::Question& question, const dns::AnswerView& answer) {
  dns::AnswerRecord record;
  for (dns::AnswerRecords records(answer); records.next(record);) {
    if (record.section == dns::Section::answer && record.type == question.type) return true;
    if (record.section == dns::Section::authority && record.type == dns::Type::soa) return true;  // NODATA
  }
  return false;
}

}  // namespace

std::optional<dns::Name> dangling_target(const dns::Question& question, const dns::AnswerView& answer) {
  if (answer.head.rcode != dns::Rcode::noerror || question.type == dns::Type::cname || !has_cname(answer)) return {};
  const dns::WholeMessage whole(question, answer);
  if (!whole.ok()) return {};
  const auto end = end_of_chain(whole.view(), question.name);
  // A loop leads nowhere, whatever else there is: asking for the name itself makes the next step find it out.
  if (!end) return dns::Name(question.name);
  return is_complete(question, answer) ? std::nullopt : end;
}

std::optional<dns::Answer> splice(const dns::Question& question, const dns::AnswerView& head, dns::NameView target,
                                  const dns::AnswerView& tail) {
  const dns::WholeMessage first(question, head);
  const dns::WholeMessage second({target, question.type, question.klass}, tail);
  if (!first.ok() || !second.ok() || dns::equal(question.name, target)) return {};
  std::vector<std::uint8_t> octets(dns::max_message_length);
  dns::MessageWriter writer(octets);
  writer.question(question.name, question.type, question.klass);
  for (auto [section, record] : first.view().records()) {
    if (section == dns::Section::answer) writer.copy(section, first.view(), record, record.ttl);
  }
  for (auto [section, record] : second.view().records()) {
    if (section == dns::Section::answer) writer.copy(section, second.view(), record, record.ttl);
  }
  for (auto [section, record] : first.view().records()) {
    if (section == dns::Section::authority && proves_a_wildcard(record)) {
      writer.copy(section, first.view(), record, record.ttl);
    }
  }
  for (auto [section, record] : second.view().records()) {
    if (section != dns::Section::answer) writer.copy(section, second.view(), record, record.ttl);
  }
  if (!writer.ok()) return {};
  // Both may have the DNAME that leads from one to the other: read once more, what is there twice is dropped.
  dns::MessageView both;
  if (dns::MessageView::parse(writer.finish({}), both) != dns::MessageView::Fault::none) return {};
  dns::Answer answer = dns::from_message(both);
  answer.head.rcode = tail.head.rcode;
  answer.head.authentic = head.head.authentic && tail.head.authentic;
  return answer;
}

std::optional<DeniedTarget> denied_target(const dns::Question& question, const dns::AnswerView& answer) {
  if (!has_cname(answer) || answer.head.rcode != dns::Rcode::nxdomain) return {};
  const dns::WholeMessage whole(question, answer);
  if (!whole.ok()) return {};
  const auto target = end_of_chain(whole.view(), question.name);
  if (!target) return {};
  const dns::Question about_target{*target, question.type, question.klass};
  std::vector<std::uint8_t> octets(dns::max_message_length);
  dns::MessageWriter writer(octets);
  writer.question(about_target.name, about_target.type, about_target.klass);
  bool is_same_zone = false;
  for (auto [section, record] : whole.view().records()) {
    if (section != dns::Section::authority) continue;
    const dns::Name owner = whole.view().owner(record);
    const bool holds_both = target->view().is_subdomain_of(owner) && question.name.is_subdomain_of(owner);
    is_same_zone = is_same_zone || (record.type == dns::Type::soa && holds_both);
    writer.copy(section, whole.view(), record, record.ttl);
  }
  if (!writer.ok() || !is_same_zone) return {};
  const dns::AnswerHead head{dns::Rcode::nxdomain, answer.head.authentic};
  return DeniedTarget{*target, dns::to_answer(dns::written_answer(writer, head))};
}

}  // namespace dragoman::resolve
