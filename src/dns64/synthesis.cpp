// AAAA records made from A records (RFC 6147 5.1.7), in an answer that is otherwise the A question's (5.1.5, 5.4).
// Pure; any thread.
#include "dragoman/dns64/synthesis.h"

#include <algorithm>

#include "dragoman/dns/rdata.h"
#include "records.h"

namespace dragoman::dns64 {
namespace {

bool is_a_answer(const dns::AnswerRecord& record) {
  return record.section == dns::Section::answer && record.type == dns::Type::a;
}

bool is_mappable(const Policy& policy, const ip::Pref64& prefix, const ip::Ipv4Octets& address) {
  return judge_a(policy, prefix, address) == AVerdict::mapped;
}

struct Found {
  bool address = false, mappable = false;
};

Found look_for_addresses(const Policy& policy, const dns::AnswerView& a) {
  Found found;
  dns::AnswerRecords records(a);
  for (dns::AnswerRecord record; !found.mappable && records.next(record);) {
    const auto address = is_a_answer(record) ? dns::A::read(record.rdata) : std::nullopt;
    if (!address) continue;
    found.address = true;
    found.mappable = std::any_of(policy.prefixes.begin(), policy.prefixes.end(), [&](const ip::Pref64& prefix) {
      return is_mappable(policy, prefix, address->address);
    });
  }
  return found;
}

// The owner is the A record's (5.1.7): at the end of the chain, if there is one.
void write_mapped(const Policy& policy, dns::NameView owner, const dns::AnswerRecord& record, std::uint32_t ttl_limit_s,
                  dns::MessageWriter& writer) {
  const auto a = dns::A::read(record.rdata);
  if (!a) return;
  const std::uint32_t ttl = std::min(record.ttl, ttl_limit_s);
  for (const ip::Pref64& prefix : policy.prefixes) {
    if (!is_mappable(policy, prefix, a->address)) continue;
    const ip::Ipv6Octets address = prefix.embed(a->address);
    writer.record(dns::Section::answer, owner, dns::Type::aaaa, ttl, address);
  }
}

// Of the answer section, what is not an address: the chain and its signatures (5.1.5). All of the other sections
// (5.3.2).
bool is_kept(const dns::AnswerRecord& record) {
  if (record.section != dns::Section::answer) return true;
  if (record.type == dns::Type::cname || record.type == dns::Type::dname) return true;
  return is_signature_over(record, dns::Type::cname) || is_signature_over(record, dns::Type::dname);
}

}  // namespace

// RFC 6147 5.1.7: some addresses are mapped, others are not.
AVerdict judge_a(const Policy& policy, const ip::Pref64& prefix, const ip::Ipv4Octets& address) {
  const bool must_be_global = policy.well_known_prefix_for_global_only && prefix.is_well_known();
  if (must_be_global && !ip::well_known_prefix_may_hold(address)) return AVerdict::not_global;
  return is_in(policy.exclude_a, ip::Address(address)) ? AVerdict::excluded : AVerdict::mapped;
}

Synthesis write_synthetic(const Policy& policy, const dns::AnswerView& a, const dns::Question& question,
                          std::uint32_t ttl_limit_s, dns::MessageWriter& writer) {
  if (a.head.rcode != dns::Rcode::noerror) return Synthesis::no_a;
  const Found found = look_for_addresses(policy, a);
  if (!found.address) return Synthesis::no_a;
  if (!found.mappable) return Synthesis::not_mappable;

  dns::AnswerRecords records(a);
  for (dns::AnswerRecord record; records.next(record);) {
    if (is_a_answer(record) && record.owner_is_question) {
      write_mapped(policy, question.name, record, ttl_limit_s, writer);  // nearly always: no name is expanded
    } else if (is_a_answer(record)) {
      write_mapped(policy, dns::owner_of(a, question.name, record), record, ttl_limit_s, writer);
    } else if (is_kept(record)) {
      dns::copy_record(a, question.name, record, record.ttl, writer);
    }
  }
  return Synthesis::synthesized;
}

}  // namespace dragoman::dns64
