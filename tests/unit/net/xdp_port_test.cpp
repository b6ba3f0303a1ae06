// Frames between the two ends of a veth pair, in a network of the test's own; skipped where BPF is not permitted.
#include "dragoman/net/xdp_port.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include "dragoman/ip/udp_frame.h"
#include "fakes/packets.h"
#include "fakes/veth_wire.h"

namespace dragoman::net {
namespace {

using fakes::endpoint;
using fakes::Octets;
using testing::HasSubstr;

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

TEST(XdpPort, brings_queries_and_takes_replies_by_both_hooks) {
  for (const XdpMode mode : {XdpMode::native, XdpMode::generic}) {
    test::with_veth_wire(2, [&](test::VethWire& wire) {
      auto port = XdpPort::open("near", mode);
      ASSERT_TRUE(port) << port.error().text();
      EXPECT_EQ(port->hook(), mode == XdpMode::native ? XdpHook::native : XdpHook::generic);
      EXPECT_EQ(port->queues(), 2u);
      EXPECT_EQ(port->mtu(), 1500u);
      EXPECT_TRUE(port->is_attached());
      auto socket = port->open_queue(0);
      ASSERT_TRUE(socket) << socket.error().text();
      auto other = port->open_queue(1);
      ASSERT_TRUE(other) << other.error().text();
      ASSERT_TRUE(port->take({server}));
      for (int i = 0; i < 3; ++i) {
        wire.send(fakes::udp(client, server, "question " + std::to_string(i)));
        XdpSocket& ready = receive(*socket) > 0 ? *socket : *other;  // all of one flow come by one queue
        answer(ready, 0, "answer " + std::to_string(i));
        EXPECT_EQ(ready.send(), 0u);
        EXPECT_FALSE(ready.has_unsent());
        EXPECT_EQ(wire.wait_for_arrival(), "udp 192.0.2.1:53 > 192.0.2.2:4000 answer " + std::to_string(i));
      }
    });
  }
}

TEST(XdpPort, takes_what_it_was_told_to_take_last) {
  test::with_veth_wire(1, [](test::VethWire& wire) {
    auto port = XdpPort::open("near", XdpMode::native);
    ASSERT_TRUE(port) << port.error().text();
    auto socket = port->open_queue(0);
    ASSERT_TRUE(socket) << socket.error().text();
    const ip::Endpoint second = endpoint("192.0.2.1:5353");
    ASSERT_TRUE(port->take({server}));
    ASSERT_TRUE(port->take({second}));
    wire.send(fakes::udp(client, server, "not taken"));
    wire.send(fakes::udp(client, second, "taken"));
    ASSERT_EQ(receive(*socket), 1u);
    EXPECT_EQ(ip::read_udp_frame(socket->frame(0))->destination, second);
  });
}

TEST(XdpPort, leaves_the_interface_as_it_was) {
  test::with_veth_wire(1, [](test::VethWire& wire) {
    { ASSERT_TRUE(XdpPort::open("near", XdpMode::native)); }
    auto port = XdpPort::open("near", XdpMode::generic);  // not with another hook in use
    ASSERT_TRUE(port) << port.error().text();
    EXPECT_EQ(wire.near().index, port->link_index());
  });
}

TEST(XdpPort, notices_that_its_interface_is_gone) {
  test::with_veth_wire(1, [](test::VethWire&) {
    auto port = XdpPort::open("near", XdpMode::native);
    ASSERT_TRUE(port) << port.error().text();
    ASSERT_EQ(system("ip link del near"), 0);
    EXPECT_FALSE(port->is_attached());
  });
}

TEST(XdpPort, says_what_is_in_the_way) {
  test::with_veth_wire(1, [](test::VethWire&) {
    auto missing = XdpPort::open("nowhere", XdpMode::automatic);
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, ErrorCode::not_found);
    EXPECT_THAT(missing.error().text(), HasSubstr("nowhere"));

    ASSERT_EQ(system("ip link set lo down"), 0);
    auto down = XdpPort::open("lo", XdpMode::automatic);
    ASSERT_FALSE(down);
    EXPECT_THAT(down.error().text(), HasSubstr("the interface is down: lo"));

    auto port = XdpPort::open("near", XdpMode::native);
    ASSERT_TRUE(port) << port.error().text();
    auto second = XdpPort::open("near", XdpMode::native);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::in_use);
    EXPECT_THAT(second.error().text(), HasSubstr("another XDP program is on the interface: near"));

    auto socket = port->open_queue(0);
    ASSERT_TRUE(socket);
    EXPECT_FALSE(port->open_queue(0));
    EXPECT_FALSE(port->open_queue(1));
  });
}

// The loopback interface's driver has no hook.
TEST(XdpPort, falls_back_to_the_generic_hook_when_it_may) {
  test::with_veth_wire(1, [](test::VethWire&) {
    auto native = XdpPort::open("lo", XdpMode::native);
    ASSERT_FALSE(native);
    EXPECT_EQ(native.error().code, ErrorCode::invalid_argument);
    auto automatic = XdpPort::open("lo", XdpMode::automatic);
    ASSERT_TRUE(automatic) << automatic.error().text();
    EXPECT_EQ(automatic->hook(), XdpHook::generic);
    EXPECT_EQ(automatic->queues(), 1u);
  });
}

}  // namespace
}  // namespace dragoman::net
