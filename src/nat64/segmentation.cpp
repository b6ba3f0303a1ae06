// One pass over the super-packet: each segment's headers are written in front of its payload, over payload that was
// given before, and the payload is read once, for its checksum. A copy of the headers is all that is kept beside.
#include "dragoman/nat64/segmentation.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "dragoman/base/bytes.h"
#include "dragoman/ip/checksum.h"
#include "headers.h"

namespace dragoman::nat64 {
namespace {

constexpr std::size_t ipv4_header_size = 20;
constexpr std::size_t ipv6_header_size = 40;
constexpr std::size_t tcp_header_size = 20;
constexpr std::size_t udp_header_size = 8;
constexpr std::uint16_t udp_checksum_offset = 6;
constexpr std::uint16_t tcp_checksum_offset = 16;

constexpr std::uint8_t tcp_fin_psh = 0x09;
constexpr std::uint8_t tcp_cwr = 0x80;

// Where the headers of a super-packet are. size 0: they do not fit its offload header.
struct Layout {
  bool is_v6 = false;
  bool is_tcp = false;
  std::size_t transport = 0;  // the TCP or UDP header, from the start of the packet
  std::size_t size = 0;       // all headers together
};

// Hop-by-Hop Options, Routing, Destination Options (RFC 8200 4.1): what may lie in front of the payload of all
// segments.
bool is_extension_header(std::uint8_t next_header) {
  return next_header == 0 || next_header == 43 || next_header == 60;
}

// The transport header behind the IPv6 header and its extension headers; 0: not of this protocol, or cut off.
std::size_t ipv6_transport(const Packet& packet, std::uint8_t protocol) {
  if (packet.size < ipv6_header_size) return 0;
  std::uint8_t next_header = packet.data[6];
  std::size_t at = ipv6_header_size;
  while (next_header != protocol) {
    if (!is_extension_header(next_header) || at + 8 > packet.size) return 0;
    next_header = packet.data[at];
    at += (std::size_t{packet.data[at + 1]} + 1) * 8;
  }
  return at;
}

std::size_t ipv4_transport(const Packet& packet, std::uint8_t protocol) {
  if (packet.size < ipv4_header_size || packet.data[9] != protocol) return 0;
  const std::size_t size = (packet.data[0] & 0x0f) * std::size_t{4};
  return size < ipv4_header_size ? 0 : size;
}

Layout layout_of(const Packet& packet) {
  const Offload& offload = packet.offload;
  if (!offload.is_super_packet() || offload.segment_size == 0 || packet.size == 0) return {};
  Layout layout;
  layout.is_v6 = packet.data[0] >> 4 == 6;
  layout.is_tcp = (offload.kind & ~Offload::ecn) != Offload::udp;
  const std::uint8_t protocol = layout.is_tcp ? tcp_number : udp_number;
  layout.transport = layout.is_v6 ? ipv6_transport(packet, protocol) : ipv4_transport(packet, protocol);
  const std::size_t least = layout.is_tcp ? tcp_header_size : udp_header_size;
  if (layout.transport == 0 || layout.transport + least > packet.size) return {};
  const std::size_t transport_size =
      layout.is_tcp ? (packet.data[layout.transport + 12] >> 4) * std::size_t{4} : udp_header_size;
  const std::size_t size = layout.transport + transport_size;
  if (transport_size < least || size > packet.size || size > max_segmented_headers) return {};
  layout.size = size;
  return layout;
}

std::size_t count_segments(const Packet& packet, const Layout& layout) {
  if (layout.size == 0 || packet.size == layout.size) return 1;
  const std::size_t segment_size = packet.offload.segment_size;
  return (packet.size - layout.size + segment_size - 1) / segment_size;
}

// What all segments have in common.
class Segments {
 public:
  Segments(const Packet& packet, const Layout& layout)
      : layout_(layout),
        is_summed_(packet.offload.is_partial() || layout.is_tcp || field(packet.data)[0] != 0 ||
                   field(packet.data)[1] != 0) {
    std::memcpy(headers_.data(), packet.data, layout.size);
    pseudo_header_ = layout.is_v6 ? ip::sum_words(&headers_[8], 32) : ip::sum_words(&headers_[12], 8);
    pseudo_header_ += ip::word(layout.is_tcp ? tcp_number : udp_number);
    if (!packet.offload.is_partial()) pseudo_header_ += error_of_checksum(packet);
    ip::store_word(field(headers_.data()), 0);
    if (!layout.is_v6) ip::store_word(&headers_[10], 0);
  }

