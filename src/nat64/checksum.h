// The Internet checksum (RFC 1071) and its incremental update (RFC 1624). Sums are of 16-bit words as they lie in
// memory: the checksum does not depend on the byte order, so nothing is swapped. Pure.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace dragoman::nat64 {

// A sum of words not yet folded: at most 2^32 words go into one. Both directions and all operations commute.
using WordSum = std::uint64_t;

inline std::uint16_t fold(WordSum sum) {
  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffff) + ((sum >> 16) & 0xffff) + (sum >> 32);
  sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>((sum & 0xffff) + (sum >> 16));
}

// An odd last octet counts as if a zero followed.
inline WordSum sum_words(const std::uint8_t* octets, std::size_t size) {
  WordSum sum = 0;
  std::size_t at = 0;
  for (; at + 4 <= size; at += 4) {
    std::uint32_t words;
    std::memcpy(&words, octets + at, sizeof words);
    sum += words;
  }
  if (at + 2 <= size) {
    std::uint16_t word;
    std::memcpy(&word, octets + at, sizeof word);
    sum += word;
    at += 2;
  }
  if (at < size) {
    const std::uint8_t last[2] = {octets[at], 0};
    std::uint16_t word;
    std::memcpy(&word, last, sizeof word);
    sum += word;
  }
  return sum;
}

// What a 16-bit number in host order adds to a sum, once it is stored in network order.
inline WordSum word(std::uint16_t value) {
  return std::endian::native == std::endian::little ? static_cast<std::uint16_t>(value << 8 | value >> 8) : value;
}

inline std::uint16_t load_word(const std::uint8_t* at) {
  std::uint16_t word;
  std::memcpy(&word, at, sizeof word);
  return word;
}
inline void store_word(std::uint8_t* at, std::uint16_t word) { std::memcpy(at, &word, sizeof word); }

// The checksum field for a sum over everything it covers.
inline std::uint16_t checksum_of(WordSum sum) { return static_cast<std::uint16_t>(~fold(sum)); }

// RFC 1624 eqn. 3: replaces `removed` by `added` in what a checksum field covers.
inline void update_checksum(std::uint8_t* field, WordSum removed, WordSum added) {
  const auto covered = static_cast<std::uint16_t>(~load_word(field));
  store_word(field, checksum_of(WordSum{covered} + static_cast<std::uint16_t>(~fold(removed)) + fold(added)));
}

// The same for a partial checksum: the field holds the sum of the pseudo-header itself, not complemented.
inline void update_partial_checksum(std::uint8_t* field, WordSum removed, WordSum added) {
  store_word(field, fold(WordSum{load_word(field)} + static_cast<std::uint16_t>(~fold(removed)) + fold(added)));
}

}  // namespace dragoman::nat64
