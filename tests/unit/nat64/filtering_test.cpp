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

// -- What comes from IPv6 --

// R5 (RFC 6146 3.5), RFC 4291 2.5.2, 2.5.3, 2.5.6, 2.7
TEST(Filtering, drops_ipv6_sources_that_no_packet_may_have) {
  Nat64 nat64;
  int count = 0;
  for (const char* source : {"::", "::1", "ff02::1", "fe80::1", "febf::1"}) {
    EXPECT_EQ(nat64.say(udp(endpoint(source, 5000), server)), "-") << source;
    EXPECT_EQ(nat64.drops(DropReason::illegal_source), ++count) << source;
  }
  EXPECT_EQ(nat64.say(udp(synthesized("203.0.113.9:5000"), server)), "-");
  EXPECT_EQ(nat64.drops(DropReason::loop), 1u);
  EXPECT_EQ(nat64.bindings(), 0);
}

TEST(Filtering, serves_its_clients_alone) {
  Options options = standard_options();
  options.clients = {*ip::Prefix::from_text("2001:db8:1::/48")};
  Nat64 nat64(options);
  EXPECT_EQ(nat64.pass(udp(client, server)).kind, "udp");
  EXPECT_EQ(nat64.say(udp(endpoint("[2001:db8:2::1]:5000"), server)).substr(0, 9), "error 1/1");
  EXPECT_EQ(nat64.drops(DropReason::not_allowed), 1u);
  options.clients.push_back(*ip::Prefix::from_text("2001:db8:2::/48"));
  nat64.apply(options);
  EXPECT_EQ(nat64.pass(udp(endpoint("[2001:db8:2::1]:5000"), server)).kind, "udp");
}

// R44
TEST(Filtering, reaches_no_destination_that_is_denied) {
  Options options = standard_options();
  options.denied_destinations = {*ip::Prefix::from_text("203.0.113.64/26"), *ip::Prefix::from_text("203.0.113.5/32")};
  Nat64 nat64(options);
  for (const char* denied : {"203.0.113.5:80", "203.0.113.64:1", "203.0.113.127:1"}) {
    EXPECT_EQ(nat64.say(udp(client, synthesized(denied))).substr(0, 9), "error 1/1") << denied;
  }
  EXPECT_EQ(nat64.drops(DropReason::denied_destination), 3u);
  EXPECT_EQ(nat64.pass(udp(client, synthesized("203.0.113.128:1"))).kind, "udp");
}

TEST(Filtering, lets_sessions_go_on_that_are_older_than_a_denial) {
  Nat64 nat64;
  nat64.pass(udp(client, server));
  Options options = standard_options();
  options.denied_destinations = {*ip::Prefix::from_text("203.0.113.0/24")};
  nat64.apply(options);
  EXPECT_EQ(nat64.pass(udp(client, server)).kind, "udp");
  EXPECT_EQ(nat64.pass(udp(client, synthesized("203.0.113.6:80"))).kind, "error");
}

TEST(Filtering, reaches_no_address_that_is_no_host) {
  Options options = standard_options();
  options.well_known_prefix = ip::WellKnownPrefixRule::off;
  Nat64 nat64(options);
  for (const char* nobody :
       {"0.0.0.0:1", "0.1.2.3:1", "127.0.0.1:1", "224.0.0.1:1", "240.0.0.1:1", "255.255.255.255:1"}) {
    EXPECT_EQ(nat64.say(udp(client, synthesized(nobody))).substr(0, 9), "error 1/1") << nobody;
  }
  EXPECT_EQ(nat64.drops(DropReason::denied_destination), 6u);
}

