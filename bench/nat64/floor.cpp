// The floor of the NAT64 benchmark: the least that a translator on a TUN device can do. One thread, one queue, whole
// super-packets, one fixed pair of addresses: what CLIENT6 sends to PREFIX leaves as POOL4, and the other way round.
// TCP, UDP and echo; no state, no fragments, no options, no errors. What this costs is the price of the device, and
// what Dragoman costs beside it is Dragoman's.
//     nat64_floor DEVICE CLIENT6 POOL4 PREFIX
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "dragoman/base/bytes.h"
#include "dragoman/nat64/packet.h"

namespace {

using dragoman::load_u16;
using dragoman::store_u16;
using dragoman::nat64::Offload;
using dragoman::nat64::Packet;

constexpr std::size_t ipv4_header = 20;
constexpr std::size_t ipv6_header = 40;

// -- Sums of the Internet checksum (RFC 1071), in network order --
std::uint32_t sum(const std::uint8_t* at, std::size_t octets) {
  std::uint32_t total = 0;
  for (std::size_t i = 0; i < octets; i += 2) total += load_u16(at + i);
  return total;
}

std::uint16_t fold(std::uint32_t total) {
  total = (total & 0xFFFF) + (total >> 16);
  return static_cast<std::uint16_t>((total & 0xFFFF) + (total >> 16));
}

std::uint32_t negative(std::uint32_t total) { return static_cast<std::uint16_t>(~fold(total)); }

// A partial checksum is a plain sum, a finished one the complement (RFC 1624 3), and never 0, which UDP reads as none.
void add_to(std::uint8_t* field, std::uint32_t change, bool is_partial) {
  const std::uint32_t before = is_partial ? load_u16(field) : negative(load_u16(field));
  const std::uint16_t after = fold(before + fold(change));
  store_u16(field, is_partial || after == 0xFFFF ? after : static_cast<std::uint16_t>(~after));
}

class Floor {
 public:
  bool set_addresses(const char* client, const char* pool, const char* prefix) {
    if (inet_pton(AF_INET6, client, client_.data()) != 1 || inet_pton(AF_INET, pool, pool_.data()) != 1 ||
        inet_pton(AF_INET6, prefix, prefix_.data()) != 1) {
      return false;
    }
    // The server's address is in both headers and cancels out.
    to_four_ = sum(pool_.data(), 4) + negative(sum(client_.data(), 16) + sum(prefix_.data(), 12));
    to_six_ = negative(to_four_);
    return true;
  }

  // False: not for us.
  bool translate(Packet& packet) {
    if (packet.size < ipv4_header) return false;
    const int version = packet.data[0] >> 4;
    return version == 6 ? six_to_four(packet) : version == 4 && four_to_six(packet);
  }

 private:
  bool six_to_four(Packet& packet) {
    const std::uint8_t* from = packet.data;
    if (packet.size < ipv6_header + 8 || std::memcmp(from + 8, client_.data(), 16) != 0 ||
        std::memcmp(from + 24, prefix_.data(), 12) != 0 || from[7] <= 1) {
      return false;
    }
    const std::size_t payload = packet.size - ipv6_header;
    const bool may_fragment = !packet.offload.is_super_packet() && payload <= 1240;
    const std::uint8_t protocol = from[6] == IPPROTO_ICMPV6 ? std::uint8_t{IPPROTO_ICMP} : from[6];
    if (payload + ipv4_header > 65535 || !translate_payload(packet, ipv6_header, ipv4_header)) return false;

    std::array<std::uint8_t, ipv4_header> header{0x45, static_cast<std::uint8_t>(from[0] << 4 | from[1] >> 4)};
    store_u16(&header[2], static_cast<std::uint16_t>(payload + ipv4_header));
    store_u16(&header[4], identification_++);
    header[6] = may_fragment ? 0 : 0x40;
    header[8] = static_cast<std::uint8_t>(from[7] - 1);
    header[9] = protocol;
    std::memcpy(&header[12], pool_.data(), 4);
    std::memcpy(&header[16], from + 36, 4);
    store_u16(&header[10], static_cast<std::uint16_t>(negative(sum(header.data(), header.size()))));
    packet.data += ipv6_header - ipv4_header;
    packet.size -= ipv6_header - ipv4_header;
    std::memcpy(packet.data, header.data(), header.size());
    return true;
  }

  bool four_to_six(Packet& packet) {
    const std::uint8_t* from = packet.data;
    const bool is_fragment = (load_u16(from + 6) & 0x3FFF) != 0;
    if (packet.size < ipv4_header + 8 || from[0] != 0x45 || std::memcmp(from + 16, pool_.data(), 4) != 0 ||
        is_fragment || from[8] <= 1) {
      return false;
    }
    const std::uint8_t protocol = from[9] == IPPROTO_ICMP ? std::uint8_t{IPPROTO_ICMPV6} : from[9];
    if (!translate_payload(packet, ipv4_header, ipv6_header)) return false;

    std::array<std::uint8_t, ipv6_header> header{static_cast<std::uint8_t>(0x60 | from[1] >> 4),
                                                 static_cast<std::uint8_t>(from[1] << 4)};
    store_u16(&header[4], static_cast<std::uint16_t>(packet.size - ipv4_header));
    header[6] = protocol;
    header[7] = static_cast<std::uint8_t>(from[8] - 1);
    std::memcpy(&header[8], prefix_.data(), 12);
    std::memcpy(&header[20], from + 12, 4);
    std::memcpy(&header[24], client_.data(), 16);
    packet.data -= ipv6_header - ipv4_header;
    packet.size += ipv6_header - ipv4_header;
    std::memcpy(packet.data, header.data(), header.size());
    return true;
  }

