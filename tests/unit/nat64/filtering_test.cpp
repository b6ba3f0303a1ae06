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
  EXPECT_EQ(limited.pass(udp(stranger, out.source)).text().substr(0, 44),
            "error 3/13 198.51.100.1 > 203.0.113.77 about");
  EXPECT_EQ(limited.drops(DropReason::subscriber_sessions), 1u);

  options = standard_options();
  options.max_sessions = 1;
  Nat64 full(options);
  const Seen other = full.pass(udp(client, server));
  EXPECT_EQ(full.pass(udp(stranger, other.source)).text().substr(0, 43), "error 3/1 198.51.100.1 > 203.0.113.77 about");
  EXPECT_EQ(full.drops(DropReason::session_table_full), 1u);
}

// R24 (RFC 1812 5.3.7)
TEST(Filtering, drops_ipv4_sources_that_no_packet_may_have) {
  Nat64 nat64;
  const Seen out = nat64.pass(udp(client, server));
  int count = 0;
  for (const char* source : {"0.0.0.0", "0.1.2.3", "127.0.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"}) {
    EXPECT_EQ(nat64.say(udp(endpoint(source, 80), out.source)), "-") << source;
    EXPECT_EQ(nat64.drops(DropReason::illegal_source), ++count) << source;
  }
}

// R10 (RFC 6146 3.5.2.2): in silence.
TEST(Filtering, may_refuse_connections_that_ipv4_begins) {
  Options options = standard_options();
  options.inbound_tcp = false;
  Nat64 nat64(options);
  const Seen out = nat64.pass(tcp(client, server, "S"));
  EXPECT_EQ(nat64.say(tcp(stranger, out.source, "S")), "-");
  EXPECT_EQ(nat64.drops(DropReason::filtered), 1u);
  EXPECT_NE(nat64.say(tcp(server4, out.source, "SA")), "-") << "its own go on";
}

// R41 (RFC 6052 3.1): what comes from a private address is not shown under the Well-Known Prefix.
TEST(Filtering, lets_nobody_in_that_the_prefix_must_not_hold) {
  Nat64 nat64;
  const Seen out = nat64.pass(udp(client, server));
  EXPECT_EQ(nat64.pass(udp(endpoint("10.0.0.1:80"), out.source)).icmp.code, 13);
  EXPECT_EQ(nat64.drops(DropReason::denied_destination), 1u);
}

// ... nor when a session with the same host exists under another prefix (R42: RFC 8215).
TEST(Filtering, holds_a_session_to_the_prefix_that_its_packets_use) {
  Options options = standard_options();
  options.prefixes.push_back(*ip::Pref64::from_text("64:ff9b:1::/96"));
  Nat64 nat64(options);
  EXPECT_EQ(nat64.pass(udp(client, synthesized("10.0.0.1:80", options.prefixes[1]))).kind, "udp");
  EXPECT_EQ(nat64.pass(udp(client, synthesized("10.0.0.1:80"))).text().substr(0, 9), "error 1/1");
  EXPECT_EQ(nat64.drops(DropReason::denied_destination), 1u);
}

// R12, R41: a pool of private addresses, as behind another NAT, is no destination of the outside.
TEST(Filtering, hairpins_under_the_well_known_prefix_though_the_pool_is_private) {
  Options options = standard_options();
  options.pool4 = {{{10, 0, 0, 1}, {10, 0, 0, 1}, 1024, 65535, false}};
  options.well_known_prefix = ip::WellKnownPrefixRule::rfc6052;
  Nat64 nat64(options);
  const ip::Endpoint friendly = synthesized("8.8.8.8:53"), second = endpoint("[2001:db8:2::2]:6000");
  const Seen first = nat64.pass(udp(client, friendly));
  const Seen turned = nat64.pass(udp(second, synthesized(first.source.to_text())));
  EXPECT_EQ(turned.source.address, address("64:ff9b::10.0.0.1"));
  EXPECT_EQ(turned.destination, client);
}

// -- Filtering by address. R10 (RFC 6146 3.5) --

Options address_dependent() {
  Options options = standard_options();
  options.filtering = Filtering::address_dependent;
  return options;
}

TEST(Filtering, lets_everybody_in_who_knows_the_port) {
  Nat64 nat64;
  const Seen out = nat64.pass(udp(client, server));
  EXPECT_EQ(nat64.say(udp(stranger, out.source, "hello")),
            "udp [64:ff9b::cb00:714d]:4000 > [2001:db8:1::1]:5000 hello");
}

TEST(Filtering, lets_in_by_address_whom_the_inside_wrote_to) {
  Nat64 nat64(address_dependent());
  const Seen out = nat64.pass(udp(client, server));
  EXPECT_EQ(nat64.pass(udp(stranger, out.source)).text().substr(0, 10), "error 3/13");
  EXPECT_EQ(nat64.drops(DropReason::filtered), 1u);
  EXPECT_EQ(nat64.pass(udp(endpoint("203.0.113.5:9999"), out.source)).kind, "udp") << "any port of it";
}

TEST(Filtering, by_address_begins_with_the_next_packet_after_a_reload) {
  Nat64 nat64;
  const Seen out = nat64.pass(udp(client, server));
  nat64.apply(address_dependent());
  EXPECT_EQ(nat64.pass(udp(server4, out.source)).kind, "udp") << "its session";
  EXPECT_EQ(nat64.pass(udp(stranger, out.source)).icmp.code, 13);
  nat64.pass(udp(client, server));
  EXPECT_EQ(nat64.pass(udp(endpoint("203.0.113.5:9999"), out.source)).kind, "udp");
}

// What was permitted once must not permit anything for whoever gets the binding's place.
TEST(Filtering, by_address_leaves_nothing_behind_when_a_reload_ended_it) {
  Nat64 nat64(address_dependent());
  nat64.pass(udp(client, server));
  nat64.apply(standard_options());
  nat64.wait(seconds(302));
  ASSERT_EQ(nat64.bindings(), 0);
  nat64.apply(address_dependent());
  const Seen other = nat64.pass(udp(endpoint("[2001:db8:2::2]:6000"), synthesized("203.0.113.99:1")));
  EXPECT_EQ(nat64.pass(udp(server4, other.source)).icmp.code, 13);
}

}  // namespace
}  // namespace dragoman::nat64
