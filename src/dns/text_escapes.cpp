// Escapes and words of the presentation form (RFC 1035 5.1). Pure; any thread.
#include "text_escapes.h"

#include <algorithm>

namespace dragoman::dns {
namespace {

constexpr std::string_view white_space = " \t\r\n";

constexpr bool is_digit(char character) { return character >= '0' && character <= '9'; }

}  // namespace

void append_escaped(std::string& text, std::uint8_t octet, std::string_view special) {
  char character = static_cast<char>(octet);
  bool is_special = special.find(character) != std::string_view::npos;
  if (octet < 0x20 || octet >= 0x7F || (character == ' ' && is_special)) {
    const char value[] = {'\\', static_cast<char>('0' + octet / 100), static_cast<char>('0' + octet / 10 % 10),
                          static_cast<char>('0' + octet % 10)};
    text.append(value, sizeof value);
    return;
  }
  if (is_special) text += '\\';
  text += character;
}

void append_quoted(std::string& text, Bytes octets) {
  text += '"';
  for (std::uint8_t octet : octets) append_escaped(text, octet, "\"\\");
  text += '"';
}

std::optional<std::uint8_t> take_escaped(std::string_view& text) {
  bool escaped = text.front() == '\\';
  if (escaped) text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  if (!escaped || !is_digit(text.front())) {
    auto octet = static_cast<std::uint8_t>(text.front());
    text.remove_prefix(1);
    return octet;
  }
  if (text.size() < 3 || !is_digit(text[1]) || !is_digit(text[2])) return std::nullopt;
  int value = (text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0');
  text.remove_prefix(3);
  if (value > 255) return std::nullopt;
  return static_cast<std::uint8_t>(value);
}

bool Words::at_end() {
  rest_.remove_prefix(std::min(rest_.find_first_not_of(white_space), rest_.size()));
  return rest_.empty();
}

std::optional<std::string_view> Words::next() {
  if (at_end()) return std::nullopt;
  bool in_quotes = false;
  std::size_t end = 0;
  for (; end < rest_.size(); ++end) {
    char character = rest_[end];
    if (!in_quotes && white_space.find(character) != std::string_view::npos) break;
    if (character == '"') in_quotes = !in_quotes;
    if (character == '\\') ++end;
  }
  std::string_view word = rest_.substr(0, end);
  rest_.remove_prefix(word.size());
  return word;
}

std::optional<std::string> unquoted(std::string_view word) {
  bool quoted = !word.empty() && word.front() == '"';
  if (quoted) word.remove_prefix(1);
  std::string octets;
  while (!word.empty() && word.front() != '"') {
    std::optional<std::uint8_t> octet = take_escaped(word);
    if (!octet) return std::nullopt;
    octets += static_cast<char>(*octet);
  }
  if (word != (quoted ? "\"" : "")) return std::nullopt;
  return octets;
}

}  // namespace dragoman::dns
