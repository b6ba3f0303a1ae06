// Quotes, backslashes and control characters are all that JSON wants escaped.
#include "json_text.h"

namespace dragoman::app {

std::string json_text(std::string_view text) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out = "\"";
  for (char c : text) {
    auto octet = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.append({'\\', c});
    } else if (c == '\n') {
      out += "\\n";
    } else if (octet < 0x20) {
      out.append({'\\', 'u', '0', '0', digits[octet >> 4], digits[octet & 15]});
    } else {
      out += c;
    }
  }
  return out + "\"";
}

}  // namespace dragoman::app
