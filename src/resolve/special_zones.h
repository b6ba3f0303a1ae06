// The table of special-use names (RFC 6761) and locally served zones (RFC 6303, with the registry that it made): a line
// for each, with who says so. "16-31.172.in-addr.arpa" stands for sixteen zones, one for each number.
#pragma once

#include <array>
#include <cstdint>

namespace dragoman::resolve {

// How questions are answered without asking anybody.
enum class SpecialKind : std::uint8_t {
  absent,     // NXDOMAIN, the name itself included: there is no such top-level domain
  empty,      // RFC 6303 3: SOA and NS at the name, NODATA for other types; NXDOMAIN below
  bare,       // NODATA everywhere (RFC 9462 6.4)
  localhost,  // 127.0.0.1 and ::1 at the name and below, NODATA for other types (RFC 6761 6.3)
  loopback,   // as `empty`, but for the PTR record of 127.0.0.1 or ::1: localhost
};

struct SpecialZone {
  const char* name;
  SpecialKind kind;
  std::uint32_t ttl;  // seconds: of the records and, as the SOA's MINIMUM, of denials
};

inline constexpr std::uint32_t rfc_6303_ttl_s = 10800;
inline constexpr std::uint32_t short_ttl_s = 300;  // what an operator may change at any time

inline constexpr std::array special_zones = {
    SpecialZone{"localhost", SpecialKind::localhost, rfc_6303_ttl_s},  // RFC 6761 6.3
    SpecialZone{"invalid", SpecialKind::absent, rfc_6303_ttl_s},       // RFC 6761 6.4
    SpecialZone{"test", SpecialKind::absent, short_ttl_s},             // RFC 6761 6.2
    SpecialZone{"onion", SpecialKind::absent, rfc_6303_ttl_s},         // RFC 7686 2
    SpecialZone{"local", SpecialKind::absent, short_ttl_s},            // RFC 6762 22.1
    SpecialZone{"alt", SpecialKind::absent, rfc_6303_ttl_s},           // RFC 9476 3.2
    SpecialZone{"home.arpa", SpecialKind::empty, short_ttl_s},         // RFC 8375 4
    SpecialZone{"service.arpa", SpecialKind::empty, short_ttl_s},      // RFC 9665 10
    SpecialZone{"resolver.arpa", SpecialKind::bare, short_ttl_s},      // RFC 9462 6.4, 8.2

    SpecialZone{"10.in-addr.arpa", SpecialKind::empty, rfc_6303_ttl_s},               // RFC 6303 4.1, RFC 6761 6.1
    SpecialZone{"16-31.172.in-addr.arpa", SpecialKind::empty, rfc_6303_ttl_s},        // RFC 6303 4.1, RFC 6761 6.1
    SpecialZone{"168.192.in-addr.arpa", SpecialKind::empty, rfc_6303_ttl_s},          // RFC 6303 4.1, RFC 6761 6.1
    SpecialZone{"0.in-addr.arpa", SpecialKind::empty, rfc_6303_ttl_s},                // RFC 6303 4.2
    SpecialZone{"127.in-addr.arpa", SpecialKind::loopback, rfc_6303_ttl_s},           // RFC 6303 4.2
    SpecialZone{"254.169.in-addr.arpa", SpecialKind::empty, rfc_6303_ttl_s},          // RFC 6303 4.2, RFC 6762 22.1
    SpecialZone{"2.0.192.in-addr.arpa", SpecialKind::empty, rfc_6303_ttl_s},          // RFC 6303 4.2
    SpecialZone{"100.51.198.in-addr.arpa", SpecialKind::empty, rfc_6303_ttl_s},       // RFC 6303 4.2
    SpecialZone{"113.0.203.in-addr.arpa", SpecialKind::empty, rfc_6303_ttl_s},        // RFC 6303 4.2
    SpecialZone{"255.255.255.255.in-addr.arpa", SpecialKind::empty, rfc_6303_ttl_s},  // RFC 6303 4.2
    SpecialZone{"64-127.100.in-addr.arpa", SpecialKind::empty, rfc_6303_ttl_s},       // RFC 7793 3

    SpecialZone{"0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa", SpecialKind::empty,
                rfc_6303_ttl_s},  // RFC 6303 4.3
    SpecialZone{"1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa", SpecialKind::loopback,
                rfc_6303_ttl_s},                                                  // RFC 6303 4.3
    SpecialZone{"d.f.ip6.arpa", SpecialKind::empty, rfc_6303_ttl_s},              // RFC 6303 4.4
    SpecialZone{"8.e.f.ip6.arpa", SpecialKind::empty, rfc_6303_ttl_s},            // RFC 6303 4.5
    SpecialZone{"9.e.f.ip6.arpa", SpecialKind::empty, rfc_6303_ttl_s},            // RFC 6303 4.5
    SpecialZone{"a.e.f.ip6.arpa", SpecialKind::empty, rfc_6303_ttl_s},            // RFC 6303 4.5
    SpecialZone{"b.e.f.ip6.arpa", SpecialKind::empty, rfc_6303_ttl_s},            // RFC 6303 4.5
    SpecialZone{"8.b.d.0.1.0.0.2.ip6.arpa", SpecialKind::empty, rfc_6303_ttl_s},  // RFC 6303 4.6
};

}  // namespace dragoman::resolve