  // Everything behind the IP header, and the offload header. The packet still has its old header, of `before` octets.
  bool translate_payload(Packet& packet, std::size_t before, std::size_t after) const {
    std::uint8_t* at = packet.data + before;
    switch (packet.data[before == ipv6_header ? 6 : 9]) {
      case IPPROTO_TCP:
        if (packet.size < before + 20) return false;
        add_to(at + 16, before == ipv6_header ? to_four_ : to_six_, packet.offload.is_partial());
        return translate_offload(packet.offload, after, std::size_t{at[12]} / 16 * 4, 16);
      case IPPROTO_UDP:
        if (!packet.offload.is_partial() && load_u16(at + 6) == 0) return false;
        add_to(at + 6, before == ipv6_header ? to_four_ : to_six_, packet.offload.is_partial());
        return translate_offload(packet.offload, after, 8, 6);
      case IPPROTO_ICMP:
      case IPPROTO_ICMPV6:
        return !packet.offload.is_partial() && translate_echo(packet, before);
      default:
        return false;
    }
  }

  static bool translate_offload(Offload& offload, std::size_t ip_header, std::size_t transport_header,
                                std::uint16_t checksum_at) {
    const int kind = offload.kind & ~Offload::ecn;
    if (kind == Offload::tcp4 || kind == Offload::tcp6) offload.kind ^= Offload::tcp4 ^ Offload::tcp6;
    offload.flags &= Offload::needs_checksum;
    offload.header_size = static_cast<std::uint16_t>(ip_header + transport_header);
    if (offload.is_partial()) {
      offload.checksum_start = static_cast<std::uint16_t>(ip_header);
      offload.checksum_offset = checksum_at;
    }
    return true;
  }

  // ICMPv6 sums a pseudo-header (RFC 4443 2.3), ICMPv4 none.
  bool translate_echo(Packet& packet, std::size_t before) const {
    static constexpr std::array<std::array<std::uint8_t, 2>, 2> types{{{128, 8}, {129, 0}}};
    const bool to_four = before == ipv6_header;
    std::uint8_t* at = packet.data + before;
    const auto* type = std::ranges::find_if(types, [&](const auto& pair) { return pair[to_four ? 0 : 1] == at[0]; });
    if (type == types.end()) return false;
    const std::uint8_t* server = packet.data + (to_four ? 36 : 12);
    const std::uint32_t of_six = sum(client_.data(), 16) + sum(prefix_.data(), 12) + sum(server, 4) + IPPROTO_ICMPV6 +
                                 static_cast<std::uint32_t>(packet.size - before) + (std::uint32_t{(*type)[0]} << 8);
    const std::uint32_t of_four = std::uint32_t{(*type)[1]} << 8;
    add_to(at + 2, to_four ? of_four + negative(of_six) : of_six + negative(of_four), false);
    at[0] = (*type)[to_four ? 1 : 0];
    packet.offload = {};
    return true;
  }

  std::array<std::uint8_t, 16> client_{}, prefix_{};
  std::array<std::uint8_t, 4> pool_{};
  std::uint32_t to_four_ = 0, to_six_ = 0;  // what the checksums of TCP and UDP change by
  std::uint16_t identification_ = 0;
};

int fail(const char* what) {
  std::perror(what);
  return 1;
}

int open_device(const char* name) {
  constexpr unsigned offloads = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6;
  constexpr unsigned udp_offloads = 0x20 | 0x40;  // TUN_F_USO4, TUN_F_USO6: newer than these headers
  const int device = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
  ifreq request{};
  request.ifr_flags = IFF_TUN | IFF_NO_PI | IFF_VNET_HDR;
  std::strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  if (device < 0 || ioctl(device, TUNSETIFF, &request) != 0) return -1;
  if (ioctl(device, TUNSETOFFLOAD, offloads | udp_offloads) != 0 && ioctl(device, TUNSETOFFLOAD, offloads) != 0)
    return -1;
  return device;
}

int serve(int device, Floor& floor) {
  static std::array<std::uint8_t, Packet::headroom + Packet::max_size> buffer;
  for (;;) {
    Packet packet{buffer.data() + Packet::headroom, 0, {}};
    std::array<iovec, 2> parts{{{&packet.offload, sizeof packet.offload}, {packet.data, Packet::max_size}}};
    const ssize_t count = readv(device, parts.data(), parts.size());
    if (count < 0 && errno != EINTR) return fail("reading");
    if (count <= static_cast<ssize_t>(sizeof packet.offload)) continue;
    packet.size = static_cast<std::size_t>(count) - sizeof packet.offload;
    if (!floor.translate(packet)) continue;
    parts[1] = {packet.data, packet.size};
    if (writev(device, parts.data(), parts.size()) < 0) std::perror("writing");
  }
}

}  // namespace

int main(int count, char** words) {
  Floor floor;
  if (count != 5 || !floor.set_addresses(words[2], words[3], words[4])) {
    std::fprintf(stderr, "usage: nat64_floor DEVICE CLIENT6 POOL4 PREFIX\n");
    return 2;
  }
  const int device = open_device(words[1]);
  return device < 0 ? fail("the device") : serve(device, floor);
}
