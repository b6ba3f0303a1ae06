// From ip6.arpa to in-addr.arpa (RFC 6147 5.3.1), and the zones in between. Pure; any thread; allocates nothing.
#include "dragoman/dns64/reverse.h"

#include <array>
#include <charconv>
#include <cstring>

#include "dragoman/dns/own_zone.h"
#include "records.h"

namespace dragoman::dns64 {
namespace {

using Place = ReverseName::Place;

constexpr std::uint8_t ip6_arpa[] = {3, 'i', 'p', '6', 4, 'a', 'r', 'p', 'a', 0};
constexpr std::uint8_t in_addr_arpa[] = {7, 'i', 'n', '-', 'a', 'd', 'd', 'r', 4, 'a', 'r', 'p', 'a', 0};
constexpr std::size_t nibbles_of_address = 32;
constexpr std::uint8_t no_digit = 16;

// The value of a hexadecimal digit of either case.
std::uint8_t digit(std::uint8_t octet) {
  if (octet >= '0' && octet <= '9') return static_cast<std::uint8_t>(octet - '0');
  const std::uint8_t lower = octet | 0x20;
  return lower >= 'a' && lower <= 'f' ? static_cast<std::uint8_t>(lower - 'a' + 10) : no_digit;
}

std::uint8_t nibble_of(const ip::Ipv6Octets& address, std::size_t index) {
  const std::uint8_t octet = address[index / 2];
  return index % 2 == 0 ? octet >> 4 : octet & 15;
}

// The labels of a name under ip6.arpa, from the apex on: RFC 3596 2.5 turned round again.
struct Nibbles {
  std::array<std::uint8_t, nibbles_of_address> values{};
  std::size_t count = 0;        // of leading labels that are one digit, at most 32
  std::size_t label_count = 0;  // of all labels

  // False: the name is not under ip6.arpa.
  bool read(dns::NameView name) {
    const Bytes wire = name.wire();
    if (wire.size() <= sizeof ip6_arpa) return false;
    const std::size_t end = wire.size() - sizeof ip6_arpa;
    if (!dns::equal(dns::NameView(wire.subspan(end)), dns::NameView(ip6_arpa))) return false;
    std::array<std::uint8_t, dns::max_name_length> digits;
    std::size_t at = 0;
    for (; at < end; at += wire[at] + 1u) digits[label_count++] = wire[at] == 1 ? digit(wire[at + 1]) : no_digit;
    if (at != end) return false;  // what looked like the end began within a label
    while (count < std::min(label_count, nibbles_of_address) && digits[label_count - 1 - count] != no_digit) {
      values[count] = digits[label_count - 1 - count];
      ++count;
    }
    return true;
  }

  ip::Ipv6Octets address() const {
    ip::Ipv6Octets octets{};
    for (std::size_t i = 0; i < count; ++i)
      octets[i / 2] |= static_cast<std::uint8_t>(values[i] << (i % 2 == 0 ? 4 : 0));
    return octets;
  }
};

// Prefixes end between nibbles, all of them (RFC 6052 2.2).
std::size_t zone_depth(const ip::Pref64& prefix) { return prefix.length() / 4u; }

bool is_in_zone(const Nibbles& name, const ip::Pref64& prefix) {
  const std::size_t depth = zone_depth(prefix);
  if (name.count < depth) return false;
  for (std::size_t i = 0; i < depth; ++i) {
    if (name.values[i] != nibble_of(prefix.prefix().network.v6(), i)) return false;
  }
  return true;
}

// Whether what a name has of an address agrees with prefix, u octet and suffix. Nibbles in which the embedded forms of
// all zeroes and all ones differ are the IPv4 address's own.
bool may_become_address(const Nibbles& name, const ip::Pref64& prefix) {
  const ip::Ipv6Octets zero = prefix.embed({0, 0, 0, 0});
  const ip::Ipv6Octets ones = prefix.embed({255, 255, 255, 255});
  for (std::size_t i = zone_depth(prefix); i < name.count; ++i) {
    const bool may_differ = nibble_of(zero, i) != nibble_of(ones, i);
    if (!may_differ && name.values[i] != nibble_of(zero, i)) return false;
  }
  return true;
}

Place place_in(const Nibbles& name, const ip::Pref64& prefix) {
  if (name.label_count == zone_depth(prefix)) return Place::apex;
  if (name.count != name.label_count || !may_become_address(name, prefix)) return Place::nonexistent;
  return name.count == nibbles_of_address ? Place::address : Place::non_terminal;
}

}  // namespace

// Zones may lie within each other; what exists in one of them exists.
ReverseName find_reverse_name(const Policy& policy, dns::NameView name) {
  ReverseName found;
  if (!ends_in_arpa(name)) return found;
  Nibbles labels;
  if (!labels.read(name)) return found;
  std::size_t deepest = 0;
  any_reverse_prefix(policy, [&](const ip::Pref64& prefix) {
    if (!is_in_zone(labels, prefix)) return false;
    deepest = std::max(deepest, zone_depth(prefix));
    const Place place = place_in(labels, prefix);
    if (place > found.place) found.place = place;
    if (place == Place::address) found.address = *prefix.extract(labels.address());
    return place == Place::address;
  });
  if (found.place == Place::outside) return found;
  found.zone = name;
  for (std::size_t above = labels.label_count - deepest; above > 0; --above) found.zone = found.zone.parent();
  return found;
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

std::optional<dns::Name> reverse_target(const Policy& policy, dns::NameView name) {
  const ReverseName found = find_reverse_name(policy, name);
  return found.place == Place::address ? std::optional(in_addr_name(found.address)) : std::nullopt;
}

bool is_in_reverse_zone(const Policy& policy, const ReverseName& reverse, dns::Type type) {
  if (policy.ptr == PtrMode::off || reverse.place == Place::outside) return false;
  return reverse.place != Place::apex || type != dns::Type::ds;
}

dns::Rcode write_reverse(const Policy& policy, const ReverseName& reverse, const dns::Question& question, seconds ttl,
                         dns::MessageWriter& writer) {
  const auto ttl_s = static_cast<std::uint32_t>(ttl.count());
  const bool is_apex = reverse.place == Place::apex;
  if (is_apex && question.type == dns::Type::soa) {
    dns::write_soa(dns::Section::answer, reverse.zone, ttl_s, writer);
  } else if (is_apex && question.type == dns::Type::ns) {
    dns::write_ns(reverse.zone, ttl_s, writer);
  } else {
    write_reverse_denial(reverse, ttl_s, writer);
  }
  const bool is_empty = reverse.place == Place::address && policy.ptr == PtrMode::local;
  return is_empty || reverse.place == Place::nonexistent ? dns::Rcode::nxdomain : dns::Rcode::noerror;
}

void write_reverse_denial(const ReverseName& reverse, std::uint32_t ttl_s, dns::MessageWriter& writer) {
  dns::write_soa(dns::Section::authority, reverse.zone, ttl_s, writer);
}

}  // namespace dragoman::dns64
