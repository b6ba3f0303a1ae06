// Two workers of a NAT64, both sides of which are played by the input: connections, answers, errors, fragments,
// super-packets, hairpins, nonsense, time and reloads, in any order (nat64_world.h has what must hold).
#include <algorithm>

#include "fuzz/nat64_world.h"

namespace dragoman::nat64 {
namespace {

using namespace fuzzed;

constexpr std::array<std::uint8_t, 8> tcp_flags{0x02, 0x12, 0x10, 0x18, 0x11, 0x04, 0x14, 0xc2};
constexpr std::array<int, 8> waits{1, 2, 7, 61, 130, 241, 301, 7441};

struct Flow {
  bool v6 = false;
  std::uint8_t protocol = udp_number;  // icmp_number for both families
  ip::Ipv6Octets source6{}, destination6{};
  ip::Ipv4Octets source4{}, destination4{};
  std::uint16_t source_port = 0, destination_port = 0;  // of a query the first is the identifier
};

class Player {
 public:
  Player(Choices& choices, World& world) : choices_(choices), world_(world) {}

  void play() {
    while (choices_.any()) step();
    world_.end();
  }

 private:
  void step() {
    switch (choices_.below(10)) {
      case 0:
      case 1:
        return write_from_inside();
      case 2:
      case 3:
      case 4:
        return answer();
      case 5:
        return write_from_outside();
      case 6:
        return tell_error();
      case 7:
        return choices_.once_in(2) ? send_octets() : send_again();
      case 8:
        return world_.pass(seconds(waits[choices_.below(waits.size())]));
      default:
        return choices_.once_in(4) ? world_.reload() : write_from_inside();
    }
  }

  std::uint8_t any_protocol() {
    constexpr std::array<std::uint8_t, 4> protocols{tcp_number, udp_number, icmp_number, tcp_number};
    return protocols[choices_.below(protocols.size())];
  }

  void write_from_inside() {
    Flow flow{.v6 = true, .protocol = any_protocol()};
    flow.source6 = hosts[choices_.below(hosts.size())];
    const std::size_t to = choices_.below(5);
    const ip::Ipv4Octets& remote = to < 2 ? servers[to] : to < 4 ? pool_addresses[to - 2] : servers[0];
    flow.destination6 = world_.prefix(choices_.below(2)).embed(remote);
    flow.source_port = static_cast<std::uint16_t>(choices_.once_in(8) ? 100 : 5000 + choices_.octet() % 32);
    flow.destination_port = to < 2 ? 80 : pool_port();
    send(flow, choices_.below(2) == 0);
  }

  // A port of the pool that somebody may have.
  std::uint16_t pool_port() {
    if (choices_.once_in(4)) return static_port;
    return static_cast<std::uint16_t>(512 + 7 * choices_.octet());
  }

  void write_from_outside() {
    Flow flow{.v6 = false, .protocol = any_protocol()};
    flow.source4 = servers[choices_.below(servers.size())];
    flow.destination4 = pool_addresses[choices_.below(pool_addresses.size())];
    flow.source_port = 80;
    flow.destination_port = pool_port();
    if (flow.protocol == icmp_number) flow.source_port = flow.destination_port;
    send(flow, true);
  }

  // What left comes back, the other way round.
  void answer() {
    if (world_.recent().empty()) return;
    Octets octets = world_.recent()[choices_.below(world_.recent().size())];
    Packet packet{octets.data(), octets.size(), {}};
    Flow flow{.v6 = is_v6(packet)};
    Transport transport;
    if (flow.v6) {
      Ipv6Headers headers;
      if (read_ipv6(packet, headers)) return;
      std::memcpy(flow.source6.data(), headers.destination, 16);
      std::memcpy(flow.destination6.data(), headers.source, 16);
      flow.protocol = headers.protocol == icmp6_number ? icmp_number : headers.protocol;
      transport = headers.transport;
    } else {
      Ipv4Headers headers;
      if (read_ipv4(packet, headers)) return;
      std::memcpy(flow.source4.data(), headers.destination, 4);
      std::memcpy(flow.destination4.data(), headers.source, 4);
      flow.protocol = headers.protocol;
      transport = headers.transport;
    }
    flow.source_port = transport.destination_port;
    flow.destination_port = transport.source_port;
    send(flow, false);
  }

