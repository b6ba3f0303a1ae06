// One entry of the answer cache, as it lies in a ring: header, key, records, padded to eight octets.
//
//   | header, 20 octets | lower-case name | type, DO and CD, 3 octets | records |
//
// Everything a hit needs lies in one or two cache lines. Only under the lock of the entry's stripe.
#pragma once

#include <cstdint>

#include "dragoman/base/bytes.h"
#include "dragoman/dns/answer.h"

namespace dragoman::cache {

inline constexpr std::size_t entry_alignment = 8;
inline constexpr std::size_t key_tail_length = 3;  // type, DO and CD, behind the name
inline constexpr std::uint8_t max_frequency = 3;   // S3-FIFO: two bits are enough

struct Entry {
  std::uint32_t stored_at = 0;  // seconds, as TimePoint counts them
  std::uint32_t lifetime = 0;   // seconds
  std::uint16_t records_length = 0;
  std::uint16_t answers = 0, authorities = 0, additionals = 0;
  std::uint16_t rcode : 9 = 0;       // with upper bits of an OPT (RFC 6891 6.1.3): a few are assigned
  std::uint16_t blocked : 1 = 0;     // what it said was taken out by our own rules
  std::uint16_t unanswered : 1 = 0;  // a failure of which nobody spoke
  std::uint16_t ede : 5 = 0;         // RFC 8914: as many as there are codes that we give
  std::uint8_t name_length = 0;
  std::uint8_t frequency : 2 = 0;     // hits since it came or was last spared, up to max_frequency
  std::uint8_t is_dead : 1 = 0;       // replaced; waits for its turn to leave the ring
  std::uint8_t is_failure : 1 = 0;    // beside the answer of the same key, never instead of it
  std::uint8_t is_refreshed : 1 = 0;  // somebody was told to ask again before it expires
  std::uint8_t authentic : 1 = 0;
  std::uint8_t authoritative : 1 = 0;
  std::uint8_t bogus : 1 = 0;

  Bytes key() const { return {octets(), name_length + key_tail_length}; }
  Bytes records() const { return {octets() + key().size(), records_length}; }
  std::uint8_t* octets() { return reinterpret_cast<std::uint8_t*>(this + 1); }
  const std::uint8_t* octets() const { return reinterpret_cast<const std::uint8_t*>(this + 1); }

  // Octets in the ring.
  std::size_t size() const { return size_for(key().size(), records_length); }
  static constexpr std::size_t size_for(std::size_t key_length, std::size_t records_length) {
    return (sizeof(Entry) + key_length + records_length + entry_alignment - 1) & ~(entry_alignment - 1);
  }

  // Workers read their clocks apart, so `now` may lie a little before stored_at.
  std::uint32_t age(std::uint32_t now) const { return now > stored_at ? now - stored_at : 0; }
  bool is_expired(std::uint32_t now) const { return age(now) >= lifetime; }
  // Past its lifetime for so long that not even serving stale data (RFC 8767) has a use for it.
  bool is_useless(std::uint32_t now, std::uint32_t max_stale) const {
    return age(now) >= lifetime + (is_failure ? 0 : max_stale);
  }

  void set_head(const dns::AnswerHead& head);
  dns::AnswerHead head() const {
    return {static_cast<dns::Rcode>(rcode),
            authentic != 0,
            authoritative != 0,
            answers,
            authorities,
            additionals,
            blocked != 0,
            unanswered != 0,
            bogus != 0,
            static_cast<dns::Ede>(ede)};
  }
};
static_assert(sizeof(Entry) == 20);

inline void Entry::set_head(const dns::AnswerHead& head) {
  constexpr std::uint16_t most_rcode = 0x1FF, most_ede = 0x1F;
  const auto code = static_cast<std::uint16_t>(head.rcode), why = static_cast<std::uint16_t>(head.ede);
  rcode = (code <= most_rcode ? code : static_cast<std::uint16_t>(dns::Rcode::servfail)) & most_rcode;
  ede = (why <= most_ede ? why : 0) & most_ede;
  answers = head.answers;
  authorities = head.authorities;
  additionals = head.additionals;
  authentic = head.authentic;
  authoritative = head.authoritative;
  blocked = head.blocked;
  unanswered = head.unanswered;
  bogus = head.bogus;
}

}  // namespace dragoman::cache
