// The three encodings of RFC 4648 that presentation form uses: characters of 4, 5 or 6 bits each. Pure; any thread.
#include "text_encoding.h"

#include "dragoman/base/letter_case.h"

namespace dragoman::dns {
namespace {

struct Alphabet {
  std::string_view characters;
  int bits;           // of one character
  std::size_t group;  // characters that stand for whole octets; padding fills it
  bool either_case;
  bool padded;
};

constexpr Alphabet alphabets[] = {
    {"0123456789ABCDEF", 4, 2, true, false},
    {"0123456789ABCDEFGHIJKLMNOPQRSTUV", 5, 8, true, false},
    {"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", 6, 4, false, true},
};

constexpr const Alphabet& alphabet_of(Encoding encoding) { return alphabets[static_cast<std::size_t>(encoding)]; }

std::optional<unsigned> value_of(const Alphabet& alphabet, char character) {
  if (alphabet.either_case && character >= 'a' && character <= 'z')
    character = static_cast<char>(character - 'a' + 'A');
  std::size_t value = alphabet.characters.find(character);
  if (value == std::string_view::npos) return std::nullopt;
  return static_cast<unsigned>(value);
}

// Takes padding off; false when there is too much or too little.
bool strip_padding(const Alphabet& alphabet, std::string_view& text) {
  if (!alphabet.padded) return true;
  if (text.size() % alphabet.group != 0) return false;
  std::size_t padding = text.size() - (text.find_last_not_of('=') + 1);
  if (padding >= alphabet.group - 1) return false;
  text.remove_suffix(padding);
  return true;
}

}  // namespace

void append_encoded(std::string& text, Bytes octets, Encoding encoding) {
  const Alphabet& alphabet = alphabet_of(encoding);
  unsigned pending = 0;
  int pending_bits = 0;
  std::size_t start = text.size();
  auto append = [&](unsigned value) { text += alphabet.characters[value & ((1u << alphabet.bits) - 1)]; };
  for (std::uint8_t octet : octets) {
    pending = (pending << 8 | octet) & 0xFFFF;
    for (pending_bits += 8; pending_bits >= alphabet.bits; pending_bits -= alphabet.bits) {
      append(pending >> (pending_bits - alphabet.bits));
    }
  }
  if (pending_bits > 0) append(pending << (alphabet.bits - pending_bits));
  while (alphabet.padded && (text.size() - start) % alphabet.group != 0) text += '=';
}

std::optional<std::vector<std::uint8_t>> decode(std::string_view text, Encoding encoding) {
  const Alphabet& alphabet = alphabet_of(encoding);
  if (!strip_padding(alphabet, text)) return std::nullopt;
  std::vector<std::uint8_t> octets;
  octets.reserve(text.size() * static_cast<std::size_t>(alphabet.bits) / 8);
  unsigned pending = 0;
  int pending_bits = 0;
  for (char character : text) {
    std::optional<unsigned> value = value_of(alphabet, character);
    if (!value) return std::nullopt;
    pending = (pending << alphabet.bits | *value) & 0xFFFF;
    pending_bits += alphabet.bits;
    if (pending_bits < 8) continue;
    pending_bits -= 8;
    octets.push_back(static_cast<std::uint8_t>(pending >> pending_bits));
  }
  bool whole = pending_bits < alphabet.bits && (pending & ((1u << pending_bits) - 1)) == 0;
  if (!whole) return std::nullopt;
  return octets;
}

}  // namespace dragoman::dns
