// Filtering, and which binding and session a packet has (RFC 6146 3.5).
#include <gtest/gtest.h>

#include "scene.h"

namespace dragoman::nat64 {
namespace {

using namespace scene;

const ip::Endpoint client = endpoint("[2001:db8:1::1]:5000");
const ip::Endpoint server = synthesized("203.0.113.5:80");
const ip::Endpoint server4 = endpoint("203.0.113.5:80");
const ip::Endpoint stranger = endpoint("203.0.113.77:4000");

// -- What comes from IPv4 --

// R54 (RFC 6888 REQ-11): told in ICMPv4, since the packet came from there.
TEST(Filtering, tells_an_ipv4_sender_in_icmpv4_that_there_is_no_room) {
  Options options = standard_options();
  options.subscriber.sessions = 1;
  Nat64 limited(options);
  const Seen out = limited.pass(udp(client, server));
  EXPECT_EQ(limited.pass(udp(stranger, out.source)).text().substr(0, 44), "error 3/13 198.51.100.1 > 203.0.113.77 about");
  EXPECT_EQ(limited.drops(DropReason::subscriber_sessions), 1u);

  options = standard_options();
  options.max_sessions = 1;
  Nat64 full(options);
  const Seen other = full.pass(udp(client, server));
  EXPECT_EQ(full.pass(udp(stranger, other.source)).text().substr(0, 43), "error 3/1 198.51.100.1 > 203.0.113.77 about");
  EXPECT_EQ(full.drops(DropReason::session_table_full), 1u);
}

}  // namespace
}  // namespace dragoman::nat64
