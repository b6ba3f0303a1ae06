// RDATA from presentation form (RFC 1035 5.1), field by field as its type's format says, and from the form for any type
// of RFC 3597 5. One line: no parentheses, no comments, names always from the root. Pure; any thread.
#include <arpa/inet.h>

#include <charconv>
#include <chrono>
#include <map>

#include "dragoman/dns/rdata.h"
#include "rdata_format.h"
#include "svcb_text.h"
#include "text_encoding.h"
#include "text_escapes.h"

namespace dragoman::dns {
namespace {

using Octets = std::vector<std::uint8_t>;

constexpr std::size_t max_rdata_length = 65535;

Error malformed(const char* what) { return {ErrorCode::malformed, what}; }

std::optional<std::uint32_t> number_from_text(std::string_view text, std::size_t octets) {
  std::uint32_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (octets < 4 && number >> (octets * 8) != 0) return std::nullopt;
  return number;
}

void append_number(Octets& out, std::uint32_t number, std::size_t octets) {
  while (octets-- > 0) out.push_back(static_cast<std::uint8_t>(number >> octets * 8));
}

// YYYYMMDDHHmmSS, or seconds since 1970 (RFC 4034 3.2).
std::optional<std::uint32_t> time_from_text(std::string_view text) {
  if (text.size() != 14) return number_from_text(text, 4);
  constexpr std::size_t widths[] = {4, 2, 2, 2, 2, 2};
  std::uint32_t parts[6];
  for (std::size_t i = 0; i < 6; ++i) {
    std::optional<std::uint32_t> part = number_from_text(text.substr(0, widths[i]), 4);
    if (!part) return std::nullopt;
    parts[i] = *part;
    text.remove_prefix(widths[i]);
  }
  std::chrono::year_month_day date(std::chrono::year(static_cast<int>(parts[0])), std::chrono::month(parts[1]),
                                   std::chrono::day(parts[2]));
  if (!date.ok() || parts[3] > 23 || parts[4] > 59 || parts[5] > 59) return std::nullopt;
  auto time = std::chrono::sys_days(date).time_since_epoch() + std::chrono::hours(parts[3]) +
              std::chrono::minutes(parts[4]) + std::chrono::seconds(parts[5]);
  auto since_epoch = std::chrono::duration_cast<std::chrono::seconds>(time).count();
  if (since_epoch < 0 || since_epoch > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
  return static_cast<std::uint32_t>(since_epoch);
}

bool append_address(Octets& out, std::string_view text, int family) {
  std::array<std::uint8_t, 16> address;
  if (inet_pton(family, std::string(text).c_str(), address.data()) != 1) return false;
  out.insert(out.end(), address.begin(), address.begin() + (family == AF_INET ? 4 : 16));
  return true;
}

// A length octet, then the octets; an empty one only where the form has a sign for it.
template <class Container>
bool append_counted(Octets& out, const std::optional<Container>& octets) {
  if (!octets || octets->size() > 255) return false;
  out.push_back(static_cast<std::uint8_t>(octets->size()));
  out.insert(out.end(), octets->begin(), octets->end());
  return true;
}

bool append_bitmap(Octets& out, Words& words) {
  std::map<unsigned, Octets> windows;
  while (std::optional<std::string_view> word = words.next()) {
    std::optional<Type> type = type_from_text(*word);
    if (!type) return false;
    auto number = static_cast<unsigned>(*type);
    Octets& bits = windows[number >> 8];
    std::size_t octet = (number & 0xFF) >> 3;
    if (bits.size() <= octet) bits.resize(octet + 1);
    bits[octet] = static_cast<std::uint8_t>(bits[octet] | 0x80u >> (number & 7));
  }
  for (const auto& [window, bits] : windows) {
    out.push_back(static_cast<std::uint8_t>(window));
    append_counted(out, std::optional(bits));
  }
  return true;
}

// Hexadecimal and base64 may be cut into words anywhere.
bool append_decoded(Octets& out, Words& words, Encoding encoding) {
  std::string text;
  while (std::optional<std::string_view> word = words.next()) text += *word;
  std::optional<Octets> octets = decode(text, encoding);
  if (octets) out.insert(out.end(), octets->begin(), octets->end());
  return octets.has_value();
}

bool append_strings(Octets& out, Words& words) {
  if (words.at_end()) return false;
  while (std::optional<std::string_view> word = words.next()) {
    if (!append_counted(out, unquoted(*word))) return false;
  }
  return true;
}

bool append_quoted_rest(Octets& out, Words& words) {
  std::optional<std::string_view> word = words.next();
  std::optional<std::string> octets = word ? unquoted(*word) : std::nullopt;
  if (octets) out.insert(out.end(), octets->begin(), octets->end());
  return octets.has_value();
}

// Fields that take all words that are left.
bool append_rest(Octets& out, char field, Words& words) {
  switch (field) {
    case 'S':
      return append_strings(out, words);
    case 'x':
      return append_decoded(out, words, Encoding::base16);
    case 'b':
      return append_decoded(out, words, Encoding::base64);
    case 'm':
      return append_bitmap(out, words);
    case 'p': {
      std::optional<Octets> parameters = parameters_from_text(words);
      if (parameters) out.insert(out.end(), parameters->begin(), parameters->end());
      return parameters.has_value();
    }
    default:
      return append_quoted_rest(out, words);
  }
}

bool append_name(Octets& out, std::string_view word) {
  Result<Name> name = Name::from_text(word);
  if (!name) return false;
  Bytes wire = name->view().wire();
  out.insert(out.end(), wire.begin(), wire.end());
  return true;
}

bool append_word(Octets& out, char field, std::string_view word) {
  std::optional<std::uint32_t> number;
  switch (field) {
    case 'a':
      return append_address(out, word, AF_INET);
    case '6':
      return append_address(out, word, AF_INET6);
    case 'n':
      return append_name(out, word);
    case 's':
      return append_counted(out, unquoted(word));
    case 'g':
      return word != "\"\"" && append_counted(out, unquoted(word));
    case 'h':
    case 'H':
      if (word == "-") return append_counted(out, std::optional(Octets{}));
      return append_counted(out, decode(word, field == 'h' ? Encoding::base16 : Encoding::base32_hex));
    case 't':
      if (std::optional<Type> type = type_from_text(word)) number = static_cast<std::uint32_t>(*type);
      break;
    case 'T':
      number = time_from_text(word);
      break;
    default:
      number = number_from_text(word, fixed_size(field));
  }
  if (number) append_number(out, *number, fixed_size(field));
  return number.has_value();
}

Result<Octets> parse_fields(const RdataFormat& format, Words& words) {
  Octets out;
  for (char field : format.fields) {
    if (field != 'n' && fixed_size(field) == 0 && !has_length_octet(field)) {
      if (!append_rest(out, field, words)) return malformed("a field of the record is malformed");
      continue;
    }
    std::optional<std::string_view> word = words.next();
    if (!word) return malformed("the record has too few fields");
    if (!append_word(out, field, *word)) return Error{ErrorCode::malformed, "a field is malformed", std::string(*word)};
  }
  if (!words.at_end()) return malformed("the record has too many fields");
  if (out.size() > max_rdata_length) return Error{ErrorCode::too_large, "the record is longer than 65535 octets"};
  return out;
}

// "\# length hexadecimal" (RFC 3597 5); known types must still have their shape.
Result<Octets> parse_generic(Type type, Words& words) {
  std::optional<std::string_view> word = words.next();
  std::optional<std::uint32_t> length = word ? number_from_text(*word, 2) : std::nullopt;
  Octets out;
  if (!length || !append_decoded(out, words, Encoding::base16)) return malformed("\\# wants a length and hexadecimal");
  if (out.size() != *length) return malformed("the length behind \\# is not that of the octets");
  RecordView record;
  record.end = out.size();
  record.type = type;
  record.klass = Class::in;
  record.rdata = out;
  if (!valid_rdata(out, record)) return malformed("the octets behind \\# are not of this type");
  return out;
}

}  // namespace

Result<std::vector<std::uint8_t>> rdata_from_text(Type type, std::string_view text) {
  Words words(text);
  Words generic = words;
  if (generic.next() == "\\#") return parse_generic(type, generic);
  const RdataFormat* format = rdata_format(type);
  if (format == nullptr) return malformed("this type has no form but \\# length hexadecimal");
  return parse_fields(*format, words);
}

}  // namespace dragoman::dns
