// Writes one DNS message into memory of the caller, with name compression (RFC 1035 4.1.4). Allocates nothing.
// Writing past the end changes nothing and makes ok() false for good; a caller that wants less then writes less (see
// mark and rewind). Owner names are compressed against the question and earlier owners; names inside RDATA only for
// the types of RFC 1035 (RFC 3597 4). Pure; one thread.
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
  // `out` is where the message goes; its size is the limit (at least 12 octets).
  explicit MessageWriter(MutableBytes out);

  void question(NameView name, Type type, Class klass);
  // Opens a record; append RDATA with the calls below, then end_record(). Sections must come in order.
  void begin_record(Section section, NameView owner, Type type, Class klass, std::uint32_t ttl);
  void rdata(Bytes octets);
  void rdata_u16(std::uint16_t value);
  void rdata_u32(std::uint32_t value);
  void rdata_name(NameView name, bool compress);
  void end_record();
  // Whole records.
  void record(Section section, NameView owner, Type type, Class klass, std::uint32_t ttl, Bytes rdata);
  // Copies a record of another message, its names expanded there and compressed here, with this TTL.
  void copy(Section section, const MessageView& from, const RecordView& record, std::uint32_t ttl);
  // Copies records that are already in wire form relative to this very question (see dns/answer.h): no work per name.
  void append_records(Bytes wire, std::uint16_t answers, std::uint16_t authorities, std::uint16_t additionals);

  // A place to come back to when what follows does not fit.
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

  // Octets that an OPT of this kind takes without its padding: to reserve before the records are written.
  static std::size_t size_of(const EdnsReply& edns);
  // Writes header, counts and, if given, the OPT with padding; returns the whole message. The header's counts are
  // ignored. With ok() false the result is what fitted.
  MutableBytes finish(Header header, const EdnsReply* edns = nullptr);

 private:
  bool room(std::size_t octets);
  void name(NameView name, bool compress);

  MutableBytes out_;
  std::size_t length_ = header_length;
  std::size_t records_offset_ = header_length;
  std::size_t rdata_length_at_ = 0;
  std::uint16_t counts_[4] = {0, 0, 0, 0};
  std::array<std::uint16_t, 32> names_;  // offsets of names and their suffixes that later ones may point to
  std::uint8_t known_names_ = 0;
  bool ok_ = true;
};

}  // namespace dragoman::dns
