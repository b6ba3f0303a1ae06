// The XDP program that picks queries out of the frames of an interface. Pure: what is written are words.
//
// It takes UDP in IPv4 without options and fragments and in IPv6 without extension headers, to the interface's own MAC
// address and to an address and port that somebody listens at, and gives it to the AF_XDP socket of the queue that it
// came by. Everything else goes the way that it always went: ARP, neighbour discovery, TCP, VLANs, fragments, longer
// frames, other hosts' packets, and a queue that has no socket.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "dragoman/base/bpf_assembler.h"
#include "dragoman/ip/address.h"

namespace dragoman::net {

using MacAddress = std::array<std::uint8_t, 6>;

// The key of the map of listeners. IPv4 is mapped; the port as in a packet.
struct XdpListenerKey {
  ip::Ipv6Octets address;
  std::array<std::uint8_t, 2> port;
  std::array<std::uint8_t, 2> zero;
};
static_assert(sizeof(XdpListenerKey) == 20);
XdpListenerKey xdp_listener_key(const ip::Endpoint& endpoint);

struct XdpProgramOptions {
  MacAddress mac{};
  std::uint16_t max_frame = 0;  // octets with the Ethernet header
};
struct XdpMaps {
  int listeners = -1;  // hash: XdpListenerKey -> u32, whatever it is
  int sockets = -1;    // xdp_sockets: queue -> socket
};
std::vector<BpfInstruction> xdp_program(const XdpProgramOptions& options, const XdpMaps& maps);

}  // namespace dragoman::net
