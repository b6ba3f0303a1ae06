// Writing messages (RFC 1035 4.1): sections, RDATA and the OPT (RFC 6891 6.1.2) with the options that we send.
// How names are compressed is in name_compression.cpp. Pure; one thread.
#include "dragoman/dns/message_writer.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "rdata_format.h"

namespace dragoman::dns {
namespace {

constexpr std::size_t question_fixed_length = 4;  // QTYPE, QCLASS
constexpr std::size_t record_fixed_length = 10;   // TYPE, CLASS, TTL, RDLENGTH
constexpr std::size_t opt_length = 11;            // root, TYPE, CLASS, TTL, RDLENGTH
constexpr std::size_t option_header = 4;
constexpr std::size_t keepalive_length = option_header + 2;

std::size_t ede_length(const EdnsReply& edns) {
  return option_header + 2 + edns.ede_text.size() + (edns.further_ede ? option_header + 2 : 0);
}

std::size_t options_length(const EdnsReply& edns) {
  return (edns.cookie.empty() ? 0 : option_header + edns.cookie.size()) + (edns.ede ? ede_length(edns) : 0) +
         (edns.keepalive ? keepalive_length : 0);
}

std::uint8_t* write_option(std::uint8_t* at, EdnsOptionCode code, std::size_t length) {
  store_u16(at, static_cast<std::uint16_t>(code));
  store_u16(at + 2, static_cast<std::uint16_t>(length));
  return at + option_header;
}

std::uint8_t* write_options(std::uint8_t* at, const EdnsReply& edns) {
  if (!edns.cookie.empty()) {  // RFC 7873 4
    at = write_option(at, EdnsOptionCode::cookie, edns.cookie.size());
    at = std::copy(edns.cookie.begin(), edns.cookie.end(), at);
  }
  if (edns.ede) {  // RFC 8914 2
    at = write_option(at, EdnsOptionCode::ede, 2 + edns.ede_text.size());
    store_u16(at, static_cast<std::uint16_t>(*edns.ede));
    std::copy_n(edns.ede_text.data(), edns.ede_text.size(), at + 2);  // of no text at all, data() may be null
    at += 2 + edns.ede_text.size();
    if (edns.further_ede) {
      at = write_option(at, EdnsOptionCode::ede, 2);
      store_u16(at, static_cast<std::uint16_t>(*edns.further_ede));
      at += 2;
    }
  }
  if (edns.keepalive) {  // RFC 7828 3.1
    at = write_option(at, EdnsOptionCode::tcp_keepalive, 2);
    store_u16(at, *edns.keepalive);
    at += 2;
  }
  return at;
}

// Octets of the padding option (RFC 7830 3) that make `length` a multiple of `pad_to`, or as near as `limit` allows.
std::size_t padding_length(std::size_t length, std::size_t pad_to, std::size_t limit) {
  if (pad_to == 0 || length + option_header > limit) return 0;
  std::size_t padded = (length + option_header + pad_to - 1) / pad_to * pad_to;
  return std::min(padded, limit) - length;
}

}  // namespace

MessageWriter::MessageWriter(MutableBytes out) : out_(out.first(std::min(out.size(), max_message_length))) {
  assert(out.size() >= header_length);
}

// Room for so many octets at the end, or nullptr and failure.
std::uint8_t* MessageWriter::take(std::size_t octets) {
  if (!ok_ || octets > available()) {
    fail();
    return nullptr;
  }
  std::uint8_t* at = &out_[length_];
  length_ += octets;
  return at;
}

void MessageWriter::fail() {
  ok_ = false;
  if (!record_open_) return;
  length_ = record_start_;
  known_names_ = record_names_;
  record_open_ = false;
}

void MessageWriter::question(NameView name, Type type, Class klass) {
  assert(length_ == header_length);
  std::uint8_t* at = take(name.length() + question_fixed_length);
  if (at == nullptr) return;
  std::memcpy(at, name.wire().data(), name.length());
  store_u16(at + name.length(), static_cast<std::uint16_t>(type));
  store_u16(at + name.length() + 2, static_cast<std::uint16_t>(klass));
  question_name_ = NameView(Bytes(at, name.length()));
  records_offset_ = length_;
  counts_[0] = 1;
}

void MessageWriter::begin_record(Section section, NameView owner, Type type, Class klass, std::uint32_t ttl) {
  if (!ok_) return;
  record_start_ = length_;
  record_names_ = known_names_;
  record_open_ = true;
  section_ = section;
  name(owner, true);
  std::uint8_t* at = take(record_fixed_length);
  if (at == nullptr) return;
  store_u16(at, static_cast<std::uint16_t>(type));
  store_u16(at + 2, static_cast<std::uint16_t>(klass));
  store_u32(at + 4, ttl);
  rdata_length_at_ = length_ - 2;
}

void MessageWriter::rdata(Bytes octets) {
  if (std::uint8_t* at = take(octets.size()); at != nullptr && !octets.empty()) {
    std::memcpy(at, octets.data(), octets.size());
  }
}

void MessageWriter::rdata_u16(std::uint16_t value) {
  if (std::uint8_t* at = take(2)) store_u16(at, value);
}

void MessageWriter::rdata_u32(std::uint32_t value) {
  if (std::uint8_t* at = take(4)) store_u32(at, value);
}

void MessageWriter::rdata_name(NameView target, bool compress) { name(target, compress); }

void MessageWriter::end_record() {
  if (!ok_) return;
  store_u16(&out_[rdata_length_at_], static_cast<std::uint16_t>(length_ - rdata_length_at_ - 2));
  ++counts_[1 + static_cast<unsigned>(section_)];
  record_open_ = false;
}

void MessageWriter::record(Section section, NameView owner, Type type, std::uint32_t ttl, Bytes octets) {
  begin_record(section, owner, type, Class::in, ttl);
  rdata(octets);
  end_record();
}

void MessageWriter::copy(Section section, const MessageView& from, const RecordView& record, std::uint32_t ttl) {
  const RdataFormat* format = checked_format(record.type, record.klass);
  begin_record(section, from.owner(record), record.type, record.klass, ttl);
  walk_rdata(
      format, record.rdata, [&](Bytes octets) { rdata(octets); },
      [&](std::size_t at) {
        Name expanded;
        std::size_t next = 0;
        expand_name(from.bytes(), record.rdata_offset + at, expanded, next);
        name(expanded, format->names == RdataNames::compressed);
        return next - record.rdata_offset;
      });
  end_record();
}

void MessageWriter::append_records(Bytes wire, std::uint16_t answers, std::uint16_t authorities,
                                   std::uint16_t additionals) {
  assert(length_ == records_offset_);
  std::uint8_t* at = take(wire.size());
  if (at == nullptr) return;
  if (!wire.empty()) std::memcpy(at, wire.data(), wire.size());
  counts_[1] = answers;
  counts_[2] = authorities;
  counts_[3] = additionals;
}

MessageWriter::Mark MessageWriter::mark() const {
  return {length_, {counts_[0], counts_[1], counts_[2], counts_[3]}, known_names_, ok_};
}

void MessageWriter::rewind(const Mark& mark) {
  length_ = mark.length;
  std::copy(std::begin(mark.counts), std::end(mark.counts), std::begin(counts_));
  known_names_ = mark.names;
  ok_ = mark.ok;
  record_open_ = false;
}

std::size_t MessageWriter::size_of(const EdnsReply& edns) { return opt_length + options_length(edns); }

// RFC 6891 6.1.2 and 6.1.3; the padding comes last, when everything else has its size.
void MessageWriter::opt(const EdnsReply& edns, bool with_options) {
  std::size_t options = with_options ? options_length(edns) : 0;
  std::size_t padding = padding_length(length_ + opt_length + options, edns.pad_to, out_.size());
  std::uint8_t* at = take(opt_length + options + padding);
  if (at == nullptr) return;
  at[0] = 0;
  store_u16(at + 1, static_cast<std::uint16_t>(Type::opt));
  store_u16(at + 3, edns.udp_payload);
  store_u32(at + 5, static_cast<std::uint32_t>(edns.rcode) >> 4 << 24 | (edns.dnssec_ok ? 0x8000u : 0u));
  store_u16(at + 9, static_cast<std::uint16_t>(options + padding));
  at += opt_length;
  if (with_options) at = write_options(at, edns);
  if (padding == 0) return;
  at = write_option(at, EdnsOptionCode::padding, padding - option_header);
  std::memset(at, 0, padding - option_header);
}

MutableBytes MessageWriter::finish(Header header, const EdnsReply* edns) {
  header.questions = counts_[0];
  header.answers = counts_[1];
  header.authorities = counts_[2];
  header.additionals = counts_[3];
  if (edns != nullptr) {
    bool was_ok = ok_;
    ok_ = true;  // an OPT belongs to a truncated message, too
    opt(*edns, size_of(*edns) <= available());
    if (ok_) ++header.additionals;
    ok_ = ok_ && was_ok;
  }
  header.write(out_.data());
  return out_.first(length_);
}

}  // namespace dragoman::dns
