// Two rounds for each word, four at the end.
#include "siphash.h"

#include <bit>

namespace dragoman::resolve {
namespace {

struct State {
  std::uint64_t v0, v1, v2, v3;

  void round() {
    v0 += v1, v2 += v3;
    v1 = std::rotl(v1, 13) ^ v0, v3 = std::rotl(v3, 16) ^ v2;
    v0 = std::rotl(v0, 32);
    v2 += v1, v0 += v3;
    v1 = std::rotl(v1, 17) ^ v2, v3 = std::rotl(v3, 21) ^ v0;
    v2 = std::rotl(v2, 32);
  }
  void absorb(std::uint64_t word) {
    v3 ^= word;
    round(), round();
    v0 ^= word;
  }
};

}  // namespace

std::uint64_t load_little_u64(const std::uint8_t* at) {
  std::uint64_t value;
  std::memcpy(&value, at, sizeof value);
  return std::endian::native == std::endian::little ? value : __builtin_bswap64(value);
}

void store_little_u64(std::uint8_t* at, std::uint64_t value) {
  if (std::endian::native != std::endian::little) value = __builtin_bswap64(value);
  std::memcpy(at, &value, sizeof value);
}

SipKey SipKey::from(const std::uint8_t* octets) { return {load_little_u64(octets), load_little_u64(octets + 8)}; }

std::uint64_t siphash(const SipKey& key, Bytes input) {
  State state{key.low ^ 0x736f6d6570736575, key.high ^ 0x646f72616e646f6d, key.low ^ 0x6c7967656e657261,
              key.high ^ 0x7465646279746573};
  const std::size_t whole = input.size() / 8 * 8;
  for (std::size_t at = 0; at < whole; at += 8) state.absorb(load_little_u64(input.data() + at));
  std::uint64_t last = std::uint64_t{input.size()} << 56;
  for (std::size_t at = whole; at < input.size(); ++at) last |= std::uint64_t{input[at]} << 8 * (at - whole);
  state.absorb(last);
  state.v2 ^= 0xff;
  for (int i = 0; i < 4; ++i) state.round();
  return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

}  // namespace dragoman::resolve
