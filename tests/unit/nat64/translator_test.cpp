// The way of a packet through the stateful NAT64, step by step (RFC 6146 3.4 to 3.8).
#include "dragoman/nat64/translator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "scene.h"

namespace dragoman::nat64 {
namespace {

using namespace scene;

const ip::Endpoint client = endpoint("[2001:db8:1::1]:5000");
const ip::Endpoint server = synthesized("203.0.113.5:80");
const ip::Endpoint server4 = endpoint("203.0.113.5:80");

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
  EXPECT_EQ(nat64.say(tcp(out.destination, out.source, "SA")), "tcp [64:ff9b::cb00:7105]:80 > [2001:db8:1::1]:5000 SA");
}

TEST(Translator, takes_a_ping_both_ways) {
  Nat64 nat64;
  const Seen out = nat64.pass(ping(client.address, server.address, 77));
  EXPECT_EQ(out.kind, "ping");
  EXPECT_EQ(out.source.address, address("198.51.100.1"));
  EXPECT_EQ(nat64.say(ping(out.destination.address, out.source.address, out.source.port, Echo::reply, "back")),
            "pong [64:ff9b::cb00:7105]:77 > [2001:db8:1::1]:77 back");
}

// -- Bindings --

// R50, R1 (RFC 4787 REQ-1, RFC 6146 3.1), R51 (RFC 5382 REQ-1): the same (T, t) for every destination.
TEST(Translator, gives_an_endpoint_one_binding_whoever_it_writes_to) {
  Nat64 nat64;
  const ip::Endpoint of_udp = nat64.pass(udp(client, server)).source,
                     of_tcp = nat64.pass(tcp(client, server, "S")).source;
  for (int i = 1; i < 50; ++i) {
    const ip::Endpoint other = synthesized(endpoint("203.0.113." + std::to_string(i), 1000).to_text());
    ASSERT_EQ(nat64.pass(udp(client, other)).source, of_udp);
    ASSERT_EQ(nat64.pass(tcp(client, other, "S")).source, of_tcp);
  }
  EXPECT_EQ(nat64.bindings(), 2);
}

// R9 (RFC 6146 3.5.3), R52
TEST(Translator, gives_an_identifier_one_binding_whoever_it_pings) {
  Nat64 nat64;
  const Seen first = nat64.pass(ping(client.address, server.address, 7));
  EXPECT_EQ(nat64.pass(ping(client.address, synthesized("203.0.113.6:1").address, 7)).source, first.source);
  EXPECT_NE(nat64.pass(ping(client.address, server.address, 8)).source, first.source);
  EXPECT_EQ(nat64.bindings(), 2);
}

// R50, R53, R54 (RFC 4787 REQ-2, RFC 7857 4, RFC 6888 REQ-2)
TEST(Translator, pairs_a_host_with_one_address_in_all_protocols) {
  Options options = standard_options();
  options.pool4[0].last = {198, 51, 100, 16};
  Nat64 nat64(options);
  const ip::Address paired = nat64.pass(udp(client, server)).source.address;
  for (std::uint16_t port = 1; port < 700; ++port) {
    ASSERT_EQ(nat64.pass(udp({client.address, port}, server)).source.address, paired);
    ASSERT_EQ(nat64.pass(tcp({client.address, port}, server, "S")).source.address, paired);
    ASSERT_EQ(nat64.pass(ping(client.address, server.address, port)).source.address, paired);
  }
}

TEST(Translator, counts_hosts_that_had_to_take_a_second_address) {
  Options options = standard_options();
  options.pool4 = {{{198, 51, 100, 1}, {198, 51, 100, 2}, 1024, 1279, false}};
  Nat64 nat64(options);
  for (std::uint16_t port = 1; port <= 256; ++port) nat64.pass(udp({client.address, port}, server));
  EXPECT_EQ(nat64.worker().metrics().paired_elsewhere.value(), 0u);
  EXPECT_EQ(nat64.pass(udp({client.address, 999}, server)).kind, "udp");
  EXPECT_EQ(nat64.worker().metrics().paired_elsewhere.value(), 1u);
}

// R7 (RFC 4787 REQ-3): hosts of one subscriber, and of many, never share a (T, t).
TEST(Translator, overloads_no_port) {
  Options options = standard_options();
  options.pool4[0].last_port = 2047;
  Nat64 nat64(options);
  std::set<std::uint16_t> ports;
  for (std::uint16_t i = 0; i < 1024; ++i) {
    const std::string host = "2001:db8:1::" + std::to_string(i + 1);
    const Seen out = nat64.pass(udp(endpoint(host, 5000), server));
    ASSERT_EQ(out.kind, "udp");
    ASSERT_TRUE(ports.insert(out.source.port).second);
  }
}

// R7: ports 0 to 1023, parity.
TEST(Translator, keeps_the_range_of_a_port_and_its_parity_if_asked) {
  Options options = standard_options();
  options.pool4[0].first_port = 1;
  options.parity = true;
  Nat64 nat64(options);
  for (const std::uint16_t port : std::initializer_list<std::uint16_t>{53, 1022, 1023}) {
    const std::uint16_t outside = nat64.pass(udp({client.address, port}, server)).source.port;
    EXPECT_LT(outside, 1024);
    EXPECT_EQ(outside % 2, port % 2);
  }
  for (const std::uint16_t port : std::initializer_list<std::uint16_t>{1024, 1025, 65535}) {
    const std::uint16_t outside = nat64.pass(udp({client.address, port}, server)).source.port;
    EXPECT_GE(outside, 1024);
    EXPECT_EQ(outside % 2, port % 2);
  }
}

// -- What is not for us. R3, R5 (RFC 6146 3.4, 3.5), R29 --

TEST(Translator, drops_destinations_outside_the_prefix) {
  Nat64 nat64;
  EXPECT_EQ(nat64.say(udp(client, endpoint("[2001:db8::53]:53"))), "-");
  EXPECT_EQ(nat64.drops(DropReason::not_our_prefix), 1u);
}

TEST(Translator, drops_destinations_outside_the_pool) {
  Nat64 nat64;
  EXPECT_EQ(nat64.say(udp(server4, endpoint("198.51.100.2:2000"))), "-");
  EXPECT_EQ(nat64.drops(DropReason::not_our_pool), 1u);
}

// R3 (RFC 6146 3.4).
TEST(Translator, drops_other_protocols_and_tells) {
  Nat64 nat64;
  EXPECT_EQ(nat64.say(with_protocol(udp(client, server), 132)).substr(0, 9), "error 1/4");
  EXPECT_EQ(nat64.say(with_protocol(udp(server4, endpoint("198.51.100.1:2000")), 132)).substr(0, 9), "error 3/2");
  EXPECT_EQ(nat64.drops(DropReason::unsupported_protocol), 2u);
}

TEST(Translator, drops_other_icmp_in_silence) {
  Nat64 nat64;
  Octets query = ping(client.address, server.address, 1);
  query[40] = 130;  // a multicast listener query
  EXPECT_EQ(nat64.say(query), "-");
  EXPECT_EQ(nat64.drops(DropReason::unsupported_icmp), 1u);
}

TEST(Translator, drops_what_is_no_packet) {
  Nat64 nat64;
  for (const Octets& octets : {Octets{}, Octets{0x60}, Octets(40, 0x45), Octets(60, 0x00), Octets(19, 0x45)}) {
    EXPECT_EQ(nat64.say(octets), "-");
  }
  EXPECT_EQ(nat64.drops(DropReason::malformed), 5u);
}

// -- Hairpin. R12 (RFC 6146 3.8), R50 (RFC 4787 REQ-9): the external source is seen --

const ip::Endpoint second = endpoint("[2001:db8:2::2]:6000");

TEST(Translator, hairpins_datagrams) {
  for (const unsigned workers : {1U, 2U, 3U, 8U}) {
    Nat64 nat64(standard_options(), workers);
    const ip::Endpoint first4 = nat64.pass(udp(client, server)).source,
                       second4 = nat64.pass(udp(second, server)).source;
    const Seen there = nat64.pass(udp(client, synthesized(second4.to_text()), "there"));
    EXPECT_EQ(there.text(), "udp " + synthesized(first4.to_text()).to_text() + " > " + second.to_text() + " there");
    const Seen back = nat64.pass(udp(second, there.source, "back"));
    EXPECT_EQ(back.text(), "udp " + synthesized(second4.to_text()).to_text() + " > " + client.to_text() + " back");
  }
}

TEST(Translator, hairpins_connections) {
  Nat64 nat64(standard_options(), 3);
  const ip::Endpoint second4 = nat64.pass(tcp(second, server, "S")).source;
  const Seen syn = nat64.pass(tcp(client, synthesized(second4.to_text()), "S"));
  ASSERT_EQ(syn.destination, second);
  EXPECT_EQ(nat64.pass(tcp(second, syn.source, "SA")).destination, client);
  EXPECT_EQ(nat64.pass(tcp(client, synthesized(second4.to_text()), "A")).destination, second);
  int established = 0;
  for (const SessionInfo& info : nat64.listed()) established += info.state == SessionState::established ? 1 : 0;
  EXPECT_EQ(established, 2) << "a session on either side";
}

// The identifier is all that says whose a ping is, and it is the sender's own.
TEST(Translator, hairpins_pings) {
  Nat64 nat64(standard_options(), 3);
  const Seen asked = nat64.pass(ping(client.address, synthesized("198.51.100.1:1").address, 7));
  EXPECT_EQ(asked.text(), "ping [64:ff9b::c633:6401]:7 > [2001:db8:1::1]:7 payload");
  const Seen answered = nat64.pass(ping(client.address, asked.source.address, 7, Echo::reply));
  EXPECT_EQ(answered.text(), "pong [64:ff9b::c633:6401]:7 > [2001:db8:1::1]:7 payload");
}

TEST(Translator, hairpins_to_a_static_binding) {
  Options options = standard_options();
  options.static_bindings = {static_binding(Protocol::udp, "[2001:db8:2::2]:53", "198.51.100.9:53")};
  Nat64 nat64(options, 3);
  const Seen there = nat64.pass(udp(client, synthesized("198.51.100.9:53"), "q"));
  EXPECT_EQ(there.destination, endpoint("[2001:db8:2::2]:53"));
  EXPECT_EQ(nat64.say(udp(there.destination, there.source, "a")),
            "udp [64:ff9b::c633:6409]:53 > [2001:db8:1::1]:5000 a");
}

TEST(Translator, hairpins_to_itself) {
  Nat64 nat64;
  const ip::Endpoint own = nat64.pass(udp(client, server)).source;
  const Seen there = nat64.pass(udp(client, synthesized(own.to_text()), "me"));
  EXPECT_EQ(there.source, synthesized(own.to_text()));
  EXPECT_EQ(there.destination, client);
}

// A hairpin passes two translators' worth of hops, and no more.
TEST(Translator, lowers_the_hop_limit_of_a_hairpin_twice) {
  Nat64 nat64;
  const ip::Endpoint second4 = nat64.pass(udp(second, server)).source;
  EXPECT_EQ(nat64.pass(udp(client, synthesized(second4.to_text()))).hop_limit, 62);
  EXPECT_EQ(nat64.pass(with_hop_limit(udp(client, synthesized(second4.to_text())), 2)).text().substr(0, 9),
            "error 3/0");
  EXPECT_EQ(nat64.drops(DropReason::hop_limit), 1u);
}

// -- Static bindings. R1, R2 (RFC 6146 3.1, 3.2) --

TEST(Translator, lets_ipv4_in_to_a_static_binding) {
  Options options = standard_options();
  options.static_bindings = {static_binding(Protocol::tcp, "[2001:db8:2::2]:80", "198.51.100.1:8080"),
                             static_binding(Protocol::udp, "[2001:db8:2::2]:53", "198.51.100.9:53"),
                             static_binding(Protocol::icmp, "[2001:db8:2::2]:5", "198.51.100.9:6")};
  Nat64 nat64(options, 3);
  const ip::Endpoint remote = endpoint("203.0.113.9:4000");
  for (unsigned worker = 0; worker < 3; ++worker) {
    EXPECT_EQ(nat64.say(tcp(remote, endpoint("198.51.100.1:8080"), "S"), worker),
              "tcp [64:ff9b::cb00:7109]:4000 > [2001:db8:2::2]:80 S");
    EXPECT_EQ(nat64.say(udp(remote, endpoint("198.51.100.9:53"), "q"), worker),
              "udp [64:ff9b::cb00:7109]:4000 > [2001:db8:2::2]:53 q");
    EXPECT_EQ(nat64.say(ping(remote.address, address("198.51.100.9"), 6), worker),
              "ping [64:ff9b::cb00:7109]:5 > [2001:db8:2::2]:5 payload");
  }
  EXPECT_EQ(nat64.pass(tcp(endpoint("[2001:db8:2::2]:80"), synthesized("203.0.113.9:4000"), "SA")).source,
            endpoint("198.51.100.1:8080"));
  EXPECT_EQ(nat64.pass(udp(endpoint("[2001:db8:2::2]:53"), synthesized("203.0.113.77:1"))).source,
            endpoint("198.51.100.9:53"));
  nat64.wait(seconds(8000));
  EXPECT_EQ(nat64.sessions(), 0u);
  EXPECT_EQ(nat64.bindings(), 3) << "they stay";
}

TEST(Translator, gives_a_host_with_a_static_binding_its_address_for_the_rest_too) {
  Options options = standard_options();
  options.pool4[0].last = {198, 51, 100, 8};
  options.static_bindings = {static_binding(Protocol::tcp, "[2001:db8:1::1]:80", "198.51.100.6:80")};
  Nat64 nat64(options);
  EXPECT_EQ(nat64.pass(udp(client, server)).source.address, address("198.51.100.6"));
}

// R13 (RFC 6146 5.3): IPv4 makes sessions, but no bindings.
TEST(Translator, lets_ipv4_make_no_binding) {
  Nat64 nat64;
  for (std::uint16_t port = 2000; port < 2050; ++port) {
    nat64.all(udp(server4, {address("198.51.100.1"), port}));
    nat64.all(tcp(server4, {address("198.51.100.1"), port}, "S"));
    nat64.all(ping(server4.address, address("198.51.100.1"), port));
  }
  EXPECT_EQ(nat64.bindings(), 0);
  EXPECT_EQ(nat64.sessions(), 0u);
}

// -- Prefixes. R40, R42, R43 (RFC 6052 2.2, RFC 8215) --

// R40, R43 (RFC 6052 2.2).
TEST(Translator, serves_several_prefixes_of_any_length) {
  Options options = standard_options();
  options.prefixes.clear();
  for (const char* text : {"64:ff9b::/96", "2001:db8:6464::/48", "2001:db8::/32", "2001:db8:100::/40",
                           "2001:db8:122:300::/56", "2001:db8:122:344::/64", "64:ff9b:1:ffff::/96"}) {
    options.prefixes.push_back(*ip::Pref64::from_text(text));
  }
  std::sort(options.prefixes.begin(), options.prefixes.end(),
            [](const auto& a, const auto& b) { return a.length() > b.length(); });
  const ip::Endpoint host = endpoint("[2a00:1::1]:5000");
  Nat64 nat64(options);
  for (const ip::Pref64& prefix : options.prefixes) {
    const ip::Endpoint there = synthesized("203.0.113.5:80", prefix);
    const Seen out = nat64.pass(udp(host, there));
    EXPECT_EQ(out.destination, server4) << prefix.to_text();
    EXPECT_EQ(nat64.pass(udp(server4, out.source)).source, there) << "from the prefix that the inside used last";
  }
  EXPECT_EQ(nat64.bindings(), 1);
}

// R40 (RFC 6052 2.2).
TEST(Translator, does_not_look_at_the_suffix_of_a_destination) {
  Options options = standard_options();
  options.prefixes = {*ip::Pref64::from_text("2001:db8:64::/48")};
  Nat64 nat64(options);
  ip::Ipv6Octets destination = options.prefixes[0].embed({203, 0, 113, 5});
  destination[15] = 0x77;
  const Seen out = nat64.pass(udp(endpoint("[2a00:1::1]:5000"), {ip::Address(destination), 80}));
  EXPECT_EQ(out.destination, server4);
  EXPECT_EQ(nat64.pass(udp(server4, out.source)).source, synthesized("203.0.113.5:80", options.prefixes[0]));
}

// -- Counting --

TEST(Translator, counts_packets_and_octets_by_direction) {
  Nat64 nat64;
  const Seen out = nat64.pass(udp(client, server, "0123456789"));
  nat64.pass(udp(server4, out.source, "01234"));
  const Metrics& metrics = nat64.worker().metrics();
  EXPECT_EQ(metrics.packets(Direction::six_to_four, Counted::udp).value(), 1u);
  EXPECT_EQ(metrics.bytes(Direction::six_to_four, Counted::udp).value(), 38u);
  EXPECT_EQ(metrics.packets(Direction::four_to_six, Counted::udp).value(), 1u);
  EXPECT_EQ(metrics.bytes(Direction::four_to_six, Counted::udp).value(), 53u);
  nat64.pass(udp(client, synthesized(out.source.to_text())));
  EXPECT_EQ(metrics.packets(Direction::hairpin, Counted::udp).value(), 1u);
}

TEST(Translator, takes_the_time_before_its_start_for_its_start) {
  Nat64 nat64;
  nat64.now = Nat64::start - seconds(5);
  nat64.pass(udp(client, server));
  nat64.wait(seconds(304));
  EXPECT_EQ(nat64.sessions(), 1u);
  nat64.wait(seconds(3));
  EXPECT_EQ(nat64.sessions(), 0u);
}

}  // namespace
}  // namespace dragoman::nat64
