// IPv6 fragments in place: the headers of each piece are written in front of its payload, over payload that was given
// before.
#include "fragmenting.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "dragoman/base/bytes.h"
#include "dragoman/nat64/segmentation.h"

namespace dragoman::nat64 {
namespace {

constexpr std::size_t ipv6_header_size = 40;
constexpr std::size_t fragment_header_size = 8;
constexpr std::size_t headers_size = ipv6_header_size + fragment_header_size;
constexpr std::uint8_t fragment_number = 44;
constexpr std::uint16_t more_fragments = 1;

// The headers of the pieces, and what is left to be cut.
//
//   | IPv6 header | Next Header, 0 | offset, 0, M | identification |
class Cutter {
 public:
  // Takes the headers off `packet`: those it has, or those it has with a Fragment Header more.
  Cutter(const Packet& packet, std::uint32_t identification) {
    std::memcpy(headers_.data(), packet.data, ipv6_header_size);
    std::uint8_t& next_header = headers_[6];
    std::uint8_t* fragment_header = &headers_[ipv6_header_size];
    std::size_t size = ipv6_header_size;
    if (next_header == fragment_number) {
      std::memcpy(fragment_header, packet.data + ipv6_header_size, fragment_header_size);
      const std::uint16_t place = load_u16(fragment_header + 2);
      offset_ = place & ~std::size_t{7};
      is_last_ = (place & more_fragments) == 0;
      size = headers_size;
    } else {
      fragment_header[0] = next_header;
      fragment_header[1] = 0;
      store_u32(fragment_header + 4, identification);
      next_header = fragment_number;
    }
    payload_ = packet.data + size;
    left_ = packet.size - size;
  }

  bool has_more() const { return left_ > 0; }

  // RFC 8200 4.5: all but the last are as long as they may be, in units of eight octets.
  Packet next(std::size_t mtu) {
    const bool is_end = left_ + headers_size <= mtu;
    const std::size_t size = is_end ? left_ : (mtu - headers_size) & ~std::size_t{7};
    Packet piece{payload_ - headers_size, headers_size + size, {}};
    std::memcpy(piece.data, headers_.data(), headers_size);
    store_u16(piece.data + 4, static_cast<std::uint16_t>(fragment_header_size + size));
    const bool more = !is_end || !is_last_;
    store_u16(piece.data + ipv6_header_size + 2, static_cast<std::uint16_t>(offset_ | (more ? more_fragments : 0)));
    payload_ += size;
    offset_ += size;
    left_ -= size;
    return piece;
  }

 private:
  std::array<std::uint8_t, headers_size> headers_;
  std::uint8_t* payload_ = nullptr;
  std::size_t left_ = 0;
  std::size_t offset_ = 0;  // of payload_ in its datagram
  bool is_last_ = true;     // whether the datagram ends with this packet
};

void cut(const Packet& packet, std::uint32_t identification, std::size_t mtu, PacketSink sink) {
  if (packet.size <= mtu) {
    sink(packet);
    return;
  }
  Cutter cutter(packet, identification);
  while (cutter.has_more()) sink(cutter.next(mtu));
}

}  // namespace

bool needs_fragmenting(const Packet& packet, const Options& options) {
  return longest_segment(packet) > options.lowest_ipv6_mtu;
}

void fragment_ipv6(Packet& packet, std::uint32_t identification, const Options& options, PacketSink sink) {
  auto low_bits = static_cast<std::uint16_t>(identification);
  const std::uint32_t high_bits = identification - low_bits;
  segment(packet, [&](const Packet& one) { cut(one, high_bits | low_bits++, options.lowest_ipv6_mtu, sink); });
}

}  // namespace dragoman::nat64
