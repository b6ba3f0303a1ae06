// Private addresses in answers of upstreams, found and taken out.
#include "dragoman/resolve/rebinding.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "dragoman/dns/message_writer.h"
#include "dragoman/dns/own_zone.h"
#include "dragoman/dns/rdata.h"

namespace dragoman::resolve {
namespace {

constexpr std::uint32_t max_denial_ttl_s = 300;

// Whether any of the addresses that stand one after the other is such a one.
template <class Record, class Predicate>
bool any_of_list(Bytes list, const Predicate& predicate) {
  constexpr std::size_t size = sizeof(Record::address);
  for (; list.size() >= size; list = list.subspan(size)) {
    if (predicate(ip::Address(Record::read(list.first(size))->address))) return true;
  }
  return false;
}

// What was taken out of an answer.
struct Removed {
  std::vector<dns::Type> types;
  std::optional<dns::Name> owner;  // of a record in the answer section
  std::uint32_t ttl = max_denial_ttl_s;

  bool has(dns::Type type) const { return std::find(types.begin(), types.end(), type) != types.end(); }
};

// The SOA's owner is the name that lost its data.
void write_denial(const Removed& removed, dns::MessageWriter& writer) {
  dns::write_soa(dns::Section::authority, *removed.owner, dns::localhost, removed.ttl, writer);
}

bool is_signature_over(const Removed& removed, const dns::AnswerRecord& record) {
  const auto covered = dns::type_covered(record.type, record.rdata);
  return covered && removed.has(*covered);
}

}  // namespace

std::vector<ip::Prefix> private_ranges() {
  std::vector<ip::Prefix> ranges;
  for (const char* text : {"0.0.0.0/8", "10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
                           "192.168.0.0/16", "::/128", "::1/128", "fc00::/7", "fe80::/10"}) {
    if (auto prefix = ip::Prefix::from_text(text)) ranges.push_back(*prefix);
  }
  return ranges;
}

RebindingFilter::RebindingFilter(const RebindingOptions& options, std::vector<ip::Pref64> translated)
    : is_on_(options.enabled) {
  if (!is_on_) return;
  ranges_ = options.ranges;
  translated_ = std::move(translated);
  for (const dns::Name& name : options.allow_names) allow_names_.add(name);
  for (const ip::Prefix& range : ranges_) text_ += range.to_text() + " ";
  for (const ip::Pref64& prefix : translated_) text_ += "by " + prefix.to_text() + " ";
  for (const dns::Name& name : allow_names_.names()) text_ += "but " + name.to_text() + " ";
}

bool RebindingFilter::is_private(const ip::Address& address) const {
  ip::Address meant = address.without_mapping();
  if (meant.is_v6()) {
    for (const ip::Pref64& prefix : translated_) {
      if (!prefix.contains(meant.v6())) continue;
      const auto embedded = prefix.extract(meant.v6());
      if (!embedded) return false;  // nobody's: no translator sends it anywhere
      meant = ip::Address(*embedded);
      break;
    }
  }
  return std::any_of(ranges_.begin(), ranges_.end(), [&](const ip::Prefix& range) { return range.contains(meant); });
}

bool RebindingFilter::has_private_hint(const dns::AnswerRecord& record) const {
  const auto service = dns::ServiceView::read(record.rdata);
  if (!service) return false;
  const auto unwanted = [this](const ip::Address& address) { return is_private(address); };
  Bytes rest = service->parameters;
  while (rest.size() >= 4) {
    const auto key = static_cast<dns::SvcParamKey>(load_u16(rest.data()));
    // One that claims more than there is counts as what is there: whoever reads it leniently must not be led astray.
    const std::size_t length = std::min<std::size_t>(load_u16(rest.data() + 2), rest.size() - 4);
    const Bytes value = rest.subspan(4, length);
    if (key == dns::SvcParamKey::ipv4hint && any_of_list<dns::A>(value, unwanted)) return true;
    if (key == dns::SvcParamKey::ipv6hint && any_of_list<dns::Aaaa>(value, unwanted)) return true;
    rest = rest.subspan(4 + length);
  }
  return false;
}

bool RebindingFilter::is_private(const dns::AnswerRecord& record) const {
  if (record.type == dns::Type::a) {
    const auto a = dns::A::read(record.rdata);
    return a && is_private(ip::Address(a->address));
  }
  if (record.type == dns::Type::aaaa) {
    const auto aaaa = dns::Aaaa::read(record.rdata);
    return aaaa && is_private(ip::Address(aaaa->address));
  }
  return dns::is_service(record.type) && has_private_hint(record);
}

bool RebindingFilter::apply(const dns::Question& question, dns::Answer& answer) const {
  if (!is_on_) return false;
  const dns::AnswerView view = answer.view();
  dns::AnswerRecord record;
  bool found = false;
  for (dns::AnswerRecords records(view); !found && records.next(record);) found = is_private(record);
  if (!found || allow_names_.hold(question.name)) return false;
  rewrite(question, answer);
  return true;
}

void RebindingFilter::rewrite(const dns::Question& question, dns::Answer& answer) const {
  const dns::AnswerView view = answer.view();
  Removed removed;
  bool is_left = false, has_soa = false;
  dns::AnswerRecord record;
  for (dns::AnswerRecords records(view); records.next(record);) {
    has_soa |= record.section == dns::Section::authority && record.type == dns::Type::soa;
    if (!is_private(record)) {
      is_left |= record.section == dns::Section::answer && record.type == question.type;
      continue;
    }
    if (!removed.has(record.type)) removed.types.push_back(record.type);
    if (record.section != dns::Section::answer) continue;
    removed.owner = dns::owner_of(view, question.name, record);
    removed.ttl = std::min(removed.ttl, record.ttl);
  }

  std::vector<std::uint8_t> octets(dns::max_message_length);
  dns::MessageWriter writer(octets);
  writer.question(question.name, question.type, question.klass);
  bool needs_soa = removed.owner && !is_left && !has_soa;
  for (dns::AnswerRecords records(view); records.next(record);) {
    if (needs_soa && record.section != dns::Section::answer) {
      write_denial(removed, writer);
      needs_soa = false;
    }
    if (is_private(record) || is_signature_over(removed, record)) continue;
    dns::copy_record(view, question.name, record, record.ttl, writer);
  }
  if (needs_soa) write_denial(removed, writer);

  dns::AnswerHead head = answer.head;
  if (removed.owner) head.authentic = false;
  head.blocked = removed.owner && !is_left;
  answer = dns::to_answer(dns::written_answer(writer, head));
}

}  // namespace dragoman::resolve
