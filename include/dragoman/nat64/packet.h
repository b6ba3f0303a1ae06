// A packet in memory while it is translated, and the offload header that a TUN device gives it (virtio_net_hdr of
// Linux; VIRTIO 1.2 5.1.6). Translation is in place: headers grow and shrink towards the front. Plain values.
#pragma once

#include <cstddef>
#include <cstdint>

namespace dragoman::nat64 {

// In memory as the kernel reads and writes it, in the byte order of the host.
//
// A super-packet is what several segments of one flow were joined to, or not yet cut into: segment_size octets of
// payload each, the last one may be shorter. Its L3 length and UDP length are those of the whole.
struct Offload {
  enum Flags : std::uint8_t {
    needs_checksum =
        1,          // the transport checksum field holds the folded, not complemented sum of the pseudo-header alone
    data_valid = 2  // checked already; never written
  };
  enum Kind : std::uint8_t { single = 0, tcp4 = 1, tcp6 = 4, udp = 5, ecn = 0x80 };  // ecn: beside tcp4 or tcp6

  std::uint8_t flags = 0;
  std::uint8_t kind = single;
  std::uint16_t header_size = 0;      // L3 and L4 headers together; what the kernel gives is a hint
  std::uint16_t segment_size = 0;     // payload octets of a segment; 0 without a kind
  std::uint16_t checksum_start = 0;   // from the start of the packet
  std::uint16_t checksum_offset = 0;  // from checksum_start

  bool is_super_packet() const { return kind != single; }
  bool is_partial() const { return (flags & needs_checksum) != 0; }
  friend bool operator==(const Offload&, const Offload&) = default;
};
static_assert(sizeof(Offload) == 10);

// A view of octets that the caller owns. In front of `data` lie at least `headroom` octets and behind data + size at
// least `tailroom` that a translation may write to.
//
// ICMP errors grow most, because RFC 4884 wants 128 octets in front of an extension: by 124 from IPv4, by 136 on a way
// to IPv4 and back (a hairpin, with RFC 5837). And the device writes the offload header in front of all.
struct Packet {
  static constexpr std::size_t headroom = 192;
  static constexpr std::size_t tailroom = 64;
  static constexpr std::size_t max_size = 65535 + 40;

  std::uint8_t* data = nullptr;  // the IP header
  std::size_t size = 0;
  Offload offload;
};

}  // namespace dragoman::nat64
