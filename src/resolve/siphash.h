// SipHash-2-4 (Aumasson and Bernstein, 2012): a keyed hash of short inputs that nobody without the key can foretell, as
// server cookies want it (RFC 9018 4.4). OpenSSL has one behind EVP_MAC, whose set-up costs more than the hash. Pure.
#pragma once

#include <cstdint>

#include "dragoman/base/bytes.h"

namespace dragoman::resolve {

struct SipKey {
  std::uint64_t low = 0, high = 0;

  static SipKey from(const std::uint8_t* octets);  // 16 of them
};

std::uint64_t siphash(const SipKey& key, Bytes input);

// SipHash's octet order is little-endian, for input and result.
std::uint64_t load_little_u64(const std::uint8_t* at);
void store_little_u64(std::uint8_t* at, std::uint64_t value);

}  // namespace dragoman::resolve
