// The one parser of messages (RFC 1035 4.1, RFC 6891 6.1): a single pass without allocation that checks everything,
// and the walk over records that relies on it. Pure; any thread.
#include "dragoman/dns/message_view.h"

#include "rdata_format.h"
#include "wire_walk.h"

namespace dragoman::dns {
namespace {

constexpr std::size_t record_fixed_length = 10;  // TYPE, CLASS, TTL, RDLENGTH

// Fills `record` from what stands behind its owner name, at `at`; the bounds were checked.
void read_fixed_part(Bytes message, std::size_t at, RecordView& record) {
  const std::uint8_t* fixed = &message[at];
  std::uint32_t ttl = load_u32(fixed + 4);
  record.type = static_cast<Type>(load_u16(fixed));
  record.klass = static_cast<Class>(load_u16(fixed + 2));
  record.ttl = ttl >> 31 != 0 ? 0 : ttl;
  record.rdata_offset = at + record_fixed_length;
  record.rdata = message.subspan(record.rdata_offset, load_u16(fixed + 8));
  record.end = record.rdata_offset + record.rdata.size();
}

bool read_record(Bytes message, std::size_t offset, RecordView& record, bool& owner_is_root) {
  std::size_t at = 0;
  std::size_t length = 0;
  if (!skip_name(message, offset, at, length)) return false;
  if (message.size() - at < record_fixed_length) return false;
  std::size_t rdata_length = load_u16(&message[at + 8]);
  if (message.size() - at - record_fixed_length < rdata_length) return false;
  record.offset = offset;
  read_fixed_part(message, at, record);
  owner_is_root = length == 1;
  return true;
}

bool options_add_up(Bytes options) {
  std::size_t count = 0;
  while (!options.empty()) {
    if (options.size() < 4 || ++count > max_edns_options) return false;
    std::size_t size = 4u + load_u16(options.data() + 2);
    if (size > options.size()) return false;
    options = options.subspan(size);
  }
  return true;
}

// The TTL of an OPT is extended RCODE, version, DO and zeros (RFC 6891 6.1.3).
Edns read_edns(Bytes message, const RecordView& record) {
  const std::uint8_t* ttl = &message[record.rdata_offset - 6];
  Edns edns;
  edns.udp_payload = static_cast<std::uint16_t>(record.klass);
  edns.extended_rcode = ttl[0];
  edns.version = ttl[1];
  edns.dnssec_ok = (ttl[2] & 0x80) != 0;
  edns.options = record.rdata;
  return edns;
}

Section section_of(const Header& header, unsigned index) {
  if (index < header.answers) return Section::answer;
  return index < unsigned{header.answers} + header.authorities ? Section::authority : Section::additional;
}

}  // namespace

Header Header::read(const std::uint8_t* at) {
  Header header;
  header.id = load_u16(at);
  header.flags = load_u16(at + 2);
  header.questions = load_u16(at + 4);
  header.answers = load_u16(at + 6);
  header.authorities = load_u16(at + 8);
  header.additionals = load_u16(at + 10);
  return header;
}

void Header::write(std::uint8_t* at) const {
  store_u16(at, id);
  store_u16(at + 2, flags);
  store_u16(at + 4, questions);
  store_u16(at + 6, answers);
  store_u16(at + 8, authorities);
  store_u16(at + 10, additionals);
}

MessageView::Fault MessageView::parse(Bytes message, MessageView& out) {
  out = MessageView();
  if (message.size() < header_length) return Fault::short_header;
  out.message_ = message;
  out.header_ = Header::read(message.data());
  if (out.header_.questions > 1) return Fault::question_count;
  if (out.header_.questions == 0) {
    out.records_offset_ = header_length;
    if (out.parse_records() != Fault::none) out.edns_.reset();
    out.record_count_ = 0;
    return Fault::question_count;
  }
  if (!out.parse_question()) return Fault::bad_question;
  return out.parse_records();
}

MessageView::Fault MessageView::parse_records() {
  std::size_t offset = records_offset_;
  unsigned count = unsigned{header_.answers} + header_.authorities + header_.additionals;
  for (unsigned index = 0; index < count; ++index) {
    RecordView record;
    bool owner_is_root = false;
    if (!read_record(message_, offset, record, owner_is_root)) return Fault::bad_record;
    offset = record.end;
    if (record.type != Type::opt) {
      if (!valid_rdata(message_, record)) return Fault::bad_record;
      continue;
    }
    bool in_place = owner_is_root && section_of(header_, index) == Section::additional;
    if (!in_place || edns_ || !options_add_up(record.rdata)) return Fault::bad_opt;
    edns_ = read_edns(message_, record);
  }
  if (offset != message_.size()) return Fault::trailing;
  record_count_ = count;
  return Fault::none;
}

bool MessageView::parse_question() {
  if (!read_plain_name(message_.subspan(header_length), question_.name)) return false;
  std::size_t at = header_length + question_.name.length();
  if (message_.size() - at < 4) return false;
  question_.type = static_cast<Type>(load_u16(&message_[at]));
  question_.klass = static_cast<Class>(load_u16(&message_[at + 2]));
  records_offset_ = at + 4;
  return true;
}

Rcode MessageView::rcode() const {
  unsigned upper = edns_ ? edns_->extended_rcode : 0u;
  return static_cast<Rcode>(upper << 4 | static_cast<unsigned>(header_.rcode()));
}

MessageView::Range MessageView::records() const {
  return {Iterator(this, records_offset_, 0), Iterator(this, 0, record_count_)};
}

Name MessageView::owner(const RecordView& record) const {
  Name name;
  std::size_t next = 0;
  expand_name(message_, record.offset, name, next);
  return name;
}

MessageView::Iterator::Iterator(const MessageView* view, std::size_t offset, unsigned index)
    : view_(view), offset_(offset), index_(index) {
  load();
}

MessageView::Iterator& MessageView::Iterator::operator++() {
  ++index_;
  load();
  return *this;
}

// Reads the record at `offset_`, or the one behind it if that is the OPT.
void MessageView::Iterator::load() {
  for (; index_ < view_->record_count_; ++index_) {
    RecordView& record = item_.record;
    record.offset = offset_;
    read_fixed_part(view_->message_, name_end(view_->message_, offset_), record);
    offset_ = record.end;
    if (record.type == Type::opt) continue;
    item_.section = section_of(view_->header_, index_);
    return;
  }
}

}  // namespace dragoman::dns
