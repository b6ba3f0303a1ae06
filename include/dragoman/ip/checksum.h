// The Internet checksum (RFC 1071) and its incremental update (RFC 1624). Sums are of 16-bit words as they lie in
// memory: the checksum does not depend on the byte order, so nothing is swapped. Pure.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace dragoman::ip {

// A sum of words not yet folded: at most 2^32 words go into one. Both directions and all operations commute.
using WordSum = std::uint64_t;

inline std::uint16_t fold(WordSum sum) {
  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffff) + ((sum >> 16) & 0xffff) + (sum >> 32);
  sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>((sum & 0xffff) + (sum >> 16));
}

// Of `size` octets, a multiple of four that the compiler knows, without a loop: addresses and headers.
template <std::size_t size>
WordSum sum_of(const std::uint8_t* octets) {
  static_assert(size % 4 == 0);
  if constexpr (size == 0) {
    return 0;
  } else {
    std::uint32_t words;
    std::memcpy(&words, octets, sizeof words);
    return sum_of<size - 4>(octets + 4) + words;
  }
}

// An odd last octet counts as if a zero followed.
inline WordSum sum_words(const std::uint8_t* octets, std::size_t size) {
  // Two sums, each with its carry added at once: 1400 octets take 51 ns (bench/nat64_bench.cpp), four octets a step
  // 127.
  std::uint64_t even = 0, odd = 0;
  std::size_t at = 0;
  for (; at + 16 <= size; at += 16) {
    std::uint64_t words[2];
    std::memcpy(words, octets + at, sizeof words);
    even += words[0];
    even += even < words[0];
    odd += words[1];
    odd += odd < words[1];
  }
  WordSum sum = (even & 0xffffffff) + (even >> 32) + (odd & 0xffffffff) + (odd >> 32);
  for (; at + 2 <= size; at += 2) {
    std::uint16_t word;
    std::memcpy(&word, octets + at, sizeof word);
    sum += word;
  }
  if (at == size) return sum;
  const std::uint8_t last[2] = {octets[at], 0};
  std::uint16_t word;
  std::memcpy(&word, last, sizeof word);
  return sum + word;
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

// What a field that covers `covered` covers when `removed` is replaced by `added` (RFC 1624 3, eqn. 3): one's
// complement is subtraction from a multiple of ffff. The sums are of less than 2^32 words.
inline std::uint16_t updated(std::uint16_t covered, WordSum removed, WordSum added) {
  constexpr WordSum zero = WordSum{0xffff} << 32;
  return fold(zero - removed + added + covered);
}

inline void update_checksum(std::uint8_t* field, WordSum removed, WordSum added) {
  const auto covered = static_cast<std::uint16_t>(~load_word(field));
  store_word(field, static_cast<std::uint16_t>(~updated(covered, removed, added)));
}

// The same for a partial checksum: the field holds the sum of the pseudo-header itself, not complemented.
inline void update_partial_checksum(std::uint8_t* field, WordSum removed, WordSum added) {
  store_word(field, updated(load_word(field), removed, added));
}

}  // namespace dragoman::ip
