// AAAA records made from A records (RFC 6147 5.1.7), in an answer that is otherwise the A question's (5.1.5, 5.4).
// Pure; any thread.
#include "dragoman/dns64/synthesis.h"

#include <algorithm>

#include "dragoman/dns/rdata.h"
#include "records.h"

namespace dragoman::dns64 {
namespace {

using dns::Section;
using dns::Type;

struct Found {
  bool address = false, mappable = false, chain = false;
};

Found look_for_addresses(const Policy& policy, const dns::AnswerView& a) {
  Found found;
  dns::AnswerRecords records(a);
  for (dns::AnswerRecord record; records.next(record) && record.section == Section::answer;) {
    found.chain |= record.type == Type::cname || record.type == Type::dname;
    const auto address = record.type == Type::a ? dns::A::read(record.rdata) : std::nullopt;
    if (!address) continue;
    found.address = true;
    found.mappable = found.mappable || is_mappable(policy, address->address);
  }
  return found;
}

// The owner is the A record's (5.1.7): at the end of the chain, if there is one.
void write_mapped(const Policy& policy, dns::NameView owner, const dns::AnswerRecord& record, std::uint32_t ttl_limit_s,
                  dns::MessageWriter& writer) {
  const auto a = dns::A::read(record.rdata);
  if (!a) return;
  const std::uint32_t ttl = std::min(record.ttl, ttl_limit_s);
  each_mapped(policy, a->address,
              [&](const ip::Ipv6Octets& address) { writer.record(Section::answer, owner, Type::aaaa, ttl, address); });
}

// That a wildcard stood for the A records (RFC 4035 3.1.3.3) proves nothing of AAAA records; behind an alias it may be
// the alias's proof.
bool is_denial(const dns::AnswerRecord& record) {
  return is_of_or_over(record, Type::nsec) || is_of_or_over(record, Type::nsec3);
}

// Of the answer section, what is not an address: the chain and its signatures (5.1.5). All of the other sections
// (5.3.2) that has a meaning still (5.4).
bool is_kept(const dns::AnswerRecord& record, bool has_chain) {
  if (record.section == Section::answer) return is_chain(record);
  return has_chain || record.section != Section::authority || !is_denial(record);
}

}  // namespace

Synthesis write_synthetic(const Policy& policy, const dns::AnswerView& a, const dns::Question& question,
                          std::uint32_t ttl_limit_s, dns::MessageWriter& writer) {
  if (a.head.rcode != dns::Rcode::noerror) return Synthesis::no_a;
  const Found found = look_for_addresses(policy, a);
  if (!found.address) return Synthesis::no_a;
  if (!found.mappable) return Synthesis::not_mappable;

  dns::AnswerRecords records(a);
  for (dns::AnswerRecord record; records.next(record);) {
    const bool is_address = is_answer(record, Type::a);
    if (is_address && record.owner_is_question) {
      write_mapped(policy, question.name, record, ttl_limit_s, writer);  // nearly always: no name is expanded
    } else if (is_address) {
      write_mapped(policy, dns::owner_of(a, question.name, record), record, ttl_limit_s, writer);
    } else if (is_kept(record, found.chain)) {
      dns::copy_record(a, question.name, record, record.ttl, writer);
    }
  }
  return Synthesis::synthesized;
}

}  // namespace dragoman::dns64
