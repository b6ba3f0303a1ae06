// Binary fields as text (RFC 4648): hexadecimal, base32 with the extended hex alphabet, base64. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/base/bytes.h"

namespace dragoman::dns {

enum class Encoding : std::uint8_t {
  base16,      // RFC 4648 8; either case is read
  base32_hex,  // RFC 4648 7, without padding as in RFC 5155 3.3; either case is read
  base64,      // RFC 4648 4; padding is demanded
};

void append_encoded(std::string& text, Bytes octets, Encoding encoding);
// Nullopt for a character that does not belong, a length that cannot be, or bits left over that are not zero.
std::optional<std::vector<std::uint8_t>> decode(std::string_view text, Encoding encoding);

}  // namespace dragoman::dns
