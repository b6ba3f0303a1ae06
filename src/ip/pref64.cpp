// Embedding IPv4 addresses in IPv6 ones (RFC 6052 2.2 and 2.3). Pure; any thread.
#include "dragoman/ip/pref64.h"

#include <algorithm>
#include <cstring>

namespace dragoman::ip {
namespace {

constexpr std::size_t u_octet = 8;  // bits 64 to 71: MUST be zero (RFC 6052 2.2)
constexpr std::uint8_t allowed_lengths[] = {32, 40, 48, 56, 64, 96};

// Where an octet of the IPv4 address goes: they follow each other, but for the u octet.
constexpr std::size_t skip_u_octet(std::size_t position) { return position == u_octet ? position + 1 : position; }

}  // namespace

Result<Pref64> Pref64::from_text(std::string_view text) {
  Result<Prefix> prefix = Prefix::from_text(text);
  if (!prefix) return prefix.error();
  if (!prefix->network.is_v6()) return Error{ErrorCode::invalid_argument, "not an IPv6 prefix", std::string(text)};
  if (std::find(std::begin(allowed_lengths), std::end(allowed_lengths), prefix->length) == std::end(allowed_lengths)) {
    return Error{ErrorCode::invalid_argument, "the length must be 32, 40, 48, 56, 64 or 96", std::string(text)};
  }
  if (prefix->network.octets()[u_octet] != 0) {
    return Error{ErrorCode::invalid_argument, "bits 64 to 71 must be zero", std::string(text)};
  }
  return Pref64(*prefix);
}

std::size_t Pref64::suffix_offset() const {
  std::size_t position = length() / 8u;
  for (std::size_t octet = 0; octet < 4; ++octet) position = skip_u_octet(position) + 1;
  return position;
}

Result<Pref64> Pref64::with_suffix(const Ipv6Octets& suffix) const {
  const auto behind = suffix.begin() + static_cast<std::ptrdiff_t>(suffix_offset());
  const bool overlaps = std::any_of(suffix.begin(), behind, [](std::uint8_t octet) { return octet != 0; });
  if (overlaps || (suffix_offset() <= u_octet && suffix[u_octet] != 0)) {
    return Error{ErrorCode::invalid_argument, "overlaps the prefix, the IPv4 address or bits 64 to 71",
                 Address(suffix).to_text()};
  }
  Pref64 out(prefix_);
  out.suffix_ = suffix;
  return out;
}

Ipv6Octets Pref64::embed(const Ipv4Octets& address) const {
  Ipv6Octets out = prefix_.network.v6();
  std::copy(suffix_.begin() + length() / 8u, suffix_.end(), out.begin() + length() / 8u);
  std::size_t position = length() / 8u;
  for (std::uint8_t octet : address) {
    position = skip_u_octet(position);
    out[position++] = octet;
  }
  return out;
}

std::optional<Ipv4Octets> Pref64::extract(const Ipv6Octets& address) const {
  const std::optional<Ipv4Octets> out = extract_any_suffix(address.data());
  if (!out) return std::nullopt;
  const auto behind = static_cast<std::ptrdiff_t>(suffix_offset());
  if (!std::equal(address.begin() + behind, address.end(), suffix_.begin() + behind)) return std::nullopt;
  return out;
}

// Once for every packet that is translated.
std::optional<Ipv4Octets> Pref64::extract_any_suffix(const std::uint8_t* address) const {
  if (std::memcmp(address, prefix_.network.octets(), length() / 8u) != 0 || address[u_octet] != 0) return std::nullopt;
  Ipv4Octets out;
  if (length() == 96) {
    std::memcpy(out.data(), address + 12, out.size());
    return out;
  }
  std::size_t position = length() / 8u;
  for (std::uint8_t& octet : out) {
    position = skip_u_octet(position);
    octet = address[position++];
  }
  return out;
}

bool Pref64::contains(const Ipv6Octets& address) const {
  return std::memcmp(address.data(), prefix_.network.octets(), length() / 8u) == 0;
}

// Asked for every address that is embedded. Behind 96 bits there is nothing but zeroes, and no suffix.
bool Pref64::is_well_known() const {
  static constexpr std::uint8_t well_known[12] = {0x00, 0x64, 0xff, 0x9b};
  return length() == 96 && std::memcmp(prefix_.network.octets(), well_known, sizeof well_known) == 0;
}

}  // namespace dragoman::ip
