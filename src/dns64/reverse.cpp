// From ip6.arpa to in-addr.arpa (RFC 6147 5.3.1). Pure; any thread; allocates nothing.
#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "dragoman/dns64/synthesis.h"

namespace dragoman::dns64 {
namespace {

constexpr std::uint8_t ip6_arpa[] = {3, 'i', 'p', '6', 4, 'a', 'r', 'p', 'a', 0};
constexpr std::uint8_t in_addr_arpa[] = {7, 'i', 'n', '-', 'a', 'd', 'd', 'r', 4, 'a', 'r', 'p', 'a', 0};
constexpr std::size_t nibbles = 32;
constexpr std::size_t reverse_length = nibbles * 2 + sizeof ip6_arpa;  // each nibble is a label of one octet

// The value of a hexadecimal digit; 16 for anything else.
std::uint8_t digit(std::uint8_t octet) {
  if (octet >= '0' && octet <= '9') return static_cast<std::uint8_t>(octet - '0');
  const std::uint8_t lower = octet | 0x20;
  return lower >= 'a' && lower <= 'f' ? static_cast<std::uint8_t>(lower - 'a' + 10) : 16;
}

// RFC 3596 2.5: 32 nibbles, the last of the address first. Shorter names stand for no single address.
std::optional<ip::Ipv6Octets> address_of(dns::NameView name) {
  const Bytes wire = name.wire();
  if (wire.size() != reverse_length) return {};
  if (!dns::equal(dns::NameView(wire.subspan(nibbles * 2)), dns::NameView(ip6_arpa))) return {};
  ip::Ipv6Octets address{};
  for (std::size_t i = 0; i < nibbles; ++i) {
    const std::uint8_t value = digit(wire[i * 2 + 1]);
    if (wire[i * 2] != 1 || value > 15) return {};
    address[15 - i / 2] |= static_cast<std::uint8_t>(i % 2 == 0 ? value : value << 4);
  }
  return address;
}

dns::Name in_addr_name(const ip::Ipv4Octets& address) {
  dns::Name name{dns::NameView(in_addr_arpa)};
  for (const std::uint8_t octet : address) {
    std::array<char, 3> text;
    const auto end = std::to_chars(text.data(), text.data() + text.size(), octet).ptr;
    std::array<std::uint8_t, 3> label;
    const auto length = static_cast<std::size_t>(end - text.data());
    std::memcpy(label.data(), text.data(), length);
    name.prepend_label(Bytes(label).first(length));
  }
  return name;
}

}  // namespace

std::optional<dns::Name> reverse_target(const Policy& policy, dns::NameView name) {
  const auto address = address_of(name);
  if (!address) return {};
  for (const ip::Pref64& prefix : policy.prefixes) {
    if (const auto mapped = prefix.extract(*address)) return in_addr_name(*mapped);
  }
  // The Well-Known Prefix is nobody's zone in the public tree, whether it is used here or not.
  const auto mapped = ip::Pref64().extract(*address);
  return mapped ? std::optional(in_addr_name(*mapped)) : std::nullopt;
}

}  // namespace dragoman::dns64
