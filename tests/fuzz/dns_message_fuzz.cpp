// Any octets as a message: parsing never reads out of bounds, and whatever parses survives being taken apart, kept as
// an answer, and put together again, with the same records.
#include <array>
#include <vector>

#include "dragoman/dns/answer.h"
#include "dragoman/dns/message_view.h"
#include "dragoman/dns/message_writer.h"
#include "dragoman/dns/rdata.h"
#include "fuzz/check.h"

namespace dragoman::dns {
namespace {

using fuzz::check;
using Octets = std::vector<std::uint8_t>;

// Whatever readers and text make of it, they must come to an end.
void read_everything(const MessageView& message) {
  for (const auto& [section, record] : message.records()) {
    rdata_to_text(message, record);
    message.owner(record).to_text();
    A::read(record.rdata);
    Aaaa::read(record.rdata);
    Soa::read(message, record);
    read_target(message, record);
    Svcb::read(message, record);
    Ds::read(record.rdata);
    Dnskey::read(record.rdata);
    Dnskey::key_tag(record.rdata);
    Rrsig::read(record.rdata);
    if (auto nsec = Nsec::read(record.rdata)) bitmap_has(nsec->types, Type::aaaa);
    if (auto nsec3 = Nsec3::read(record.rdata)) bitmap_has(nsec3->types, Type::aaaa);
  }
  if (!message.has_edns()) return;
  std::size_t count = 0;
  for (EdnsOption option : EdnsOptions(message.edns()->options)) count += option.data.size() <= 65535;
  check(count <= max_edns_options, "no more options than allowed");
}

// Compression may give a name the case of an earlier one; nothing else may change.
void check_same_octets(const Octets& a, const Octets& b) {
  auto lower = [](std::uint8_t octet) { return octet >= 'A' && octet <= 'Z' ? octet | 0x20 : int{octet}; };
  check(a.size() == b.size(), "RDATA keeps its length");
  for (std::size_t i = 0; i < a.size(); ++i) check(lower(a[i]) == lower(b[i]), "RDATA keeps its octets");
}

void check_same_records(const MessageView& before, const MessageView& after) {
  auto other = after.records().begin();
  auto end = after.records().end();
  for (const auto& [section, record] : before.records()) {
    check(other != end, "no record is lost");
    const auto& [other_section, other_record] = *other;
    check(section == other_section, "a record keeps its section");
    check(record.type == other_record.type && record.klass == other_record.klass, "a record keeps its type and class");
    check(record.ttl == other_record.ttl, "a record keeps its TTL");
    check(equal(before.owner(record), after.owner(other_record)), "a record keeps its owner");
    check_same_octets(expanded_rdata(before, record), expanded_rdata(after, other_record));
    ++other;
  }
  check(!(other != end), "no record is added");
}

// The answer, behind its own question again and copied behind another one.
void rebuild(const MessageView& message) {
  Answer answer = from_message(message);
  bool grew_too_large = answer.records.empty() && message.records().begin() != message.records().end();
  if (grew_too_large) return;
  const Question& question = message.question();
  Octets memory(max_message_length);
  MessageWriter writer(memory);
  writer.question(question.name, question.type, question.klass);
  writer.append_records(answer.records, answer.head.answers, answer.head.authorities, answer.head.additionals);
  check(writer.ok(), "an answer fits behind its question");
  MessageView again;
  check(MessageView::parse(writer.finish({}), again) == MessageView::Fault::none, "what was written parses");
  check_same_records(message, again);

  Octets other_memory(max_message_length);
  MessageWriter other(other_memory);
  other.question(*Name::from_text("another.question.example"), Type::aaaa, Class::in);
  AnswerRecords records(answer.view());
  std::uint32_t smallest = ~0u;
  for (AnswerRecord record; records.next(record);) {
    smallest = std::min(smallest, record.ttl);
    copy_record(answer.view(), question.name, record, record.ttl, other);
  }
  check(smallest_ttl(answer.view()) == smallest, "the smallest TTL is that of a record");
  if (!other.ok()) return;
  EdnsReply edns;
  edns.pad_to = 128;
  MutableBytes copied = other.finish({}, &edns);
  check(MessageView::parse(copied, again) == MessageView::Fault::none, "what was copied parses");
  check_same_records(message, again);

  age_records(answer.records, answer.head, smallest);
  check(answer.records.empty() || smallest_ttl(answer.view()) == 0, "age takes the smallest TTL to 0");
}

}  // namespace
}  // namespace dragoman::dns

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dragoman::dns;
  MessageView message;
  if (MessageView::parse({data, size}, message) != MessageView::Fault::none) return 0;
  read_everything(message);
  rebuild(message);
  return 0;
}
