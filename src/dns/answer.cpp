// Answers: taken from messages, walked, aged, and their records copied. Pure; any thread.
#include "dragoman/dns/answer.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <set>

#include "dragoman/dns/rdata.h"
#include "rdata_format.h"
#include "wire_walk.h"

namespace dragoman::dns {
namespace {

constexpr std::size_t record_fixed_length = 10;  // TYPE, CLASS, TTL, RDLENGTH
constexpr std::size_t soa_numbers_length = 20;   // SERIAL to MINIMUM
constexpr std::uint16_t question_pointer = 0xC000 | header_length;

unsigned record_count(const AnswerHead& head) { return unsigned{head.answers} + head.authorities + head.additionals; }

Section section_of(const AnswerHead& head, unsigned index) {
  if (index < head.answers) return Section::answer;
  return index < unsigned{head.answers} + head.authorities ? Section::authority : Section::additional;
}

// The records of an answer as a part of the message that it stands in: the question's name is at octet 12 there, the
// records begin behind the question.
struct Placed {
  Bytes question;
  Bytes records;
  std::size_t records_start;

  std::uint8_t at(std::size_t offset) const {
    return offset < records_start ? question[offset - header_length] : records[offset - records_start];
  }
};

// The records that were taken so far: none is to be there twice in a section (RFC 2181 5).
class Taken {
 public:
  explicit Taken(const MessageView& message) : message_(message) {}
  // False when it was taken before.
  bool add(Section section, const RecordView& record) {
    const Name owner = message_.owner(record);
    std::vector<std::uint8_t> octets(owner.view().length() + 5);
    copy_lower_case(owner, octets.data());
    std::uint8_t* const facts = octets.data() + owner.view().length();
    store_u16(facts, static_cast<std::uint16_t>(record.type));
    store_u16(facts + 2, static_cast<std::uint16_t>(record.klass));
    facts[4] = static_cast<std::uint8_t>(section);
    const std::vector<std::uint8_t> rdata = expanded_rdata(message_, record);
    octets.insert(octets.end(), rdata.begin(), rdata.end());
    return known_.insert(std::move(octets)).second;
  }

