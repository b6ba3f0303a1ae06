// SvcParams in presentation form: one row per registered key, one form of value per kind. Pure; any thread.
#include "svcb_text.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <map>

#include "rdata_fields.h"
#include "text_encoding.h"

namespace dragoman::dns {
namespace {

enum class Value : std::uint8_t { keys, strings, nothing, port, ipv4, ipv6, base64, octets };

struct Key {
  std::uint16_t number;
  std::string_view text;
  Value value;
};

constexpr Key keys[] = {
    {0, "mandatory", Value::keys},  // RFC 9460 8
    {1, "alpn", Value::strings},    // RFC 9460 7.1
    {2, "no-default-alpn", Value::nothing},
    {3, "port", Value::port},      // RFC 9460 7.2
    {4, "ipv4hint", Value::ipv4},  // RFC 9460 7.3
    {5, "ech", Value::base64},
    {6, "ipv6hint", Value::ipv6},
    {7, "dohpath", Value::octets},  // RFC 9461 5
    {8, "ohttp", Value::nothing},   // RFC 9540 4
};

using Octets = std::vector<std::uint8_t>;

const Key* find_key(unsigned number) { return number < std::size(keys) ? &keys[number] : nullptr; }

std::string key_text(std::uint16_t number) {
  const Key* key = find_key(number);
  return key != nullptr ? std::string(key->text) : "key" + std::to_string(number);
}

std::optional<std::uint16_t> number_from_text(std::string_view text) {
  std::uint16_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<std::uint16_t> key_from_text(std::string_view text) {
  for (const Key& key : keys) {
    if (key.text == text) return key.number;
  }
  if (!text.starts_with("key")) return std::nullopt;
  return number_from_text(text.substr(3));
}

// -- To text. Each of these takes the whole value and says whether it was well formed. --

// Items of a list are parted by commas; a comma or backslash inside one is escaped before the whole list is quoted.
bool append_strings(std::string& text, Bytes value) {
  std::string list;
  for (RdataFields items(value); !items.at_end();) {
    Bytes item = items.counted();
    if (!items.ok() || item.empty()) return false;
    if (!list.empty()) list += ',';
    for (std::uint8_t octet : item) {
      if (octet == ',' || octet == '\\') list += '\\';
      list += static_cast<char>(octet);
    }
  }
  append_quoted(text, Bytes(reinterpret_cast<const std::uint8_t*>(list.data()), list.size()));
  return !list.empty();
}

bool append_addresses(std::string& text, Bytes value, int family) {
  std::size_t size = family == AF_INET ? 4 : 16;
  if (value.empty() || value.size() % size != 0) return false;
  for (std::size_t at = 0; at < value.size(); at += size) {
    std::array<char, INET6_ADDRSTRLEN> address;
    if (at > 0) text += ',';
    text += inet_ntop(family, &value[at], address.data(), address.size());
  }
  return true;
}

// RFC 9460 8: strictly ascending, never `mandatory` itself.
bool append_keys(std::string& text, Bytes value) {
  int last = 0;
  RdataFields items(value);
  while (!items.at_end()) {
    std::uint16_t number = items.u16();
    if (!items.ok() || number <= last) return false;
    if (last != 0) text += ',';
    text += key_text(number);
    last = number;
  }
  return last != 0;
}

bool append_value(std::string& text, Value kind, Bytes value) {
  switch (kind) {
    case Value::keys:
      return append_keys(text, value);
    case Value::strings:
      return append_strings(text, value);
    case Value::nothing:
      return value.empty();
    case Value::port:
      if (value.size() == 2) text += std::to_string(load_u16(value.data()));
      return value.size() == 2;
    case Value::ipv4:
      return append_addresses(text, value, AF_INET);
    case Value::ipv6:
      return append_addresses(text, value, AF_INET6);
    case Value::base64:
      append_encoded(text, value, Encoding::base64);
      return !value.empty();
    case Value::octets:
      if (!value.empty()) append_quoted(text, value);
      return true;
  }
  return false;
}

// -- From text. `value` has its quotes and escapes resolved. --

// Splits at commas that are not escaped, and resolves the escapes of list items.
std::optional<std::vector<std::string>> list_items(std::string_view value) {
  std::vector<std::string> items(1);
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] == ',') {
      items.emplace_back();
      continue;
    }
    if (value[i] == '\\' && ++i == value.size()) return std::nullopt;
    items.back() += value[i];
  }
  bool has_empty = std::any_of(items.begin(), items.end(), [](const std::string& item) { return item.empty(); });
  if (has_empty) return std::nullopt;
  return items;
}

