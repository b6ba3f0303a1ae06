// A key in the form that is hashed and compared: the lower-case name, then type, DO and CD. The seed is drawn once per
// process, so that nobody outside can choose names that fall into one stripe or one run of slots.
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <random>

#include "dragoman/cache/answer_cache.h"

namespace dragoman::cache {
namespace {

constexpr std::uint8_t denial_flag = 4;  // beside DO and CD

std::uint64_t random_seed() {
  std::random_device device;
  return std::uint64_t{device()} << 32 | device();
}

}  // namespace

KeyHash::KeyHash(const Key& key) : KeyHash(key, 0) {}

KeyHash KeyHash::of_denial(const Key& key) {
  Key name_alone = key;
  name_alone.type = dns::Type{};
  return KeyHash(name_alone, denial_flag);
}

KeyHash::KeyHash(const Key& key, std::uint8_t flags) {
  dns::copy_lower_case(key.name, octets_.data());
  std::uint8_t* tail = octets_.data() + key.name.length();
  store_u16(tail, static_cast<std::uint16_t>(key.type));
  tail[2] = static_cast<std::uint8_t>((key.dnssec_ok ? 1 : 0) | (key.checking_disabled ? 2 : 0) | flags);
  length_ = static_cast<std::uint16_t>(key.name.length() + 3);
  value_ = hash_of(octets());
}

std::uint64_t KeyHash::hash_of(Bytes octets) {
  static const std::uint64_t seed = random_seed();
  return XXH3_64bits_withSeed(octets.data(), octets.size(), seed);
}

}  // namespace dragoman::cache
