// What translation must know of a packet that is several segments, and how its offload header is translated. Pure.
#pragma once

#include <algorithm>
#include <cstdint>

#include "dragoman/nat64/packet.h"
#include "transport_header.h"

namespace dragoman::nat64 {

struct Segments {
  std::size_t header_size = 0;  // of the transport header; 0 unless of a super-packet
  std::size_t largest = 0;      // octets of transport header and payload, of the largest one
  std::size_t count = 1;
};

// `transport` is TCP or UDP if the packet is a super-packet.
inline Segments segments_of(const Offload& offload, Bytes transport) {
  if (!offload.is_super_packet()) return {0, transport.size(), 1};
  const std::size_t header = offload.kind == Offload::udp ? udp_header_size : tcp_size(transport.data());
  const std::size_t payload = transport.size() - header;
  return {header, header + std::min<std::size_t>(payload, offload.segment_size),
          std::max<std::size_t>(1, (payload + offload.segment_size - 1) / offload.segment_size)};
}

// `tcp`: Offload::tcp4 or tcp6, as the packet is now. `ip_size`: octets in front of the transport header.
inline void translate_offload(Offload& offload, Offload::Kind tcp, std::size_t ip_size, const Segments& segments) {
  const Offload before = offload;
  offload = {};
  if (before.is_partial()) {
    offload.flags = Offload::needs_checksum;
    offload.checksum_start = static_cast<std::uint16_t>(ip_size);
    offload.checksum_offset = before.checksum_offset;
  }
  if (!before.is_super_packet()) return;
  offload.kind =
      before.kind == Offload::udp ? before.kind : static_cast<std::uint8_t>(tcp | (before.kind & Offload::ecn));
  offload.segment_size = before.segment_size;
  offload.header_size = static_cast<std::uint16_t>(ip_size + segments.header_size);
}

}  // namespace dragoman::nat64
