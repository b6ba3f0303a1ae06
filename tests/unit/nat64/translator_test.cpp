// The way of a packet through the stateful NAT64, step by step (RFC 6146 3.4 to 3.8).
#include "dragoman/nat64/translator.h"

#include <gtest/gtest.h>

#include "scene.h"

namespace dragoman::nat64 {
namespace {

using namespace scene;

const ip::Endpoint client = endpoint("[2001:db8:1::1]:5000");
const ip::Endpoint server = synthesized("203.0.113.5:80");

// R1 (RFC 6146 3.1), R20, R30
TEST(Translator, takes_a_datagram_to_ipv4_and_the_reply_back) {
  Nat64 nat64;
  const Seen out = nat64.pass(udp(client, server, "ask"));
  EXPECT_EQ(out.text(), "udp 198.51.100.1:" + std::to_string(out.source.port) + " > 203.0.113.5:80 ask");
  EXPECT_GE(out.source.port, 1024);
  EXPECT_EQ(out.hop_limit, 63);
  EXPECT_EQ(nat64.say(udp(out.destination, out.source, "answer")),
            "udp [64:ff9b::cb00:7105]:80 > [2001:db8:1::1]:5000 answer");
}

TEST(Translator, takes_a_connection_both_ways) {
  Nat64 nat64;
  const Seen out = nat64.pass(tcp(client, server, "S"));
  EXPECT_EQ(out.text(), "tcp 198.51.100.1:" + std::to_string(out.source.port) + " > 203.0.113.5:80 S");
  EXPECT_EQ(nat64.say(tcp(out.destination, out.source, "SA")),
            "tcp [64:ff9b::cb00:7105]:80 > [2001:db8:1::1]:5000 SA");
}

TEST(Translator, takes_a_ping_both_ways) {
  Nat64 nat64;
  const Seen out = nat64.pass(ping(client.address, server.address, 77));
  EXPECT_EQ(out.kind, "ping");
  EXPECT_EQ(out.source.address, address("198.51.100.1"));
  EXPECT_EQ(nat64.say(ping(out.destination.address, out.source.address, out.source.port, Echo::reply, "back")),
            "pong [64:ff9b::cb00:7105]:77 > [2001:db8:1::1]:77 back");
}

}  // namespace
}  // namespace dragoman::nat64
