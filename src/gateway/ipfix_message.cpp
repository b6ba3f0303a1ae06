// The lengths of message and sets are filled in behind what they count.
#include "ipfix_message.h"

namespace dragoman::gateway {
namespace {

constexpr std::uint16_t version = 10;
constexpr std::size_t length_at = 2, time_at = 4, sequence_at = 8, domain_at = 12;

}  // namespace

IpfixMessage::IpfixMessage(std::uint32_t domain) : octets_(header_length) {
  store_u16(octets_.data(), version);
  store_u32(octets_.data() + domain_at, domain);
}

void IpfixMessage::open_set(std::uint16_t id) {
  if (set_start_ != 0 && set_id_ == id) return;
  close_set();
  set_start_ = octets_.size();
  set_id_ = id;
  put(id, 2);
  put(0, 2);
}

void IpfixMessage::put(std::uint64_t value, std::size_t length) {
  for (std::size_t i = length; i-- > 0;) octets_.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

void IpfixMessage::put(Bytes octets) { octets_.insert(octets_.end(), octets.begin(), octets.end()); }

std::size_t IpfixMessage::size_with(std::uint16_t set_id, std::size_t record) const {
  const bool needs_header = set_start_ == 0 || set_id_ != set_id;
  return octets_.size() + (needs_header ? set_header_length : 0) + record;
}

MutableBytes IpfixMessage::finish() {
  close_set();
  store_u16(octets_.data() + length_at, static_cast<std::uint16_t>(octets_.size()));
  return octets_;
}

void IpfixMessage::clear() {
  octets_.resize(header_length);
  set_start_ = 0;
}

void IpfixMessage::set_time_and_sequence(MutableBytes message, std::uint32_t time, std::uint32_t sequence) {
  store_u32(message.data() + time_at, time);
  store_u32(message.data() + sequence_at, sequence);
}

void IpfixMessage::close_set() {
  if (set_start_ == 0) return;
  store_u16(octets_.data() + set_start_ + length_at, static_cast<std::uint16_t>(octets_.size() - set_start_));
  set_start_ = 0;
}

}  // namespace dragoman::gateway
