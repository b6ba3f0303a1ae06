// IPv4 addresses as the tables keep them: numbers in host order. Pure.
#pragma once

#include <cstdint>

#include "dragoman/base/bytes.h"
#include "dragoman/ip/address.h"

namespace dragoman::nat64 {

inline std::uint32_t number_of(const ip::Ipv4Octets& address) { return load_u32(address.data()); }

inline ip::Ipv4Octets octets_of(std::uint32_t address) {
  ip::Ipv4Octets octets;
  store_u32(octets.data(), address);
  return octets;
}

}  // namespace dragoman::nat64