  // An error about what left, from the host that it was for or a router on the way.
  void tell_error() {
    if (world_.recent().empty()) return;
    const Octets about = world_.recent()[choices_.below(world_.recent().size())];
    const Packet packet{const_cast<std::uint8_t*>(about.data()), about.size(), {}};
    Flow flow{.v6 = is_v6(packet), .protocol = icmp_number};
    constexpr std::array<std::uint8_t, 4> types4{3, 11, 12, 5}, types6{1, 2, 3, 4};
    Octets message(8);
    message[0] = (flow.v6 ? types6 : types4)[choices_.below(4)];
    message[1] = static_cast<std::uint8_t>(choices_.below(8));
    store_u32(&message[4], static_cast<std::uint32_t>(choices_.octet() * 8));
    const std::size_t quoted = std::min<std::size_t>(about.size(), choices_.once_in(4) ? choices_.octet() : 500);
    message.insert(message.end(), about.begin(), about.begin() + static_cast<std::ptrdiff_t>(quoted));
    if (flow.v6) {
      std::memcpy(flow.source6.data(), &about[24], 16);
      std::memcpy(flow.destination6.data(), &about[8], 16);
      if (choices_.once_in(2)) flow.source6[15] = 0xfe;
    } else {
      std::memcpy(flow.source4.data(), &about[16], 4);
      std::memcpy(flow.destination4.data(), &about[12], 4);
      if (choices_.once_in(2)) flow.source4 = {203, 0, 113, 99};
    }
    send_whole(with_ip_header(flow, message), {});
  }

  // -- Making packets --

  void send(const Flow& flow, bool begins) {
    const std::size_t size = choices_.once_in(4) ? choices_.octet() * std::size_t{17} : choices_.octet() % 32;
    Octets message = flow.protocol == tcp_number   ? tcp(flow, begins, size)
                     : flow.protocol == udp_number ? udp(flow, size)
                                                   : echo(flow, begins, size);
    Octets packet = with_ip_header(flow, message);
    const std::size_t header_size = packet.size() - message.size();
    if (choices_.once_in(6) && message.size() > 8) return send_fragments(packet, header_size);
    Offload offload;
    if (choices_.once_in(6) && flow.protocol != icmp_number && size > 0) {
      offload.kind = flow.protocol == udp_number ? Offload::udp : flow.v6 ? Offload::tcp6 : Offload::tcp4;
      offload.segment_size = static_cast<std::uint16_t>(1 + choices_.octet() * 5);
    }
    if (choices_.once_in(4) && flow.protocol != icmp_number) {
      offload.flags = Offload::needs_checksum;
      offload.checksum_start = static_cast<std::uint16_t>(header_size);
      offload.checksum_offset = flow.protocol == tcp_number ? 16 : 6;
    }
    send_whole(std::move(packet), offload);
  }

  Octets tcp(const Flow& flow, bool begins, std::size_t size) {
    Octets message(20 + size);
    store_u16(&message[0], flow.source_port);
    store_u16(&message[2], flow.destination_port);
    message[12] = 0x50;
    message[13] = begins && !choices_.once_in(4) ? 0x02 : tcp_flags[choices_.below(tcp_flags.size())];
    return message;
  }
  Octets udp(const Flow& flow, std::size_t size) {
    Octets message(8 + size);
    store_u16(&message[0], flow.source_port);
    store_u16(&message[2], flow.destination_port);
    store_u16(&message[4], static_cast<std::uint16_t>(message.size()));
    return message;
  }
  Octets echo(const Flow& flow, bool is_request, std::size_t size) {
    Octets message(8 + size);
    message[0] = flow.v6 ? is_request ? 128 : 129 : is_request ? 8 : 0;
    store_u16(&message[4], flow.source_port);
    return message;
  }

  Octets with_ip_header(const Flow& flow, const Octets& message) {
    Octets packet(flow.v6 ? 40 : 20);
    const auto hops = static_cast<std::uint8_t>(choices_.once_in(16) ? 1 : 64);
    if (flow.v6) {
      packet[0] = 0x60;
      store_u16(&packet[4], static_cast<std::uint16_t>(message.size()));
      packet[6] = flow.protocol == icmp_number ? icmp6_number : flow.protocol;
      packet[7] = hops;
      std::copy(flow.source6.begin(), flow.source6.end(), packet.begin() + 8);
      std::copy(flow.destination6.begin(), flow.destination6.end(), packet.begin() + 24);
    } else {
      packet[0] = 0x45;
      store_u16(&packet[2], static_cast<std::uint16_t>(20 + message.size()));
      store_u16(&packet[4], static_cast<std::uint16_t>(choices_.below(4)));
      store_u16(&packet[6], choices_.once_in(2) ? 0x4000 : 0);
      packet[8] = hops;
      packet[9] = flow.protocol;
      std::copy(flow.source4.begin(), flow.source4.end(), packet.begin() + 12);
      std::copy(flow.destination4.begin(), flow.destination4.end(), packet.begin() + 16);
      give_header_checksum(packet);
    }
    packet.insert(packet.end(), message.begin(), message.end());
    return packet;
  }