 private:
  const MessageView& message_;
  std::set<std::vector<std::uint8_t>> known_;  // ordered: no input makes it slow
};

// A first look that spares nearly every message the sorting: whether two records may be the same. Addresses are when
// their octets are; what may hold compressed names is not compared here.
bool may_repeat(const MessageView& message) {
  constexpr std::size_t most = 24;
  std::array<MessageView::Item, most> seen;
  std::size_t count = 0;
  for (const MessageView::Item& item : message.records()) {
    const bool is_address = item.record.type == Type::a || item.record.type == Type::aaaa;
    const auto is_alike = [&](const MessageView::Item& other) {
      return other.section == item.section && other.record.type == item.record.type &&
             (!is_address || std::ranges::equal(other.record.rdata, item.record.rdata));
    };
    if (count == most || std::any_of(seen.begin(), seen.begin() + static_cast<std::ptrdiff_t>(count), is_alike)) {
      return true;
    }
    seen[count++] = item;
  }
  return false;
}

}  // namespace

bool AnswerRecords::next(AnswerRecord& record) {
  if (index_ == record_count(answer_.head)) return false;
  Bytes records = answer_.records;
  std::size_t at = name_end(records, offset_);
  const std::uint8_t* fixed = &records[at];
  bool has_root_question = answer_.question_length == 5;
  record.section = section_of(answer_.head, index_++);
  record.type = static_cast<Type>(load_u16(fixed));
  record.klass = static_cast<Class>(load_u16(fixed + 2));
  record.ttl = load_u32(fixed + 4);
  record.offset = offset_;
  record.ttl_offset = at + 4;
  record.rdata_offset = at + record_fixed_length;
  record.owner_is_question =
      records[offset_] == 0 ? has_root_question : load_u16(&records[offset_]) == question_pointer;
  record.rdata = records.subspan(record.rdata_offset, load_u16(fixed + 8));
  offset_ = record.rdata_offset + record.rdata.size();
  return true;
}

Name expand_name(const AnswerView& answer, NameView question, std::size_t offset, std::size_t& next) {
  Placed placed{question.wire(), answer.records, header_length + answer.question_length};
  std::array<std::uint8_t, max_name_length> wire;
  std::size_t length = 0;
  next = name_end(answer.records, offset);
  for (std::size_t at = placed.records_start + offset;;) {
    std::uint8_t octet = placed.at(at);
    if (octet >= 0xC0) {
      at = (octet & 0x3Fu) << 8 | placed.at(at + 1);
      continue;
    }
    for (std::size_t end = at + octet + 1; at < end; ++at) wire[length++] = placed.at(at);
    if (octet == 0) return NameView(Bytes(wire.data(), length));
  }
}

Name owner_of(const AnswerView& answer, NameView question, const AnswerRecord& record) {
  std::size_t next = 0;
  return record.owner_is_question ? Name(question) : expand_name(answer, question, record.offset, next);
}

Name target_of(const AnswerView& answer, NameView question, const AnswerRecord& record) {
  std::size_t next = 0;
  return expand_name(answer, question, record.rdata_offset, next);
}

void copy_record(const AnswerView& answer, NameView question, const AnswerRecord& record, std::uint32_t ttl,
                 MessageWriter& writer) {
  const RdataFormat* format = checked_format(record.type, record.klass);
  writer.begin_record(record.section, owner_of(answer, question, record), record.type, record.klass, ttl);
  walk_rdata(
      format, record.rdata, [&](Bytes octets) { writer.rdata(octets); },
      [&](std::size_t at) {
        std::size_t next = 0;
        Name name = expand_name(answer, question, record.rdata_offset + at, next);
        writer.rdata_name(name, format->names == RdataNames::compressed);
        return next - record.rdata_offset;
      });
  writer.end_record();
}

Answer to_answer(const AnswerView& view) {
  return {view.head, {view.records.begin(), view.records.end()}, view.question_length};
}

Answer from_message(const MessageView& response) {
  std::array<std::uint8_t, max_message_length> buffer;
  MessageWriter writer(buffer);
  const Question& question = response.question();
  writer.question(question.name, question.type, question.klass);
  const auto empty = writer.mark();
  Taken taken(response);
  const bool is_sifted = may_repeat(response);
  for (const auto& [section, record] : response.records()) {
    if (!is_sifted || taken.add(section, record)) writer.copy(section, response, record, record.ttl);
    if (!writer.ok()) break;
  }

  AnswerHead head;
  head.authentic = response.header().has(Header::ad);
  head.authoritative = response.header().has(Header::aa);
  head.rcode = response.rcode();
  if (!writer.ok()) {
    head.rcode = Rcode::servfail;
    writer.rewind(empty);
  }
  return to_answer(written_answer(writer, head));
}

namespace {

template <class Change>
void change_ttls(MutableBytes records, const AnswerHead& head, Change change) {
  std::size_t at = 0;
  for (unsigned rest = record_count(head); rest > 0; --rest) {
    std::uint8_t* fixed = &records[name_end(records, at)];
    store_u32(fixed + 4, change(load_u32(fixed + 4)));
    at = static_cast<std::size_t>(fixed - records.data()) + record_fixed_length + load_u16(fixed + 8);
  }
}

}  // namespace

void age_records(MutableBytes records, const AnswerHead& head, std::uint32_t age) {
  change_ttls(records, head, [age](std::uint32_t ttl) { return ttl - std::min(ttl, age); });
}

void set_ttls(MutableBytes records, const AnswerHead& head, std::uint32_t ttl) {
  change_ttls(records, head, [ttl](std::uint32_t) { return ttl; });
}

std::uint32_t smallest_ttl(const AnswerView& answer, std::uint32_t none) {
  AnswerRecords records(answer);
  AnswerRecord record;
  if (!records.next(record)) return none;
  std::uint32_t smallest = record.ttl;
  while (records.next(record)) smallest = std::min(smallest, record.ttl);
  return smallest;
}

bool has_soa(const AnswerView& answer) {
  AnswerRecords records(answer);
  for (AnswerRecord record; records.next(record);) {
    if (record.section == Section::authority && record.type == Type::soa) return true;
  }
  return false;
}

std::uint32_t negative_ttl(const AnswerView& answer) {
  AnswerRecords records(answer);
  for (AnswerRecord record; records.next(record);) {
    if (record.section != Section::authority || record.type != Type::soa) continue;
    if (record.rdata.size() < soa_numbers_length) continue;
    std::uint32_t minimum = load_u32(&record.rdata[record.rdata.size() - 4]);
    return std::min(record.ttl, minimum);
  }
  return 0;
}

}  // namespace dragoman::dns