  // Writes the headers of segment `index`, whose payload is in its place already.
  void write_headers(Packet& segment, std::size_t index, std::size_t segment_size, bool is_last) const {
    std::memcpy(segment.data, headers_.data(), layout_.size);
    if (layout_.is_v6) {
      store_u16(segment.data + 4, static_cast<std::uint16_t>(segment.size - ipv6_header_size));
    } else {
      write_ipv4(segment, index);
    }
    if (layout_.is_tcp) {
      write_tcp(segment.data + layout_.transport, index, segment_size, is_last);
    } else {
      store_u16(segment.data + layout_.transport + 4, static_cast<std::uint16_t>(segment.size - layout_.transport));
    }
    if (is_summed_) write_checksum(segment);
  }

 private:
  std::uint8_t* field(std::uint8_t* packet) const {
    return packet + layout_.transport + (layout_.is_tcp ? tcp_checksum_offset : udp_checksum_offset);
  }

  // What makes the checksums of all segments wrong if that of the whole is; nothing else would tell the receiver.
  ip::WordSum error_of_checksum(const Packet& packet) const {
    const std::size_t size = packet.size - layout_.transport;
    const ip::WordSum sum = pseudo_header_ + ip::word(static_cast<std::uint16_t>(size)) +
                            ip::sum_words(packet.data + layout_.transport, size);
    return static_cast<std::uint16_t>(~ip::fold(sum));
  }

  void write_ipv4(Packet& segment, std::size_t index) const {
    std::uint8_t* header = segment.data;
    store_u16(header + 2, static_cast<std::uint16_t>(segment.size));
    store_u16(header + 4, static_cast<std::uint16_t>(load_u16(&headers_[4]) + index));
    ip::store_word(header + 10, ip::checksum_of(ip::sum_words(header, (header[0] & 0x0f) * std::size_t{4})));
  }

  void write_tcp(std::uint8_t* header, std::size_t index, std::size_t segment_size, bool is_last) const {
    store_u32(header + 4, load_u32(header + 4) + static_cast<std::uint32_t>(index * segment_size));
    std::uint8_t& flags = header[13];
    if (index != 0) flags = static_cast<std::uint8_t>(flags & ~tcp_cwr);
    if (!is_last) flags = static_cast<std::uint8_t>(flags & ~tcp_fin_psh);
  }

  void write_checksum(Packet& segment) const {
    const std::size_t size = segment.size - layout_.transport;
    const ip::WordSum sum = pseudo_header_ + ip::word(static_cast<std::uint16_t>(size)) +
                            ip::sum_words(segment.data + layout_.transport, size);
    std::uint16_t checksum = ip::checksum_of(sum);
    if (checksum == 0 && !layout_.is_tcp)
      checksum = 0xffff;  // zero would say that there is none (RFC 768, RFC 8200 8.1)
    ip::store_word(field(segment.data), checksum);
  }

  Layout layout_;
  bool is_summed_;                 // false: UDP over IPv4 that has no checksum
  ip::WordSum pseudo_header_ = 0;  // without the length
  std::array<std::uint8_t, max_segmented_headers> headers_;
};

}  // namespace

std::size_t segment_count(const Packet& packet) { return count_segments(packet, layout_of(packet)); }

std::size_t longest_segment(const Packet& packet) {
  const Layout layout = layout_of(packet);
  return layout.size == 0 ? packet.size : std::min<std::size_t>(packet.size, layout.size + packet.offload.segment_size);
}

void finish_checksum(Packet& packet) {
  if (packet.offload.is_partial()) {
    const std::size_t start = packet.offload.checksum_start;
    std::uint16_t checksum = ip::checksum_of(ip::sum_words(packet.data + start, packet.size - start));
    if (checksum == 0 && packet.offload.checksum_offset == udp_checksum_offset) checksum = 0xffff;
    ip::store_word(packet.data + start + packet.offload.checksum_offset, checksum);
  }
  packet.offload = {};
}

void segment(Packet& packet, FunctionRef<void(const Packet&)> sink) {
  if (!packet.offload.is_super_packet()) {
    finish_checksum(packet);
    sink(packet);
    return;
  }
  const Layout layout = layout_of(packet);
  if (layout.size == 0) {
    sink(packet);
    return;
  }
  const Segments segments(packet, layout);
  const std::size_t segment_size = packet.offload.segment_size;
  const std::size_t count = count_segments(packet, layout);
  std::size_t left = packet.size - layout.size;
  for (std::size_t index = 0; index < count; ++index) {
    const std::size_t payload = std::min(left, segment_size);
    left -= payload;
    Packet one{packet.data + index * segment_size, layout.size + payload, {}};
    segments.write_headers(one, index, segment_size, index + 1 == count);
    sink(one);
  }
}

}  // namespace dragoman::nat64
