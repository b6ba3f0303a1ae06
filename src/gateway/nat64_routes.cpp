// Ranges of addresses as prefixes, for the routing table. Pure; see nat64_routes.h.
// A range of n addresses takes at most 62 prefixes.
#include "nat64_routes.h"

#include <algorithm>
#include <bit>

#include "dragoman/base/bytes.h"

namespace dragoman::gateway {
namespace {

constexpr unsigned ipv4_bits = 32;

ip::Address address_of(std::uint32_t number) {
  ip::Ipv4Octets octets;
  store_u32(octets.data(), number);
  return ip::Address(octets);
}

}  // namespace

std::vector<ip::Prefix> prefixes_between(const ip::Ipv4Octets& first, const ip::Ipv4Octets& last) {
  std::vector<ip::Prefix> found;
  std::uint64_t at = load_u32(first.data());
  const std::uint64_t end = std::uint64_t{load_u32(last.data())} + 1;
  while (at < end) {
    // As many as begin at a multiple of their number, and no more than are left.
    const unsigned aligned = at == 0 ? ipv4_bits : static_cast<unsigned>(std::countr_zero(at));
    const unsigned left = static_cast<unsigned>(std::bit_width(end - at)) - 1;
    const unsigned bits = std::min({aligned, left, ipv4_bits});
    found.push_back({address_of(static_cast<std::uint32_t>(at)), static_cast<std::uint8_t>(ipv4_bits - bits)});
    at += std::uint64_t{1} << bits;
  }
  return found;
}

std::vector<ip::Prefix> nat64_routes(const nat64::Options& options) {
  std::vector<ip::Prefix> routes;
  const auto add = [&](const ip::Prefix& route) {
    if (std::find(routes.begin(), routes.end(), route) == routes.end()) routes.push_back(route);
  };
  for (const ip::Pref64& prefix : options.prefixes) add(prefix.prefix());
  for (const nat64::PoolEntry& entry : options.pool4) {
    for (const ip::Prefix& prefix : prefixes_between(entry.first, entry.last)) add(prefix);
  }
  for (const nat64::StaticBinding& binding : options.static_bindings) {
    const bool is_routed = std::any_of(
        routes.begin(), routes.end(), [&](const ip::Prefix& route) { return route.contains(binding.outside.address); });
    if (!is_routed) add({binding.outside.address, ipv4_bits});
  }
  return routes;
}

}  // namespace dragoman::gateway
