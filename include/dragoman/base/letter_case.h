// ASCII letters without case (RFC 4343), eight octets at a time. Pure; any thread.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>

namespace dragoman {

constexpr std::uint8_t to_lower(std::uint8_t octet) {
  return octet >= 'A' && octet <= 'Z' ? static_cast<std::uint8_t>(octet | 0x20) : octet;
}

// Each octet by itself: bit 7 of a sum tells whether the low seven bits reach the bound that was added; the two bounds
// differ for 'A'..'Z' alone. Octets with bit 7 set are no letters. 0x80 >> 2 is the bit between the cases.
constexpr std::uint64_t to_lower(std::uint64_t octets) {
  constexpr std::uint64_t each = 0x0101010101010101;
  std::uint64_t low = octets & each * 0x7F;
  std::uint64_t from_a = low + each * (0x80 - 'A');
  std::uint64_t above_z = low + each * (0x7F - 'Z');
  std::uint64_t upper = (from_a ^ above_z) & ~octets & each * 0x80;
  return octets | upper >> 2;
}

inline std::uint64_t load_lower(const std::uint8_t* at) {
  std::uint64_t octets;
  std::memcpy(&octets, at, sizeof octets);
  return to_lower(octets);
}

// `out` may be `in`. The last eight octets overlap those before: folding twice does no harm.
inline void to_lower(const std::uint8_t* in, std::size_t length, std::uint8_t* out) {
  if (length < 8) {
    for (std::size_t i = 0; i < length; ++i) out[i] = to_lower(in[i]);
    return;
  }
  std::uint64_t last = load_lower(in + length - 8);
  for (std::size_t i = 0; i + 8 < length; i += 8) {
    std::uint64_t octets = load_lower(in + i);
    std::memcpy(out + i, &octets, sizeof octets);
  }
  std::memcpy(out + length - 8, &last, sizeof last);
}

inline bool equal_without_case(const std::uint8_t* a, const std::uint8_t* b, std::size_t length) {
  if (length < 8) {
    for (std::size_t i = 0; i < length; ++i) {
      if (to_lower(a[i]) != to_lower(b[i])) return false;
    }
    return true;
  }
  for (std::size_t i = 0; i + 8 < length; i += 8) {
    if (load_lower(a + i) != load_lower(b + i)) return false;
  }
  return load_lower(a + length - 8) == load_lower(b + length - 8);
}

inline std::string lower_case(std::string text) {
  auto* const octets = reinterpret_cast<std::uint8_t*>(text.data());
  to_lower(octets, text.size(), octets);
  return text;
}

}  // namespace dragoman