// R41 (RFC 6052 3.1), R42 (RFC 8215), with each value of the rule.
TEST(Filtering, holds_the_well_known_prefix_to_its_rule) {
  using Rule = ip::WellKnownPrefixRule;
  const auto reaches = [&](Rule rule, const char* remote) {
    Options options = standard_options();
    options.well_known_prefix = rule;
    return Nat64(options).pass(udp(client, synthesized(remote))).kind == "udp";
  };
  for (const Rule rule : {Rule::examples, Rule::rfc6052, Rule::wkp_1918, Rule::off}) {
    EXPECT_TRUE(reaches(rule, "8.8.8.8:53"));
    EXPECT_EQ(reaches(rule, "192.0.2.1:53"), rule == Rule::examples || rule == Rule::off);
    EXPECT_EQ(reaches(rule, "10.0.0.1:53"), rule == Rule::wkp_1918 || rule == Rule::off);
    EXPECT_EQ(reaches(rule, "100.64.0.1:53"), rule == Rule::wkp_1918 || rule == Rule::off);
    EXPECT_EQ(reaches(rule, "169.254.0.1:53"), rule == Rule::off);
  }
  Options options = standard_options();
  options.prefixes = {*ip::Pref64::from_text("64:ff9b:1::/96")};
  options.well_known_prefix = Rule::rfc6052;
  EXPECT_EQ(Nat64(options).pass(udp(client, synthesized("10.0.0.1:53", options.prefixes[0]))).kind, "udp");
}

// -- R15: to a port without binding --

// R15 (RFC 6146 3.5).
TEST(Filtering, tells_ipv4_that_nobody_has_a_port) {
  Nat64 nat64;
  EXPECT_EQ(nat64.say(udp(server4, endpoint("198.51.100.1:2000"))).substr(0, 43),
            "error 3/1 198.51.100.1 > 203.0.113.5 about ");
  EXPECT_EQ(nat64.say(ping(server4.address, address("198.51.100.1"), 2000)).substr(0, 9), "error 3/1");
  EXPECT_EQ(nat64.say(tcp(server4, endpoint("198.51.100.1:2000"), "A")).substr(0, 9), "error 3/1");
  EXPECT_EQ(nat64.drops(DropReason::no_binding), 3u);
  Options options = standard_options();
  options.icmp.errors = false;
  EXPECT_EQ(Nat64(options).say(udp(server4, endpoint("198.51.100.1:2000"))), "-");
}

// -- CLOSED. R8 a, b, c (RFC 6146 3.5.2.2) --

SessionState only_state(const Nat64& nat64) {
  const auto all = nat64.listed();
  return all.size() == 1 ? all.front().state : SessionState::open;
}

TEST(Filtering, begins_a_connection_with_a_syn_from_ipv6) {
  Nat64 nat64;
  EXPECT_EQ(nat64.pass(tcp(client, server, "S")).flags, "S");
  EXPECT_EQ(only_state(nat64), SessionState::v6_init);
  nat64.wait(seconds(240));
  EXPECT_EQ(nat64.sessions(), 1u);
  nat64.wait(seconds(1));
  EXPECT_EQ(nat64.sessions(), 0u) << "TCP_TRANS";
}

TEST(Filtering, begins_a_connection_with_a_syn_from_ipv4_to_a_binding) {
  Options options = standard_options();
  options.static_bindings = {static_binding(Protocol::tcp, "[2001:db8:2::2]:80", "198.51.100.1:8080")};
  Nat64 inbound(options);
  EXPECT_EQ(inbound.pass(tcp(server4, endpoint("198.51.100.1:8080"), "S")).flags, "S");
  EXPECT_EQ(only_state(inbound), SessionState::v4_init);
  inbound.wait(seconds(241));
  EXPECT_EQ(inbound.sessions(), 0u);
}

TEST(Filtering, lets_other_segments_pass_where_there_is_a_binding_and_remembers_nothing) {
  Nat64 nat64;
  const Seen out = nat64.pass(tcp(client, server, "S"));
  EXPECT_EQ(nat64.pass(tcp(client, synthesized("203.0.113.99:80"), "A")).source, out.source);
  EXPECT_EQ(nat64.pass(tcp(stranger, out.source, "A")).destination, client);
  EXPECT_EQ(nat64.pass(tcp(stranger, out.source, "R")).destination, client);
  EXPECT_EQ(nat64.sessions(), 1u);
}

