// Synthetic AAAA records in one RRset with native ones, for operators who ask for it (RFC 6147 5.1.1). Pure; any
// thread; allocates nothing.
#include <algorithm>
#include <limits>
#include <optional>

#include "dragoman/dns/rdata.h"
#include "dragoman/dns64/synthesis.h"
#include "records.h"

namespace dragoman::dns64 {
namespace {

using dns::Section;
using dns::Type;

// The addresses of one type that an answer offers.
struct Set {
  std::optional<dns::Name> owner;  // of the first; nullopt without any
  std::uint32_t smallest_ttl = std::numeric_limits<std::uint32_t>::max();

  template <class Usable>
  Set(const dns::AnswerView& answer, const dns::Question& question, const Usable& is_usable) {
    dns::AnswerRecords records(answer);
    for (dns::AnswerRecord record; records.next(record);) {
      if (!is_usable(record)) continue;
      if (!owner) owner = dns::owner_of(answer, question.name, record);
      smallest_ttl = std::min(smallest_ttl, record.ttl);
    }
  }
};

// What a record of an AAAA answer counts for.
struct Native {
  const Policy& policy;
  const dns::AnswerView& answer;

  bool operator()(const dns::AnswerRecord& record) const {
    return is_answer(record, Type::aaaa) && !is_excluded(policy, record);
  }
  bool holds(const ip::Ipv6Octets& address) const {
    dns::AnswerRecords records(answer);
    for (dns::AnswerRecord record; records.next(record);) {
      const auto aaaa = (*this)(record) ? dns::Aaaa::read(record.rdata) : std::nullopt;
      if (aaaa && aaaa->address == address) return true;
    }
    return false;
  }
};

struct Mappable {
  const Policy& policy;
  bool operator()(const dns::AnswerRecord& record) const {
    const auto a = is_answer(record, Type::a) ? dns::A::read(record.rdata) : std::nullopt;
    return a && is_mappable(policy, a->address);
  }
};

void write_synthetic_ones(const Native& native, const dns::AnswerView& a, dns::NameView owner, std::uint32_t ttl,
                          dns::MessageWriter& writer) {
  dns::AnswerRecords records(a);
  for (dns::AnswerRecord record; records.next(record);) {
    const auto ipv4 = is_answer(record, Type::a) ? dns::A::read(record.rdata) : std::nullopt;
    if (!ipv4) continue;
    each_mapped(native.policy, ipv4->address, [&](const ip::Ipv6Octets& mapped) {
      if (!native.holds(mapped)) writer.record(Section::answer, owner, Type::aaaa, ttl, mapped);
    });
  }
}

}  // namespace

bool write_beside_native(const Policy& policy, const Addresses& addresses, const dns::Question& question,
                         std::uint32_t ttl_limit_s, dns::MessageWriter& writer) {
  const auto& [aaaa, a] = addresses;
  const Native is_native{policy, aaaa};
  const Set native(aaaa, question, is_native);
  const Set mappable(a, question, Mappable{policy});
  if (a.head.rcode != dns::Rcode::noerror || !native.owner || !mappable.owner) return false;
  if (!dns::equal(*native.owner, *mappable.owner)) return false;

  const std::uint32_t ttl = std::min({ttl_limit_s, native.smallest_ttl, mappable.smallest_ttl});  // RFC 2181 5.2
  bool is_written = false;
  dns::AnswerRecords records(aaaa);
  for (dns::AnswerRecord record; records.next(record);) {
    if (record.section != Section::answer) {
      if (!is_written) write_synthetic_ones(is_native, a, *native.owner, ttl, writer);
      is_written = true;
      dns::copy_record(aaaa, question.name, record, record.ttl, writer);
    } else if (is_native(record)) {
      dns::copy_record(aaaa, question.name, record, ttl, writer);
    } else if (is_chain(record)) {
      dns::copy_record(aaaa, question.name, record, record.ttl, writer);
    }
  }
  if (!is_written) write_synthetic_ones(is_native, a, *native.owner, ttl, writer);
  return true;
}

}  // namespace dragoman::dns64