bool parse_item(Octets& out, Value kind, const std::string& item) {
  if (kind == Value::strings) {
    if (item.size() > 255) return false;
    out.push_back(static_cast<std::uint8_t>(item.size()));
    out.insert(out.end(), item.begin(), item.end());
    return true;
  }
  int family = kind == Value::ipv4 ? AF_INET : AF_INET6;
  std::array<std::uint8_t, 16> address;
  if (inet_pton(family, item.c_str(), address.data()) != 1) return false;
  out.insert(out.end(), address.begin(), address.begin() + (family == AF_INET ? 4 : 16));
  return true;
}

std::optional<Octets> parse_list(Value kind, std::string_view value) {
  std::optional<std::vector<std::string>> items = list_items(value);
  if (!items) return std::nullopt;
  Octets out;
  for (const std::string& item : *items) {
    if (!parse_item(out, kind, item)) return std::nullopt;
  }
  return out;
}

std::optional<Octets> parse_keys(std::string_view value) {
  std::optional<std::vector<std::string>> items = list_items(value);
  if (!items) return std::nullopt;
  std::map<std::uint16_t, bool> sorted;
  for (const std::string& item : *items) {
    std::optional<std::uint16_t> number = key_from_text(item);
    if (!number || *number == 0 || !sorted.emplace(*number, true).second) return std::nullopt;
  }
  Octets out;
  for (const auto& [number, present] : sorted) {
    out.push_back(static_cast<std::uint8_t>(number >> 8));
    out.push_back(static_cast<std::uint8_t>(number));
  }
  return out;
}

std::optional<Octets> parse_port(std::string_view value) {
  std::optional<std::uint16_t> port = number_from_text(value);
  if (!port) return std::nullopt;
  return Octets{static_cast<std::uint8_t>(*port >> 8), static_cast<std::uint8_t>(*port)};
}

std::optional<Octets> parse_value(Value kind, std::string_view value) {
  switch (kind) {
    case Value::keys:
      return parse_keys(value);
    case Value::strings:
    case Value::ipv4:
    case Value::ipv6:
      return parse_list(kind, value);
    case Value::nothing:
      return value.empty() ? std::optional<Octets>(Octets{}) : std::nullopt;
    case Value::port:
      return parse_port(value);
    case Value::base64:
      return value.empty() ? std::nullopt : decode(value, Encoding::base64);
    case Value::octets:
      return Octets(value.begin(), value.end());
  }
  return std::nullopt;
}

}  // namespace

bool append_parameters(std::string& text, Bytes parameters) {
  int last = -1;
  for (RdataFields fields(parameters); !fields.at_end();) {
    std::uint16_t number = fields.u16();
    Bytes value = fields.counted_u16();
    if (!fields.ok() || number <= last) return false;
    last = number;
    const Key* key = find_key(number);
    text += ' ' + key_text(number);
    if (!value.empty()) text += '=';
    if (!append_value(text, key != nullptr ? key->value : Value::octets, value)) return false;
  }
  return true;
}

std::optional<std::vector<std::uint8_t>> parameters_from_text(Words& words) {
  std::map<std::uint16_t, Octets> sorted;
  while (std::optional<std::string_view> word = words.next()) {
    std::size_t equals = std::min(word->find('='), word->size());
    std::optional<std::uint16_t> number = key_from_text(word->substr(0, equals));
    std::optional<std::string> text = unquoted(word->substr(std::min(equals + 1, word->size())));
    if (!number || !text) return std::nullopt;
    const Key* key = find_key(*number);
    std::optional<Octets> value = parse_value(key != nullptr ? key->value : Value::octets, *text);
    if (!value || value->size() > 65535 || !sorted.emplace(*number, std::move(*value)).second) return std::nullopt;
  }
  Octets out;
  for (const auto& [number, value] : sorted) {
    std::array<std::uint8_t, 4> head;
    store_u16(head.data(), number);
    store_u16(head.data() + 2, static_cast<std::uint16_t>(value.size()));
    out.insert(out.end(), head.begin(), head.end());
    out.insert(out.end(), value.begin(), value.end());
  }
  return out;
}

}  // namespace dragoman::dns
