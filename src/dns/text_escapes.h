// Escapes of the presentation form (RFC 1035 5.1): \ddd for an octet by its value, \x for a character that would mean
// something else when it stands bare. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "dragoman/base/bytes.h"

namespace dragoman::dns {

// Appends an octet; those of `special` are escaped, so is what is not printable ASCII.
void append_escaped(std::string& text, std::uint8_t octet, std::string_view special);
// A character-string in quotes.
void append_quoted(std::string& text, Bytes octets);
// Takes one octet, escaped or bare, off the front of a text that is not empty; nullopt for a broken escape.
std::optional<std::uint8_t> take_escaped(std::string_view& text);

// Splits presentation form at white space that no quote and no escape covers. Quotes stay part of a word.
class Words {
 public:
  explicit Words(std::string_view text) : rest_(text) {}
  // The next word; nullopt at the end.
  std::optional<std::string_view> next();
  bool at_end();

 private:
  std::string_view rest_;
};
// The octets of a word, without its quotes, escapes resolved; nullopt for a broken one.
std::optional<std::string> unquoted(std::string_view word);

}  // namespace dragoman::dns
