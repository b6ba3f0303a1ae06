// A veth pair in a network of the test's own: "near", with an address of each family, is what is tested;
// frames come from "far" and arrive there as they are, past any stack. To the kernel 192.0.2.2 and 2001:db8::2 are
// behind far.
#pragma once

#include <gtest/gtest.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "dragoman/net/bpf.h"
#include "dragoman/net/netlink.h"
#include "fakes/network_namespace.h"
#include "fakes/packets.h"
#include "fakes/seen_packet.h"

namespace dragoman::test {

class VethWire {
 public:
  VethWire() : netlink_(*net::Netlink::open()) {
    near_ = *netlink_.link("near");
    far_ = *netlink_.link("far");
    far_socket_ = net::UniqueFd(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL)));
    const int on = 1, room = 4 << 20;
    ::setsockopt(far_socket_.get(), SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on);
    ::setsockopt(far_socket_.get(), SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_protocol = htons(ETH_P_ALL);
    address.sll_ifindex = static_cast<int>(far_.index);
    EXPECT_EQ(::bind(far_socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  }

  void send(const fakes::Octets& packet) const {
    fakes::Octets frame(near_.hardware_address.begin(), near_.hardware_address.end());
    frame.insert(frame.end(), far_.hardware_address.begin(), far_.hardware_address.end());
    const std::uint16_t type = packet[0] >> 4 == 6 ? ETH_P_IPV6 : ETH_P_IP;
    frame.insert(frame.end(), {static_cast<std::uint8_t>(type >> 8), static_cast<std::uint8_t>(type)});
    frame.insert(frame.end(), packet.begin(), packet.end());
    ASSERT_EQ(::send(far_socket_.get(), frame.data(), frame.size(), 0), std::ssize(frame));
  }

  // The next UDP datagram (or fragment) that has come, as text; "" when there is none.
  std::string arrived() const {
    for (fakes::Octets frame;;) {
      frame.resize(65536);
      const ssize_t size = ::recv(far_socket_.get(), frame.data(), frame.size(), MSG_DONTWAIT);
      if (size < 0) return "";
      frame.resize(static_cast<std::size_t>(size));
      const std::string text = text_of(frame);
      if (text.starts_with("udp") || text.starts_with("fragment")) return text;
    }
  }
  std::string wait_for_arrival() const {
    for (;;) {
      if (const std::string text = arrived(); !text.empty()) return text;
      pollfd ready{far_socket_.get(), POLLIN, 0};
      if (::poll(&ready, 1, 5000) <= 0) return "nothing";
    }
  }

  const net::Link& near() const { return near_; }

 private:
  static std::string text_of(const fakes::Octets& frame) {
    const std::uint16_t type = load_u16(&frame[12]);
    if (type != ETH_P_IP && type != ETH_P_IPV6) return "";
    const std::size_t size = type == ETH_P_IP ? load_u16(&frame[16]) : 40u + load_u16(&frame[18]);
    return fakes::look(fakes::Octets(frame.begin() + 14, frame.begin() + 14 + static_cast<std::ptrdiff_t>(size)))
        .text();
  }

  net::Netlink netlink_;
  net::Link near_, far_;
  net::UniqueFd far_socket_;
};

// The last statement of a test: skips it where this may not use BPF.
inline void with_veth_wire(int queues, FunctionRef<void(VethWire&)> test) {
  in_own_network([&] {
    const std::string count = std::to_string(queues);
    const std::string both = " numrxqueues " + count + " numtxqueues " + count;
    const std::string commands =
        "ip link add near" + both + " type veth peer name far" + both +
        " &&"
        "for i in lo near far; do ip link set $i up || exit 1; done;"
        "ip addr add 192.0.2.1/24 dev near && ip addr add 2001:db8::1/64 dev near nodad &&"
        "mac=$(ip -o link show far | sed 's/.*ether \\([^ ]*\\).*/\\1/') &&"
        "ip neigh add 192.0.2.2 lladdr $mac dev near && ip neigh add 2001:db8::2 lladdr $mac dev near &&"
        "ethtool -K near tx off >/dev/null";  // far has no device that would complete checksums
    if (system(commands.c_str()) != 0) GTEST_SKIP() << "no veth pair";
    if (const auto map = net::BpfMap::make("test", {net::BpfMap::Kind::hash, 4, 4, 1}); !map) {
      GTEST_SKIP() << map.error().text();
    }
    VethWire wire;
    test(wire);
  });
}

}  // namespace dragoman::test
