// A DNS message where it lies (RFC 1035 4.1): parse once, then walk without copies or failures.
// parse() checks every count, name, length and compression pointer of the whole message, and the RDATA of the types
// whose RDATA holds names or has a fixed shape; afterwards no accessor can fail or read out of bounds.
// One parser decides what is well formed, for clients' queries and upstreams' answers alike.
// Pure; any thread. A view is valid as long as the octets it was made from.
#pragma once

#include <cstdint>
#include <optional>

#include "dragoman/base/bytes.h"
#include "dragoman/dns/edns.h"
#include "dragoman/dns/name.h"
#include "dragoman/dns/types.h"

namespace dragoman::dns {

inline constexpr std::size_t header_length = 12;
inline constexpr std::size_t max_message_length = 65535;

// The fixed header. Bit positions of `flags`, RFC 1035 4.1.1 and RFC 4035 3.2:
//   QR  Opcode(4)  AA TC RD RA  Z AD CD  RCODE(4)
//   15  14..11     10 9  8  7   6 5  4   3..0
struct Header {
  std::uint16_t id = 0;
  std::uint16_t flags = 0;
  std::uint16_t questions = 0, answers = 0, authorities = 0, additionals = 0;

  static constexpr std::uint16_t qr = 0x8000, aa = 0x0400, tc = 0x0200, rd = 0x0100, ra = 0x0080, z = 0x0040,
                                 ad = 0x0020, cd = 0x0010;
  bool has(std::uint16_t bit) const { return (flags & bit) != 0; }
  bool is_response() const { return has(qr); }
  Opcode opcode() const { return static_cast<Opcode>(flags >> 11 & 15); }
  Rcode rcode() const { return static_cast<Rcode>(flags & 15); }  // without the OPT's upper bits

  static Header read(const std::uint8_t* at);
  void write(std::uint8_t* at) const;
};

// `name` points into the message: a question's name is never compressed (nothing stands before it).
struct Question {
  NameView name;
  Type type{};
  Class klass{};
};

enum class Section : std::uint8_t { answer, authority, additional };

// One resource record; offsets count from the start of the message.
struct RecordView {
  std::size_t offset = 0;  // of its owner name
  std::size_t rdata_offset = 0;
  std::size_t end = 0;  // behind its RDATA
  Type type{};
  Class klass{};
  std::uint32_t ttl = 0;  // as received; bit 31 set counts as 0 (RFC 2181 8)
  Bytes rdata;            // may hold compressed names: use rdata.h
};

class MessageView {
 public:
  // Why a message was refused; also a metric label.
  enum class Fault : std::uint8_t { none, short_header, question_count, bad_question, bad_record, bad_opt, trailing };

  // On a fault the header is still readable when there were 12 octets, the question when the fault lies behind it;
  // records() is empty. QDCOUNT must be 1 (RFC 9619); with 0 the OPT can be read all the same when nothing else is
  // wrong (RFC 7873 5.4). Octets behind the last record are a fault. Takes linear time: a name is bounded in labels and
  // pointers, and nothing is reserved by the counts.
  static Fault parse(Bytes message, MessageView& out);

  Bytes bytes() const { return message_; }
  const Header& header() const { return header_; }
  const Question& question() const { return question_; }
  Rcode rcode() const;  // with the OPT's upper bits
  bool has_edns() const { return edns_.has_value(); }
  const std::optional<Edns>& edns() const { return edns_; }
  std::size_t records_offset() const { return records_offset_; }  // behind the question

  // Walks the records in message order, all sections but for the OPT: for (auto [section, record] : view.records()).
  struct Item {
    Section section;
    RecordView record;
  };
  class Iterator {
   public:
    Iterator(const MessageView* view, std::size_t offset, unsigned index);
    Item operator*() const { return item_; }
    Iterator& operator++();
    bool operator!=(const Iterator& other) const { return index_ != other.index_; }

   private:
    void load();
    const MessageView* view_;
    std::size_t offset_;
    unsigned index_;
    Item item_{};
  };
  struct Range {
    Iterator first, last;
    Iterator begin() const { return first; }
    Iterator end() const { return last; }
  };
  Range records() const;

  // The owner name of a record, expanded.
  Name owner(const RecordView& record) const;

 private:
  bool parse_question();
  Fault parse_records();

  Bytes message_;
  Header header_;
  Question question_;
  std::optional<Edns> edns_;
  std::size_t records_offset_ = 0;
  unsigned record_count_ = 0;  // with the OPT; 0 until everything was checked
};

}  // namespace dragoman::dns
