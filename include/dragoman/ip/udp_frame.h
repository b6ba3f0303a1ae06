// Ethernet frames that hold one whole UDP datagram (RFC 768) in IPv4 without options (RFC 791) or in IPv6 without
// extension headers (RFC 8200): checked as the kernel checks them, and turned round into the reply to themselves. For
// those who get frames past the kernel's stack. Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "dragoman/base/bytes.h"
#include "dragoman/ip/address.h"

namespace dragoman::ip {

struct UdpFrame {
  static constexpr std::size_t ethernet_header_size = 14;  // without a VLAN tag
  static constexpr std::size_t least_size = 60;            // of a frame, without its check sequence (IEEE 802.3 3.2.7)

  Endpoint source;
  Endpoint destination;
  std::uint16_t payload_offset = 0;
  std::uint16_t payload_size = 0;
};

// Nothing for what the kernel would drop, too: lengths that do not agree, a wrong checksum, fragments, a source that
// nobody can be answered at. A UDP checksum of zero is none: good in IPv4 and wrong in IPv6 (RFC 8200 8.1). One that is
// the sum of the pseudo-header alone is good: so a datagram looks whose sender left the rest to a device that it never
// reached, as between the two ends of a veth pair.
std::optional<UdpFrame> read_udp_frame(Bytes frame);

// Octets of the frame that reply_in_place() makes.
std::size_t reply_frame_size(const UdpFrame& query, std::size_t payload_size);

// Makes the frame that `query` was read from the reply to it: addresses and ports change sides, lengths and checksums
// are those of the payload of `payload_size` octets, which is at payload_offset already. `frame` has room for the size
// that is returned, reply_frame_size().
std::size_t reply_in_place(std::uint8_t* frame, const UdpFrame& query, std::size_t payload_size);

}  // namespace dragoman::ip