  static void give_header_checksum(Octets& packet) {
    ip::store_word(&packet[10], 0);
    ip::store_word(&packet[10], ip::checksum_of(ip::sum_words(packet.data(), 20)));
  }

  // UDP over IPv4 may go without a checksum.
  template <class Headers>
  void give_checksum_if_whole(Packet& packet) {
    Headers headers;
    if (read(packet, headers) || judge(packet, headers) == Checksum::not_known) return;
    const bool may_go_without = !is_v6(packet) && headers.protocol == udp_number && !packet.offload.is_partial();
    if (may_go_without && choices_.once_in(4)) return;
    give_checksum(packet, headers);
  }

  void give_transport_checksum(Octets& octets, const Offload& offload) {
    Packet packet{octets.data(), octets.size(), offload};
    is_v6(packet) ? give_checksum_if_whole<Ipv6Headers>(packet) : give_checksum_if_whole<Ipv4Headers>(packet);
  }

  void send_whole(Octets packet, const Offload& offload) {
    give_transport_checksum(packet, offload);
    world_.deliver(packet, offload);
  }

  // Two or three, in any order, not always all of them.
  void send_fragments(Octets packet, std::size_t header_size) {
    give_transport_checksum(packet, {});
    ++datagram_;
    const std::size_t payload = packet.size() - header_size;
    const std::size_t step = std::max<std::size_t>(8, payload / 3 / 8 * 8);
    std::vector<Octets> fragments;
    for (std::size_t offset = 0; offset < payload; offset += step) {
      const std::size_t size = std::min(step, payload - offset);
      fragments.push_back(fragment(packet, header_size, offset, size));
    }
    for (std::size_t i = choices_.below(3); i > 0; --i) {
      std::swap(fragments[choices_.below(fragments.size())], fragments[choices_.below(fragments.size())]);
    }
    if (choices_.once_in(4)) fragments.pop_back();
    for (const Octets& one : fragments) world_.deliver(one, {});
  }

  Octets fragment(const Octets& packet, std::size_t header_size, std::size_t offset, std::size_t size) {
    const bool more = header_size + offset + size < packet.size();
    Octets octets(packet.begin(), packet.begin() + static_cast<std::ptrdiff_t>(header_size));
    const auto from = packet.begin() + static_cast<std::ptrdiff_t>(header_size + offset);
    if (header_size == 40) {
      Octets header{octets[6], 0, 0, 0, 0, 0, 0, 0};
      store_u16(&header[2], static_cast<std::uint16_t>(offset | more));
      store_u32(&header[4], datagram_);
      octets[6] = 44;
      store_u16(&octets[4], static_cast<std::uint16_t>(8 + size));
      octets.insert(octets.end(), header.begin(), header.end());
    } else {
      store_u16(&octets[2], static_cast<std::uint16_t>(20 + size));
      store_u16(&octets[4], datagram_);
      store_u16(&octets[6], static_cast<std::uint16_t>(offset / 8 | (more ? 0x2000 : 0)));
      give_header_checksum(octets);
    }
    octets.insert(octets.end(), from, from + static_cast<std::ptrdiff_t>(size));
    return octets;
  }

  // -- Nonsense --

  void send_octets() {
    world_.be_hostile();
    Octets octets(choices_.octet());
    for (std::uint8_t& octet : octets) octet = choices_.octet();
    Offload offload;
    if (choices_.once_in(4)) {
      offload.flags = choices_.octet();
      offload.kind = choices_.octet();
      offload.segment_size = choices_.octet();
      offload.checksum_start = choices_.octet();
      offload.checksum_offset = choices_.octet();
    }
    world_.deliver(octets, offload);
  }

  // As it left, with some octets changed.
  void send_again() {
    if (world_.recent().empty()) return;
    world_.be_hostile();
    Octets octets = world_.recent()[choices_.below(world_.recent().size())];
    for (std::size_t i = choices_.below(4); i > 0; --i) octets[choices_.octet() % octets.size()] = choices_.octet();
    if (octets[0] >> 4 == 4 && octets.size() >= 20) give_header_checksum(octets);
    world_.deliver(octets, {});
  }

  Choices& choices_;
  World& world_;
  std::uint16_t datagram_ = 0;  // the identification of the last one in fragments: honest hosts give each another
};

}  // namespace
}  // namespace dragoman::nat64

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  dragoman::fuzz::Choices choices({data, size});
  dragoman::nat64::fuzzed::World world(choices);
  dragoman::nat64::Player(choices, world).play();
  return 0;
}
