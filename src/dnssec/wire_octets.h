// Octets put behind one another, in network order. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "dragoman/base/bytes.h"
#include "dragoman/dns/rdata.h"

namespace dragoman::dnssec {

inline void append(std::vector<std::uint8_t>& out, Bytes octets) {
  out.insert(out.end(), octets.begin(), octets.end());
}
inline void append_u16(std::vector<std::uint8_t>& out, std::size_t value) {
  out.resize(out.size() + 2);
  store_u16(out.data() + out.size() - 2, static_cast<std::uint16_t>(value));
}
inline void append_u32(std::vector<std::uint8_t>& out, std::uint32_t value) {
  out.resize(out.size() + 4);
  store_u32(out.data() + out.size() - 4, value);
}
// RFC 4034 3.1, up to the signer's name.
inline void append_fields(std::vector<std::uint8_t>& out, const dns::Rrsig& signature) {
  append_u16(out, static_cast<std::uint16_t>(signature.type_covered));
  out.push_back(signature.algorithm);
  out.push_back(signature.labels);
  append_u32(out, signature.original_ttl);
  append_u32(out, signature.expiration);
  append_u32(out, signature.inception);
  append_u16(out, signature.key_tag);
}

}  // namespace dragoman::dnssec
