// The hash of the tables: keyed with a secret, because whoever sends packets chooses the keys. Pure.
#pragma once

#include <cstddef>
#include <cstdint>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace dragoman::nat64 {

inline std::uint32_t keyed_hash(const void* key, std::size_t size, std::uint64_t secret) {
  const std::uint64_t hash = XXH3_64bits_withSeed(key, size, secret);
  return static_cast<std::uint32_t>(hash ^ hash >> 32);
}

// Numbers that cannot be foreseen without the secret: xorshift64* (Vigna), for port and block choice.
class Chance {
 public:
  explicit Chance(std::uint64_t secret) : state_(secret | 1) {}
  std::uint32_t next() {
    state_ ^= state_ >> 12;
    state_ ^= state_ << 25;
    state_ ^= state_ >> 27;
    return static_cast<std::uint32_t>(state_ * 0x2545f4914f6cdd1dULL >> 32);
  }

 private:
  std::uint64_t state_;
};

}  // namespace dragoman::nat64
