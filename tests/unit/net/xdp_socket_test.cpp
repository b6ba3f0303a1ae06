// What becomes of frames in the rings, over a veth pair in a network of the test's own; skipped where BPF is not
// permitted. That they come and go is seen in xdp_port_test.cpp.
#include "dragoman/net/xdp_socket.h"

#include <gtest/gtest.h>
#include <poll.h>

#include "dragoman/ip/udp_frame.h"
#include "dragoman/net/xdp_port.h"
#include "fakes/packets.h"
#include "fakes/veth_wire.h"

namespace dragoman::net {
namespace {

using fakes::endpoint;
using fakes::Octets;

const ip::Endpoint client = endpoint("192.0.2.2:4000"), server = endpoint("192.0.2.1:53");

std::size_t receive(XdpSocket& socket) {
  pollfd ready{socket.fd(), POLLIN, 0};
  return ::poll(&ready, 1, 5000) > 0 ? socket.receive() : 0;
}

// Answers the frame in place as a listener does.
void answer(XdpSocket& socket, std::size_t index, std::string_view payload) {
  const auto query = ip::read_udp_frame(socket.frame(index));
  ASSERT_TRUE(query);
  std::copy(payload.begin(), payload.end(), socket.room(index) + query->payload_offset);
  socket.reply(index, ip::reply_in_place(socket.room(index), *query, payload.size()));
}

// Frames are 4096: if some were lost at each turn, none would be left.
TEST(XdpSocket, loses_no_frame_whatever_becomes_of_it) {
  test::with_veth_wire(1, [](test::VethWire& wire) {
    auto port = XdpPort::open("near", XdpMode::native);
    ASSERT_TRUE(port) << port.error().text();
    auto socket = port->open_queue(0);
    ASSERT_TRUE(socket) << socket.error().text();
    ASSERT_TRUE(port->take({server}));
    const Octets query = fakes::udp(client, server, "question");
    for (int i = 0; i < 10000; ++i) {
      wire.send(query);
      ASSERT_EQ(receive(*socket), 1u) << i;
      if (i % 3 == 0) answer(*socket, 0, "answer");
      ASSERT_EQ(socket->send(), 0u);
    }
    const XdpSocket::Statistics counted = XdpSocket::statistics(socket->fd());
    EXPECT_EQ(counted.rx_dropped + counted.rx_ring_full + counted.tx_invalid_descs, 0u);
  });
}

TEST(XdpSocket, counts_what_the_kernel_had_to_drop) {
  test::with_veth_wire(1, [](test::VethWire& wire) {
    auto port = XdpPort::open("near", XdpMode::native);
    ASSERT_TRUE(port) << port.error().text();
    auto socket = port->open_queue(0);
    ASSERT_TRUE(socket) << socket.error().text();
    ASSERT_TRUE(port->take({server}));
    for (int i = 0; i < 3000; ++i) wire.send(fakes::udp(client, server, "question"));
    EXPECT_GT(XdpSocket::statistics(socket->fd()).rx_ring_full, 0u);
  });
}

TEST(XdpSocket, says_when_it_may_not_be_opened) {
  test::with_veth_wire(1, [](test::VethWire&) {
    const auto missing = XdpSocket::open("nowhere", 0, XdpHook::generic);
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, ErrorCode::not_found);
    EXPECT_NE(missing.error().text().find("nowhere, queue 0"), std::string::npos);
  });
}

}  // namespace
}  // namespace dragoman::net
