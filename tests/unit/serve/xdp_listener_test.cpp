// Frames in, frames out, and what leaves through the UDP socket instead: over a veth pair in a network of the test's
// own; skipped where BPF is not permitted.
#include "xdp_listener.h"

#include <gtest/gtest.h>

#include "fakes/packets.h"
#include "fakes/veth_wire.h"
#include "server_fixture.h"

namespace dragoman::serve {
namespace {

using fakes::endpoint;
using test::VethWire;

const ip::Endpoint client4 = endpoint("192.0.2.2:4000"), server4 = endpoint("192.0.2.1:5300");
const ip::Endpoint client6 = endpoint("[2001:db8::2]:4000"), server6 = endpoint("[2001:db8::1]:5300");

class XdpListenerTest : public ServerTest {
 protected:
  // The test in its network, with this listener and every frame to the servers taken by AF_XDP.
  void serve(const char* listener, FunctionRef<void(const VethWire&)> test) {
    test::with_veth_wire(2, [&](VethWire& wire) {
      start({listener});
      auto port = net::XdpPort::open("near", net::XdpMode::native);
      ASSERT_TRUE(port) << port.error().text();
      for (unsigned queue = 0; queue < port->queues(); ++queue) {
        auto socket = port->open_queue(queue);
        ASSERT_TRUE(socket) << socket.error().text();
        server->listen(*std::move(socket), *port);
      }
      ASSERT_TRUE(port->take({server4, server6}));
      test(wire);
      server.reset();
    });
  }

  void ask(const VethWire& wire, const std::string& query, bool is_v6 = false) {
    wire.send(is_v6 ? fakes::udp(client6, server6, query) : fakes::udp(client4, server4, query));
  }
  std::string arrival(const VethWire& wire) {
    std::string text;
    until([&] { return !(text = wire.arrived()).empty(); });
    return text;
  }
  bool counts(XdpFrame frame, std::uint64_t count) {
    return until([&] { return metrics.xdp_frames(frame).value() == count; });
  }
  static std::string from_server(const std::string& query, bool is_v6 = false) {
    return (is_v6 ? "udp [2001:db8::1]:5300 > [2001:db8::2]:4000 " : "udp 192.0.2.1:5300 > 192.0.2.2:4000 ") +
           reply_to(query);
  }
};

TEST_F(XdpListenerTest, answers_in_the_frame) {
  serve("dns://[::]:5300", [&](const VethWire& wire) {
    for (const bool is_v6 : {false, true}) {
      ask(wire, dns_message(7), is_v6);
      EXPECT_EQ(arrival(wire), from_server(dns_message(7), is_v6));
      EXPECT_EQ(handler.asked.back().client.address, is_v6 ? client6.address : client4.address);
      EXPECT_EQ(handler.asked.back().client.protocol, resolve::Protocol::udp);
      EXPECT_EQ(handler.asked.back().listener, "dns://[::]:5300");
    }
    EXPECT_EQ(metrics.xdp_frames(XdpFrame::answered).value(), 2u);
  });
}

TEST_F(XdpListenerTest, answers_more_than_a_turns_batches) {
  serve("dns://192.0.2.1:5300", [&](const VethWire& wire) {
    for (std::uint16_t id = 0; id < 500; ++id) ask(wire, dns_message(id));
    for (std::uint16_t id = 0; id < 500; ++id) ASSERT_EQ(arrival(wire), from_server(dns_message(id)));
  });
}

TEST_F(XdpListenerTest, lets_late_replies_leave_through_the_socket) {
  const struct {
    const char* listener;
    bool is_v6;
  } cases[] = {{"dns://[::]:5300", false},
               {"dns://[::]:5300", true},
               {"dns://192.0.2.1:5300", false},
               {"dns://[2001:db8::1]:5300", true}};
  std::uint64_t late = 0;
  for (const auto& each : cases) {
    serve(each.listener, [&](const VethWire& wire) {
      ask(wire, dns_message(1, 33, slow), each.is_v6);
      ASSERT_TRUE(until([&] { return handler.waiting.size() == 1; }));
      EXPECT_TRUE(counts(XdpFrame::late, ++late));
      handler.release();
      EXPECT_EQ(arrival(wire), from_server(dns_message(1, 33, slow), each.is_v6)) << each.listener;
    });
  }
}

TEST_F(XdpListenerTest, lets_replies_longer_than_the_link_leave_in_fragments) {
  serve("dns://[::]:5300", [&](const VethWire& wire) {
    for (const bool is_v6 : {false, true}) {
      ask(wire, dns_message(1, 33, large), is_v6);
      EXPECT_EQ(arrival(wire).substr(0, 9), "fragment ");
    }
    EXPECT_TRUE(counts(XdpFrame::too_long, 2));
  });
}

TEST_F(XdpListenerTest, says_nothing_to_what_is_no_query) {
  serve("dns://[::]:5300", [&](const VethWire& wire) {
    ask(wire, dns_message(1, 33, dropped));
    EXPECT_TRUE(counts(XdpFrame::ignored, 1));
    fakes::Octets damaged = fakes::udp(client4, server4, dns_message(1));
    damaged.back() ^= 1;
    wire.send(damaged);
    EXPECT_TRUE(counts(XdpFrame::invalid, 1));
    EXPECT_EQ(handler.asked.size(), 1u);
    EXPECT_EQ(wire.arrived(), "");
  });
}

TEST_F(XdpListenerTest, forgets_late_replies_when_it_goes) {
  serve("dns://[::]:5300", [&](const VethWire& wire) {
    ask(wire, dns_message(1, 33, slow));
    ASSERT_TRUE(until([&] { return handler.waiting.size() == 1; }));
    server.reset();
    handler.release();
    EXPECT_EQ(wire.arrived(), "");
  });
}

// A specific address before all addresses, and the port in any case.
TEST_F(XdpListenerTest, knows_which_listener_a_frame_is_for) {
  test::with_veth_wire(1, [&](VethWire& wire) {
    start({"dns://0.0.0.0:5300", "dns://[2001:db8::1]:5300"});
    auto port = net::XdpPort::open("near", net::XdpMode::native);
    ASSERT_TRUE(port) << port.error().text();
    auto socket = port->open_queue(0);
    ASSERT_TRUE(socket) << socket.error().text();
    server->listen(*std::move(socket), *port);
    const ip::Endpoint nobodys = fakes::endpoint("192.0.2.1:53");
    ASSERT_TRUE(port->take({server4, server6, nobodys}));
    ask(wire, dns_message(1));
    EXPECT_EQ(arrival(wire), from_server(dns_message(1)));
    EXPECT_EQ(handler.asked.back().listener, "dns://0.0.0.0:5300");
    ask(wire, dns_message(2), true);
    EXPECT_EQ(arrival(wire), from_server(dns_message(2), true));
    EXPECT_EQ(handler.asked.back().listener, "dns://[2001:db8::1]:5300");
    wire.send(fakes::udp(client4, nobodys, dns_message(3)));
    EXPECT_TRUE(counts(XdpFrame::invalid, 1));
    server.reset();
  });
}

}  // namespace
}  // namespace dragoman::serve
