// Finding, making and placing ICMP extensions (RFC 4884 3, 4, 7; RFC 5837 4).
#include "icmp_extension.h"

#include <algorithm>
#include <cstring>

#include "dragoman/ip/checksum.h"
#include "icmp_mapping.h"

namespace dragoman::nat64 {
namespace {

constexpr std::size_t smallest_datagram = 128;  // RFC 4884 4: as receivers of old expect the extension behind it
constexpr std::size_t extension_header_size = 4;
constexpr std::uint8_t extension_version = 2;

std::size_t length_offset(Family family) { return family == Family::ipv6 ? 4 : 5; }
std::size_t length_unit(Family family) { return family == Family::ipv6 ? 8 : 4; }

// RFC 5837 4: an Interface Information Object, of the interface that the datagram came in by, with its address alone.
constexpr std::uint8_t router_object[] = {0, 24, 2, 0x04, 0, 2, 0, 0};  // length, class, C-Type; AFI of IPv6, reserved
constexpr std::size_t router_object_size = sizeof router_object + 16;

bool is_extension(Bytes octets) {
  return octets.size() >= extension_header_size && octets[0] >> 4 == extension_version;
}

}  // namespace

bool may_be_extended(Family family, std::uint8_t type) {
  if (family == Family::ipv6) return type == icmp6::destination_unreachable || type == icmp6::time_exceeded;
  return type == icmp4::destination_unreachable || type == icmp4::time_exceeded || type == icmp4::parameter_problem;
}

IcmpErrorParts parts_of(Family family, Bytes message) {
  const Bytes behind = message.subspan(icmp_header_size);
  const std::size_t length = message[length_offset(family)] * length_unit(family);
  if (!may_be_extended(family, message[0]) || length == 0 || length >= behind.size()) return {behind, {}};
  return {behind.first(length), behind.subspan(length)};
}

IcmpExtension::IcmpExtension(Bytes extension, const std::uint8_t* router6)
    : extension_(extension), router6_(router6), size_(extension.size()) {
  if (!extension_.empty() && !is_extension(extension_)) router6_ = nullptr;  // nothing that an object could be added to
  if (router6_ == nullptr) return;
  size_ += router_object_size + (extension_.empty() ? extension_header_size : 0);
}

std::size_t IcmpExtension::append(MutableBytes room, Family family, std::size_t datagram_size) const {
  const std::size_t space = room.size() - icmp_header_size;
  const std::size_t unit = length_unit(family);
  if (size_ == 0 || !may_be_extended(family, room[0]) || smallest_datagram + size_ > space) {
    return icmp_header_size + std::min(datagram_size, space);
  }
  const std::size_t most = std::min((space - size_) / unit, std::size_t{255}) * unit;
  const std::size_t padded = std::clamp((datagram_size + unit - 1) / unit * unit, smallest_datagram, most);
  std::uint8_t* datagram = room.data() + icmp_header_size;
  if (datagram_size < padded) std::memset(datagram + datagram_size, 0, padded - datagram_size);
  room[length_offset(family)] = static_cast<std::uint8_t>(padded / unit);
  write(datagram + padded);
  return icmp_header_size + padded + size_;
}

void IcmpExtension::write(std::uint8_t* at) const {
  std::copy(extension_.begin(), extension_.end(), at);
  if (router6_ == nullptr) return;
  if (extension_.empty()) store_u32(at, extension_version << 28);
  std::uint8_t* object = at + size_ - router_object_size;
  std::memcpy(object, router_object, sizeof router_object);
  std::memcpy(object + sizeof router_object, router6_, 16);
  ip::store_word(at + 2, 0);
  ip::store_word(at + 2, ip::checksum_of(ip::sum_words(at, size_)));
}

}  // namespace dragoman::nat64
