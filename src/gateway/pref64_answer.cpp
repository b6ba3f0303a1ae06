// The search for the well-known addresses; see pref64_answer.h.
#include "pref64_answer.h"

#include <algorithm>
#include <array>
#include <optional>

#include "dragoman/dns/rdata.h"

namespace dragoman::gateway {
namespace {

using ip::Ipv6Octets;

constexpr std::size_t u_octet = 8;
constexpr std::uint8_t first_address = 170, second_address = 171;  // the last octets of 192.0.0.170 and .171

// Where the four octets of an IPv4 address stand (RFC 6052 2.2).
struct Layout {
  std::uint8_t length;
  std::array<std::uint8_t, 4> at;

  std::size_t last() const { return at[3]; }
};
constexpr Layout layouts[] = {
    {32, {4, 5, 6, 7}},   {40, {5, 6, 7, 9}},    {48, {6, 7, 9, 10}},
    {56, {7, 9, 10, 11}}, {64, {9, 10, 11, 12}}, {96, {12, 13, 14, 15}},
};

bool holds(const Ipv6Octets& address, const std::array<std::uint8_t, 4>& at, std::uint8_t last_octet) {
  return address[at[0]] == 192 && address[at[1]] == 0 && address[at[2]] == 0 && address[at[3]] == last_octet;
}

bool reads_as(const Ipv6Octets& address, const Layout& layout, std::uint8_t last_octet) {
  return address[u_octet] == 0 && holds(address, layout.at, last_octet);
}

bool has_no_suffix(const Ipv6Octets& address, const Layout& layout) {
  return std::all_of(address.begin() + layout.last() + 1, address.end(), [](std::uint8_t octet) { return octet == 0; });
}

// ::/16 holds the unspecified, loopback, compatible and mapped addresses; fe80::/10 stays on its link; ff00::/8 is
// multicast. 64:ff9b::/96 and 64:ff9b:1::/48 begin otherwise.
bool may_be_routed(const Ipv6Octets& address) {
  const bool is_special = address[0] == 0 && address[1] == 0;
  const bool is_link_local = address[0] == 0xfe && (address[1] & 0xc0) == 0x80;
  return !is_special && !is_link_local && address[0] != 0xff;
}

// The prefix of an address that is laid out like this.
std::optional<ip::Pref64> prefix_of(const Ipv6Octets& address, const Layout& layout) {
  if (!may_be_routed(address)) return {};
  Ipv6Octets network{};
  std::copy_n(address.begin(), layout.length / 8, network.begin());
  const auto prefix = ip::Pref64::from_text(ip::Prefix{ip::Address(network), layout.length}.to_text());
  if (!prefix) return {};
  return *prefix;
}

void add_new(std::vector<ip::Pref64>& known, const std::optional<ip::Pref64>& prefix) {
  if (prefix && std::find(known.begin(), known.end(), *prefix) == known.end()) known.push_back(*prefix);
}

// The other address of the pair; nullopt when it was not returned.
bool has_partner(const std::vector<Ipv6Octets>& addresses, Ipv6Octets address, const Layout& layout) {
  std::uint8_t& octet = address[layout.last()];
  octet = octet == first_address ? second_address : first_address;
  return std::find(addresses.begin(), addresses.end(), address) != addresses.end();
}

// How the address is laid out, by its partner. Two prefixes of one translator that differ in just the octets of the
// well-known addresses make pairs of their addresses, too: then the reading without a suffix is the right one, which
// RFC 6052 2.2 recommends.
const Layout* layout_by_partner(const std::vector<Ipv6Octets>& addresses, const Ipv6Octets& address) {
  const Layout *any = nullptr, *without_suffix = nullptr;
  std::size_t count = 0, count_without_suffix = 0;
  for (const Layout& layout : layouts) {
    const bool reads = reads_as(address, layout, first_address) || reads_as(address, layout, second_address);
    if (!reads || !has_partner(addresses, address, layout)) continue;
    any = &layout, ++count;
    if (has_no_suffix(address, layout)) without_suffix = &layout, ++count_without_suffix;
  }
  if (count <= 1) return any;
  return count_without_suffix == 1 ? without_suffix : nullptr;
}

// Whether any of the addresses can be read as this well-known one.
bool any_reads_as(const std::vector<Ipv6Octets>& addresses, std::uint8_t last_octet) {
  for (const Ipv6Octets& address : addresses) {
    for (const Layout& layout : layouts) {
      if (reads_as(address, layout, last_octet)) return true;
    }
  }
  return false;
}

// RFC 7050 3: the value must occur once alone, on octet boundaries. `only` becomes its place, null when that is none of
// RFC 6052.
bool occurs_once(const Ipv6Octets& address, std::uint8_t last_octet, const Layout*& only) {
  std::size_t count = 0;
  only = nullptr;
  for (std::uint8_t start = 0; start + 3u < address.size(); ++start) {
    const std::array<std::uint8_t, 4> in_a_row{start, std::uint8_t(start + 1), std::uint8_t(start + 2),
                                               std::uint8_t(start + 3)};
    if (holds(address, in_a_row, last_octet)) ++count;
  }
  for (const Layout& layout : layouts) {
    if (!reads_as(address, layout, last_octet)) continue;
    only = &layout;
    const bool is_split = layout.at[3] != layout.at[0] + 3;
    if (is_split) ++count;
  }
  return count == 1;
}

std::vector<ip::Pref64> prefixes_behind_one(const std::vector<Ipv6Octets>& addresses) {
  const bool has_first = any_reads_as(addresses, first_address), has_second = any_reads_as(addresses, second_address);
  if (has_first == has_second) return {};  // none, or two that do not agree
  std::vector<ip::Pref64> prefixes;
  for (const Ipv6Octets& address : addresses) {
    const Layout* layout = nullptr;
    if (!occurs_once(address, has_first ? first_address : second_address, layout) || layout == nullptr) continue;
    add_new(prefixes, prefix_of(address, *layout));
  }
  return prefixes;
}

}  // namespace

std::vector<ip::Pref64> prefixes_behind(const std::vector<Ipv6Octets>& addresses) {
  std::vector<ip::Pref64> prefixes;
  for (const Ipv6Octets& address : addresses) {
    if (const Layout* layout = layout_by_partner(addresses, address)) add_new(prefixes, prefix_of(address, *layout));
  }
  return prefixes.empty() ? prefixes_behind_one(addresses) : prefixes;
}

Pref64Answer read_answer(const dns::Answer& answer) {
  const dns::AnswerView view = answer.view();
  std::vector<Ipv6Octets> addresses;
  std::uint32_t ttl = std::numeric_limits<std::uint32_t>::max();
  dns::AnswerRecords records(view);
  for (dns::AnswerRecord record; records.next(record);) {
    if (record.section != dns::Section::answer) continue;
    ttl = std::min(ttl, record.ttl);
    const auto aaaa = record.type == dns::Type::aaaa ? dns::Aaaa::read(record.rdata) : std::nullopt;
    if (aaaa) addresses.push_back(aaaa->address);
  }
  if (addresses.empty()) return {{}, seconds(dns::negative_ttl(view))};
  return {prefixes_behind(addresses), seconds(ttl)};
}

}  // namespace dragoman::gateway
