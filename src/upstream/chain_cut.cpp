// The chain is walked first; an answer is only taken apart when it has to be.
#include "chain_cut.h"

#include <algorithm>
#include <vector>

#include "dragoman/dns/message_writer.h"

namespace dragoman::upstream {
namespace {

using Owners = std::vector<dns::Name>;

std::optional<dns::Name> target_of_cname(const dns::AnswerView& answer, dns::NameView question, dns::NameView owner) {
  dns::AnswerRecord record;
  for (dns::AnswerRecords records(answer); records.next(record);) {
    if (record.section != dns::Section::answer || record.type != dns::Type::cname) continue;
    if (dns::equal(dns::owner_of(answer, question, record), owner)) return dns::target_of(answer, question, record);
  }
  return {};
}

// The owners of the CNAMEs that are kept; empty when the chain stays.
Owners owners_before_leaving(const dns::AnswerView& answer, dns::NameView question,
                             const std::function<bool(dns::NameView)>& leaves) {
  Owners owners{question};
  while (owners.size() <= dns::max_chain_links) {
    const auto target = target_of_cname(answer, question, owners.back());
    if (!target) break;
    if (leaves(*target)) return owners;
    owners.push_back(*target);
  }
  return {};
}

// Beside the CNAMEs: the DNAMEs that they were made of (RFC 6672 3.1), and the signatures of both.
bool is_kept(const Owners& owners, dns::NameView owner, dns::Type type) {
  const bool may_be_above = type == dns::Type::dname || type == dns::Type::rrsig;
  return std::any_of(owners.begin(), owners.end(), [&](dns::NameView kept) {
    return dns::equal(kept, owner) || (may_be_above && kept.is_subdomain_of(owner));
  });
}

}  // namespace

std::optional<dns::Answer> cut_chain(const Lookup& lookup, const dns::Answer& answer,
                                     const std::function<bool(dns::NameView)>& leaves) {
  if (lookup.type == dns::Type::cname || answer.head.answers == 0) return {};
  const dns::NameView question = lookup.name;
  const dns::AnswerView view = answer.view();
  const Owners owners = owners_before_leaving(view, question, leaves);
  if (owners.empty()) return {};

  std::vector<std::uint8_t> octets(dns::max_message_length);
  dns::MessageWriter writer(octets);
  writer.question(question, lookup.type, dns::Class::in);
  dns::AnswerRecord record;
  for (dns::AnswerRecords records(view); records.next(record);) {
    if (record.section != dns::Section::answer) break;
    if (!is_kept(owners, dns::owner_of(view, question, record), record.type)) continue;
    dns::copy_record(view, question, record, record.ttl, writer);
  }
  const dns::AnswerHead head{dns::Rcode::noerror, answer.head.authentic, answer.head.authoritative};
  return dns::to_answer(dns::written_answer(writer, head));
}

}  // namespace dragoman::upstream
