// One IPFIX message (RFC 7011 3.1) while it is put together: a header and sets of records. Pure.
//
//   | version 10 | length | export time | sequence number | observation domain | set | set ...
//   set: | set ID | length | record | record ...     2: templates, 3: options templates, from 256 on: data
#pragma once

#include <cstdint>
#include <vector>

#include "dragoman/base/bytes.h"

namespace dragoman::gateway {

class IpfixMessage {
 public:
  static constexpr std::size_t header_length = 16;
  static constexpr std::size_t set_header_length = 4;

  explicit IpfixMessage(std::uint32_t domain);

  // Records of one set lie together; another set ID opens another set.
  void open_set(std::uint16_t id);
  void put(std::uint64_t value, std::size_t length);  // in network order, into the open set
  void put(Bytes octets);

  bool is_empty() const { return octets_.size() == header_length; }
  // With a record of this length put into this set.
  std::size_t size_with(std::uint16_t set_id, std::size_t record) const;
  // With all lengths filled in. The message is whole until something is put into it.
  MutableBytes finish();
  void clear();

  // The fields that are known when the message leaves: seconds since 1970, and the records sent before.
  static void set_time_and_sequence(MutableBytes message, std::uint32_t time, std::uint32_t sequence);

 private:
  void close_set();
  std::vector<std::uint8_t> octets_;
  std::size_t set_start_ = 0;  // of the open set; 0: none
  std::uint16_t set_id_ = 0;
};

}  // namespace dragoman::gateway
