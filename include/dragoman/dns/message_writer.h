// Writes one DNS message into memory of the caller, with name compression (RFC 1035 4.1.4). Allocates nothing.
// A record that does not fit leaves no trace but ok() false, and nothing is written from then on; a caller that wants
// less goes back with rewind and writes less. Owner names are compressed against the question and earlier names without
// regard to case; a name equal to the question's becomes a pointer to it, so that a client sees the case it wrote.
// Names inside RDATA are compressed only for the types of RFC 1035 (RFC 3597 4). Pure; one thread.
#pragma once

#include <array>
#include <cstdint>

#include "dragoman/base/bytes.h"
#include "dragoman/dns/edns.h"
#include "dragoman/dns/message_view.h"
#include "dragoman/dns/name.h"

namespace dragoman::dns {

class MessageWriter {
 public:
  // `out` is where the message goes; its size is the limit (at least 12 octets, 65535 of them are used at most).
  explicit MessageWriter(MutableBytes out);

  // At most once, before any record.
  void question(NameView name, Type type, Class klass);
  // Opens a record; append RDATA with the calls below, then end_record(). Sections must come in order.
  void begin_record(Section section, NameView owner, Type type, Class klass, std::uint32_t ttl);
  void rdata(Bytes octets);
  void rdata_u16(std::uint16_t value);
  void rdata_u32(std::uint32_t value);
  void rdata_name(NameView name, bool compress);
  void end_record();
  // A whole record of class IN, RDATA as it is.
  void record(Section section, NameView owner, Type type, std::uint32_t ttl, Bytes rdata);
  // Copies a record of another message, its names expanded there and compressed here, with this TTL.
  void copy(Section section, const MessageView& from, const RecordView& record, std::uint32_t ttl);
  // Copies records that are already in wire form relative to this very question (see dns/answer.h): no work per name.
  // They must be the first behind the question, for their pointers count from the start of the message.
  void append_records(Bytes wire, std::uint16_t answers, std::uint16_t authorities, std::uint16_t additionals);

  // A place to come back to when what follows does not fit. Not between begin_record and end_record.
  struct Mark {
    std::size_t length;
    std::uint16_t counts[4];
    std::uint8_t names;
    bool ok;
  };
  Mark mark() const;
  void rewind(const Mark& mark);

  bool ok() const { return ok_; }
  std::size_t length() const { return length_; }
  std::size_t records_offset() const { return records_offset_; }
  std::size_t available() const { return out_.size() - length_; }
  // What was written behind the question, without an OPT: the records of an Answer, when everything came from here.
  Bytes records() const { return Bytes(out_).first(length_).subspan(records_offset_); }
  std::uint16_t count(Section section) const { return counts_[1 + static_cast<unsigned>(section)]; }

  // Octets that an OPT of this kind takes without its padding: to reserve before the records are written.
  static std::size_t size_of(const EdnsReply& edns);
  // Writes header, counts and, if given, the OPT with padding; returns the whole message. The header's counts are
  // ignored. With ok() false the result is what fitted. An OPT that does not fit goes without its options; if that does
  // not fit either there is none, and ok() becomes false. Padding never makes the message longer than the limit.
  MutableBytes finish(Header header, const EdnsReply* edns = nullptr);

 private:
  static constexpr std::size_t max_known_names = 64;  // a reverse IPv6 name takes 34

  std::uint8_t* take(std::size_t octets);
  void fail();
  void name(NameView name, bool compress);
  void compressed_name(NameView name);
  void learn_question();
  void learn(std::uint16_t tag, std::size_t offset);
  std::size_t find(std::uint16_t tag, NameView suffix) const;
  bool stands_at(std::size_t offset, NameView name) const;
  void opt(const EdnsReply& edns, bool with_options);

  MutableBytes out_;
  std::size_t length_ = header_length;
  std::size_t records_offset_ = header_length;
  NameView question_name_;        // in out_; the root without a question
  std::size_t record_start_ = 0;  // of the open record, and how many names were known then
  std::uint8_t record_names_ = 0;
  bool record_open_ = false;
  std::size_t rdata_length_at_ = 0;
  Section section_{};
  std::uint16_t counts_[4] = {0, 0, 0, 0};
  // Names and their suffixes that later ones may point to: a hash of each without case, and where it stands.
  std::array<std::uint16_t, max_known_names> tags_;
  std::array<std::uint16_t, max_known_names> offsets_;
  std::uint8_t known_names_ = 0;
  bool ok_ = true;
};

}  // namespace dragoman::dns
