// Reading and turning round Ethernet, IPv4, IPv6 and UDP headers: see dragoman/ip/udp_frame.h.
#include "dragoman/ip/udp_frame.h"

#include <algorithm>

#include "dragoman/ip/checksum.h"

namespace dragoman::ip {
namespace {

// -- Where headers have what (RFC 791 3.1, RFC 8200 3, RFC 768) --
constexpr std::size_t mac_size = 6;
constexpr std::size_t type_offset = 12;
constexpr std::uint16_t ipv4_type = 0x0800;
constexpr std::uint16_t ipv6_type = 0x86dd;

constexpr std::size_t ip_offset = UdpFrame::ethernet_header_size;
constexpr std::size_t ipv4_header_size = 20;
constexpr std::size_t ipv6_header_size = 40;
constexpr std::size_t udp_header_size = 8;
constexpr std::uint16_t ipv4_payload_offset = ip_offset + ipv4_header_size + udp_header_size;
constexpr std::uint16_t ipv6_payload_offset = ip_offset + ipv6_header_size + udp_header_size;

constexpr std::uint8_t version_and_length = 0x45;  // IPv4, no options
constexpr std::uint16_t fragment_bits = 0x3fff;    // more fragments, and the offset
constexpr std::uint8_t udp_number = 17;
constexpr std::uint8_t hop_limit = 64;
constexpr std::size_t udp_checksum_offset = 6;

template <class Octets>
Octets octets_at(const std::uint8_t* at) {
  Octets octets;
  std::memcpy(octets.data(), at, octets.size());
  return octets;
}

// RFC 1122 3.2.1.3, RFC 6890 2.2.2: no host has these.
bool may_be_answered(const Ipv4Octets& source) {
  return source[0] != 0 && source[0] != 127 && source[0] < 224;  // this network; loopback; multicast and beyond
}

// RFC 4291 2.5.2, 2.5.3, 2.5.5.2 (mapped addresses are not for the wire), 2.7.
bool may_be_answered(const Ipv6Octets& source) {
  if (source[0] == 0xff) return false;
  const bool begins_with_zeros =
      std::all_of(source.begin(), source.begin() + 10, [](auto octet) { return octet == 0; });
  return !begins_with_zeros || (source[10] != 0 && source[10] != 0xff);
}

WordSum pseudo_header(const std::uint8_t* ip, bool is_v6, std::uint16_t udp_length) {
  const WordSum addresses = is_v6 ? sum_of<32>(ip + 8) : sum_of<8>(ip + 12);
  return addresses + word(udp_length) + word(udp_number);
}

// The datagram may be shorter than the packet, never longer.
bool has_good_length(const std::uint8_t* udp, std::size_t packet_payload) {
  const std::uint16_t length = load_u16(udp + 4);
  return length >= udp_header_size && length <= packet_payload;
}

bool has_good_checksum(const std::uint8_t* ip, const std::uint8_t* udp, bool is_v6) {
  const std::uint16_t checksum = load_word(udp + udp_checksum_offset);
  if (checksum == 0) return !is_v6;
  const std::uint16_t length = load_u16(udp + 4);
  const WordSum start = pseudo_header(ip, is_v6, length);
  return checksum == fold(start) || fold(start + sum_words(udp, length)) == 0xffff;
}

std::optional<UdpFrame> read_ports(const std::uint8_t* udp, UdpFrame read) {
  read.source.port = load_u16(udp);
  read.destination.port = load_u16(udp + 2);
  read.payload_size = static_cast<std::uint16_t>(load_u16(udp + 4) - udp_header_size);
  if (read.source.port == 0) return std::nullopt;  // nobody waits there (RFC 768)
  return read;
}

std::optional<UdpFrame> read_ipv4(Bytes frame) {
  if (frame.size() < ipv4_payload_offset) return std::nullopt;
  const std::uint8_t* ip = frame.data() + ip_offset;
  const std::uint8_t* udp = ip + ipv4_header_size;
  const std::size_t total_length = load_u16(ip + 2);
  if (ip[0] != version_and_length || ip[9] != udp_number || (load_u16(ip + 6) & fragment_bits) != 0)
    return std::nullopt;
  if (total_length < ipv4_header_size + udp_header_size || total_length > frame.size() - ip_offset) return std::nullopt;
  if (fold(sum_of<ipv4_header_size>(ip)) != 0xffff) return std::nullopt;
  if (!has_good_length(udp, total_length - ipv4_header_size) || !has_good_checksum(ip, udp, false)) return std::nullopt;
  const auto source = octets_at<Ipv4Octets>(ip + 12);
  if (!may_be_answered(source)) return std::nullopt;
  const Address destination(octets_at<Ipv4Octets>(ip + 16));
  return read_ports(udp, {{Address(source), 0}, {destination, 0}, ipv4_payload_offset, 0});
}

std::optional<UdpFrame> read_ipv6(Bytes frame) {
  if (frame.size() < ipv6_payload_offset) return std::nullopt;
  const std::uint8_t* ip = frame.data() + ip_offset;
  const std::uint8_t* udp = ip + ipv6_header_size;
  const std::size_t payload_length = load_u16(ip + 4);
  if (ip[0] >> 4 != 6 || ip[6] != udp_number) return std::nullopt;
  if (payload_length > frame.size() - ip_offset - ipv6_header_size) return std::nullopt;
  if (!has_good_length(udp, payload_length) || !has_good_checksum(ip, udp, true)) return std::nullopt;
  const auto source = octets_at<Ipv6Octets>(ip + 8);
  if (!may_be_answered(source)) return std::nullopt;
  const Address destination(octets_at<Ipv6Octets>(ip + 24));
  return read_ports(udp, {{Address(source), 0}, {destination, 0}, ipv6_payload_offset, 0});
}

template <std::size_t size>
void swap_neighbours(std::uint8_t* first) {
  std::swap_ranges(first, first + size, first + size);
}

// The identification stays the client's, which is as good as one of ours and tells nobody how much we say. DF is not
// set, as on our sockets (RFC 9715 3.1 leaves it to the sender).
void turn_ipv4_round(std::uint8_t* ip, std::size_t udp_length) {
  store_u16(ip, version_and_length << 8);
  store_u16(ip + 2, static_cast<std::uint16_t>(ipv4_header_size + udp_length));
  store_u16(ip + 6, 0);
  store_u16(ip + 8, hop_limit << 8 | udp_number);
  store_word(ip + 10, 0);
  swap_neighbours<4>(ip + 12);
  store_word(ip + 10, checksum_of(sum_of<ipv4_header_size>(ip)));
}

void turn_ipv6_round(std::uint8_t* ip, std::size_t udp_length) {
  store_u32(ip, std::uint32_t{6} << 28);
  store_u16(ip + 4, static_cast<std::uint16_t>(udp_length));
  store_u16(ip + 6, udp_number << 8 | hop_limit);
  swap_neighbours<16>(ip + 8);
}

}  // namespace

std::optional<UdpFrame> read_udp_frame(Bytes frame) {
  if (frame.size() < UdpFrame::ethernet_header_size) return std::nullopt;
  switch (load_u16(&frame[type_offset])) {
    case ipv4_type:
      return read_ipv4(frame);
    case ipv6_type:
      return read_ipv6(frame);
    default:
      return std::nullopt;
  }
}

std::size_t reply_frame_size(const UdpFrame& query, std::size_t payload_size) {
  return std::max(query.payload_offset + payload_size, UdpFrame::least_size);
}

std::size_t reply_in_place(std::uint8_t* frame, const UdpFrame& query, std::size_t payload_size) {
  const bool is_v6 = query.payload_offset == ipv6_payload_offset;
  const std::size_t udp_length = udp_header_size + payload_size;
  std::uint8_t* ip = frame + ip_offset;
  std::uint8_t* udp = frame + query.payload_offset - udp_header_size;

  swap_neighbours<mac_size>(frame);
  is_v6 ? turn_ipv6_round(ip, udp_length) : turn_ipv4_round(ip, udp_length);
  swap_neighbours<2>(udp);
  store_u16(udp + 4, static_cast<std::uint16_t>(udp_length));
  store_word(udp + udp_checksum_offset, 0);
  const WordSum sum = pseudo_header(ip, is_v6, static_cast<std::uint16_t>(udp_length)) + sum_words(udp, udp_length);
  const std::uint16_t checksum = checksum_of(sum);
  store_word(udp + udp_checksum_offset, checksum == 0 ? 0xffff : checksum);  // zero would mean none

  const std::size_t size = query.payload_offset + payload_size;
  const std::size_t padded = reply_frame_size(query, payload_size);
  std::fill(frame + size, frame + padded, std::uint8_t{0});  // what lay there is nobody's business
  return padded;
}

}  // namespace dragoman::ip
