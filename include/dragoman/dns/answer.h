// An answer without its header and question: what the cache keeps, what local data and upstreams give, and what a
// reply is made of. Its records are in wire form with compression pointers relative to a message whose question is the
// question they answer; they can be put behind that question, in whatever case a client wrote it, as they are.
// The OPT is not part of it. Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "dragoman/base/bytes.h"
#include "dragoman/dns/message_view.h"
#include "dragoman/dns/message_writer.h"
#include "dragoman/dns/name.h"
#include "dragoman/dns/types.h"

namespace dragoman::dns {

// CNAMEs that are followed within one answer: more than any honest one has.
inline constexpr std::size_t max_chain_links = 16;

// The facts beside the records.
struct AnswerHead {
  Rcode rcode = Rcode::noerror;
  bool authentic = false;  // by our own validation, or AD as an upstream says it, never passed on without a right to
  bool authoritative = false;
  std::uint16_t answers = 0, authorities = 0, additionals = 0;
  bool blocked = false;     // what it would have said was taken out by our own rules (RFC 8914 4.16)
  bool unanswered = false;  // nobody said this: a SERVFAIL that stands for silence
  bool bogus = false;       // what was said is forged or broken (RFC 4033 5): a SERVFAIL that stands for it
  Ede ede = Ede::other;     // why, when that is known (RFC 8914)
};

// Borrows its records.
struct AnswerView {
  AnswerHead head;
  Bytes records;
  std::uint16_t question_length = 0;  // octets of name, type and class: records start at 12 + this
};

// Owns its records.
struct Answer {
  AnswerHead head;
  std::vector<std::uint8_t> records;
  std::uint16_t question_length = 0;

  AnswerView view() const { return {head, records, question_length}; }
};

// A copy that owns its records.
Answer to_answer(const AnswerView& view);

// What a writer holds behind its question, as an answer with this head, whose counts become the writer's. Everything
// there must have been written as a part of it, the OPT aside. Borrows from the writer's memory.
inline AnswerView written_answer(const MessageWriter& writer, AnswerHead head) {
  head.answers = writer.count(Section::answer);
  head.authorities = writer.count(Section::authority);
  head.additionals = writer.count(Section::additional);
  return {head, writer.records(), static_cast<std::uint16_t>(writer.records_offset() - header_length)};
}

// One record of an answer.
struct AnswerRecord {
  Section section{};
  Type type{};
  Class klass{};
  std::uint32_t ttl = 0;
  std::size_t offset = 0;          // into AnswerView::records, of the owner name
  std::size_t ttl_offset = 0;      // into AnswerView::records
  std::size_t rdata_offset = 0;    // into AnswerView::records
  bool owner_is_question = false;  // the owner is a pointer to the question's name (or both are the root)
  Bytes rdata;                     // may hold compressed names: expand_name, copy_record
};

// Walks the records of an answer that this program made (from_message or MessageWriter), in order. Cheap: owner names
// are skipped, not expanded.
class AnswerRecords {
 public:
  explicit AnswerRecords(const AnswerView& answer) : answer_(answer) {}
  // False at the end.
  bool next(AnswerRecord& record);

 private:
  AnswerView answer_;
  std::size_t offset_ = 0;
  unsigned index_ = 0;
};

// The name at `offset` of an answer's records, as it reads behind this question; `next`, an offset into the records
// again, becomes the place behind it. For owner names and for names inside RDATA.
Name expand_name(const AnswerView& answer, NameView question, std::size_t offset, std::size_t& next);
// The same for a record's owner.
Name owner_of(const AnswerView& answer, NameView question, const AnswerRecord& record);
// The one name that is the RDATA of a CNAME, DNAME, NS or PTR.
Name target_of(const AnswerView& answer, NameView question, const AnswerRecord& record);

// Copies one record with this TTL; names are compressed against what the writer holds already, which may have another
// question than the answer had.
void copy_record(const AnswerView& answer, NameView question, const AnswerRecord& record, std::uint32_t ttl,
                 MessageWriter& writer);

// Takes an upstream's response apart: drops the OPT and records that are there twice, compresses afresh. The response
// must be a parsed one. One that grows beyond a message when its names are expanded as RFC 3597 4 demands comes out as
// SERVFAIL without records.
Answer from_message(const MessageView& response);

// Lowers every TTL by `age` seconds, not below zero, in place. `records` belongs to an answer with these counts.
void age_records(MutableBytes records, const AnswerHead& head, std::uint32_t age);

// Gives every record this TTL, in place: what is left to say of data past its lifetime (RFC 8767 4).
void set_ttls(MutableBytes records, const AnswerHead& head, std::uint32_t ttl);

// The smallest TTL of all records; `none` when there is none.
std::uint32_t smallest_ttl(const AnswerView& answer, std::uint32_t none = std::numeric_limits<std::uint32_t>::max());

// RFC 2308 5: how long an answer without the wanted data may be kept: min(TTL of the SOA in the authority section, its
// MINIMUM); 0 without an SOA.
std::uint32_t negative_ttl(const AnswerView& answer);
// Whether its authority section has an SOA, as a denial must (RFC 2308 3).
bool has_soa(const AnswerView& answer);

}  // namespace dragoman::dns
