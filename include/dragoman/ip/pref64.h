// An IPv6 prefix that IPv4 addresses are embedded in (RFC 6052 2.2): shared by DNS64 and NAT64. Pure; any thread.
//
//   PL 32  |prefix(32)|v4(32)              |u|suffix      u is bits 64 to 71, always zero
//   PL 40  |prefix(40)   |v4(24)           |u|v4(8)|...
//   PL 96  |prefix(96)                            |v4(32)
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "dragoman/base/result.h"
#include "dragoman/ip/address.h"

namespace dragoman::ip {

class Pref64 {
 public:
  Pref64() = default;  // the Well-Known Prefix, 64:ff9b::/96
  // Lengths 32, 40, 48, 56, 64 and 96; bits 64 to 71 zero. Errors: malformed, invalid_argument with what to write.
  static Result<Pref64> from_text(std::string_view text);
  // The same prefix with something else than zero behind the IPv4 address (RFC 6052 2.2). Error: invalid_argument, when
  // the suffix has bits where the prefix, the IPv4 address or bits 64 to 71 are; a prefix of 96 bits has no room.
  Result<Pref64> with_suffix(const Ipv6Octets& suffix) const;

  Ipv6Octets embed(const Ipv4Octets& address) const;
  // Nullopt when the address is outside the prefix, its u octet is not zero, or its suffix is not ours.
  std::optional<Ipv4Octets> extract(const Ipv6Octets& address) const;
  // What a translator makes of a destination (RFC 6052 2.2): what stands behind the IPv4 address is not looked at. The
  // address is 16 octets anywhere.
  std::optional<Ipv4Octets> extract_any_suffix(const std::uint8_t* address) const;
  bool contains(const Ipv6Octets& address) const;

  bool is_well_known() const;  // 64:ff9b::/96
  std::uint8_t length() const { return prefix_.length; }
  const Prefix& prefix() const { return prefix_; }
  const Ipv6Octets& suffix() const { return suffix_; }  // zero but behind the IPv4 address
  bool has_suffix() const { return suffix_ != Ipv6Octets{}; }
  std::string to_text() const { return prefix_.to_text(); }  // without the suffix
  friend bool operator==(const Pref64&, const Pref64&) = default;

 private:
  explicit Pref64(const Prefix& prefix) : prefix_(prefix) {}
  std::size_t suffix_offset() const;  // octets in front of it
  Prefix prefix_{Address(Ipv6Octets{0x00, 0x64, 0xff, 0x9b}), 96};
  Ipv6Octets suffix_{};
};

// Which IPv4 addresses the Well-Known Prefix may represent. RFC 6052 3.1: global ones alone.
enum class WellKnownPrefixRule : unsigned char {
  // The blocks for documentation (192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24) and benchmarking (198.18.0.0/15)
  // beside
  // what rfc6052 allows: they occur in examples, tests and benchmarks only, and to refuse them would make those show
  // something else than service.
  examples,
  rfc6052,   // the letter
  wkp_1918,  // private use (RFC 1918) and shared space (RFC 6598) beside it: draft-ietf-v6ops-nat64-wkp-1918 3
  off,       // every address
};
bool well_known_prefix_may_hold(const Ipv4Octets& address, WellKnownPrefixRule rule = WellKnownPrefixRule::examples);

}  // namespace dragoman::ip