TEST(Filtering, drops_other_segments_where_there_is_none) {
  Nat64 nat64;
  EXPECT_EQ(nat64.say(tcp(client, server, "A")).substr(0, 9), "error 1/1");
  EXPECT_EQ(nat64.drops(DropReason::tcp_without_session), 1u);
  EXPECT_EQ(nat64.bindings(), 0);
}

// -- Simultaneous open. R8 b, R51 (RFC 5382 REQ-4) --

const ip::Endpoint peer = endpoint("203.0.113.9:7000");

// The binding is known, the filter does not let the SYN in, the inside's own is on its way.
TEST(Filtering, meets_a_stored_syn_with_one_from_ipv6) {
  Nat64 nat64(address_dependent());
  const Seen out = nat64.pass(tcp(client, server, "S"));
  EXPECT_EQ(nat64.say(tcp(peer, out.source, "S")), "-") << "in silence";
  EXPECT_EQ(nat64.all_drops(), 0u);
  EXPECT_EQ(nat64.pass(tcp(client, synthesized(peer.to_text()), "S")).source, out.source);
  EXPECT_EQ(nat64.drops(DropReason::syn_crossed), 1u);
  EXPECT_EQ(nat64.pass(tcp(peer, out.source, "SA")).destination, client);
  nat64.wait(seconds(10));
  EXPECT_TRUE(nat64.sent.empty()) << "nobody is told anything";
  EXPECT_EQ(nat64.drops(DropReason::syn_unanswered), 0u);
}

TEST(Filtering, tells_of_a_stored_syn_when_six_seconds_are_over) {
  for (const bool has_binding : {true, false}) {
    Nat64 nat64(address_dependent());
    const ip::Endpoint outside =
        has_binding ? nat64.pass(tcp(client, server, "S")).source : endpoint("198.51.100.1:2000");
    EXPECT_EQ(nat64.say(tcp(peer, outside, "S")), "-");
    nat64.wait(seconds(5));
    EXPECT_TRUE(nat64.sent.empty());
    nat64.wait(seconds(1));
    EXPECT_EQ(nat64.text(nat64.sent).substr(0, 43), "error 3/3 198.51.100.1 > 203.0.113.9 about ");
    EXPECT_EQ(nat64.sent.front().about->source, peer);
    EXPECT_EQ(nat64.sent.front().about->destination, outside);
    EXPECT_EQ(nat64.drops(DropReason::syn_unanswered), 1u);
  }
}

TEST(Filtering, keeps_a_syn_that_is_repeated_but_once) {
  Nat64 nat64;
  const ip::Endpoint outside = endpoint("198.51.100.1:2000");
  nat64.all(tcp(peer, outside, "S"));
  nat64.wait(seconds(3));
  EXPECT_EQ(nat64.say(tcp(peer, outside, "S")), "-");
  EXPECT_EQ(nat64.drops(DropReason::syn_unanswered), 1u) << "the repetition";
  nat64.wait(seconds(3));
  EXPECT_EQ(nat64.sent.size(), 1u);
  nat64.wait(seconds(10));
  EXPECT_TRUE(nat64.sent.empty());
}

// R13 (RFC 6146 5.3): bounded; newcomers hear at once.
TEST(Filtering, stores_no_more_syns_than_it_may) {
  Nat64 nat64;
  for (int i = 0; i < 4096; ++i) {
    ASSERT_EQ(nat64.say(tcp({peer.address, static_cast<std::uint16_t>(i + 1)}, endpoint("198.51.100.1:2000"), "S")),
              "-");
  }
  EXPECT_EQ(nat64.say(tcp(peer, endpoint("198.51.100.1:2000"), "S")).substr(0, 9), "error 3/1");
}

}  // namespace
}  // namespace dragoman::nat64
