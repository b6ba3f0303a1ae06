// The types that an NSEC or NSEC3 record says its name has (RFC 4034 4.1.2). Borrows its octets. Pure; any thread.
#pragma once

#include <initializer_list>
#include <optional>

#include "dragoman/base/bytes.h"
#include "dragoman/dns/types.h"

namespace dragoman::dnssec {

// In an NSEC or NSEC3 record alone: there is no such name (RFC 9824 2).
inline constexpr dns::Type nxname{128};

class TypeBitmap {
 public:
  TypeBitmap() = default;  // no types
  // Nullopt when it is malformed: a type that is not found in half of a bitmap may stand in the other half.
  static std::optional<TypeBitmap> read(Bytes octets);

  bool has(dns::Type type) const;
  bool has_none_but(std::initializer_list<dns::Type> types) const;

 private:
  explicit TypeBitmap(Bytes octets) : octets_(octets) {}
  Bytes octets_;
};

}  // namespace dragoman::dnssec
