// ICMP errors that carry more than the packet that they are about (RFC 4884), and the one thing that we add to them: an
// IPv6 address of the router (RFC 5837, RFC 6791 4). Pure.
//
//   | ICMP header (8) | original datagram | zeros | extension header (4) | objects |
//                     '------ length attribute ---'
//   The length attribute counts words of 4 octets in ICMPv4, of 8 in ICMPv6; 0: there is no extension. With one, the
//   original datagram takes at least 128 octets.
#pragma once

#include <cstdint>

#include "dragoman/base/bytes.h"
#include "transport_header.h"

namespace dragoman::nat64 {

struct IcmpErrorParts {
  Bytes datagram;   // zeros behind it included, if there is an extension
  Bytes extension;  // may be empty
};

// `message` begins with the ICMP header (8 octets at least) of an error.
IcmpErrorParts parts_of(Family family, Bytes message);

// Whether messages of this type have a length attribute (RFC 4884 4).
bool may_be_extended(Family family, std::uint8_t type);

// Puts an extension behind an ICMP error that is being written. `room` begins with its header and ends where the
// message must end at the latest; `datagram_size` octets of the original datagram are written. What does not fit goes:
// first of the datagram, down to 128 octets, then the extension. The length attribute is set.
class IcmpExtension {
 public:
  // `router6`: 16 octets for a further object, or null.
  IcmpExtension(Bytes extension, const std::uint8_t* router6);
  // The size of the message. `room` is at least 136 octets.
  std::size_t append(MutableBytes room, Family family, std::size_t datagram_size) const;

 private:
  void write(std::uint8_t* at) const;

  Bytes extension_;
  const std::uint8_t* router6_;
  std::size_t size_;
};

}  // namespace dragoman::nat64
