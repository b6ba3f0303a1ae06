// ICMP errors on their way through, and those that the NAT64 itself makes (RFC 6146 3.4 to 3.6, RFC 5508, RFC 7915).
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
const ip::Address router4 = address("203.0.113.254"), router6 = address("2001:db8:1::ffff");
const ip::Address pool_address = address("198.51.100.1");

// -- From IPv4. R3 (RFC 6146 3.4), R52 (RFC 5508 REQ-4) --

// R3, R11 (RFC 6146 3.4, 3.6).
TEST(IcmpErrors, from_ipv4_reach_the_host_whose_packet_they_are_about) {
  Nat64 nat64;
  const Seen out = nat64.pass(udp(client, server, "question"));
  EXPECT_EQ(nat64.say(icmp_error(router4, pool_address, {3, 1}, out.octets)),
            "error 1/0 64:ff9b::cb00:71fe > 2001:db8:1::1 about (udp [2001:db8:1::1]:5000 > [64:ff9b::cb00:7105]:80 "
            "question)");
}

TEST(IcmpErrors, from_ipv4_are_about_tcp_and_pings_too) {
  Nat64 nat64;
  const Seen syn = nat64.pass(tcp(client, server, "S"));
  EXPECT_EQ(nat64.pass(icmp_error(router4, pool_address, {11, 0}, syn.octets)).about->source, client);
  const Seen echo = nat64.pass(ping(client.address, server.address, 7));
  const Seen told = nat64.pass(icmp_error(router4, pool_address, {11, 0}, echo.octets));
  EXPECT_EQ(told.about->text(), "ping [2001:db8:1::1]:7 > [64:ff9b::cb00:7105]:7 payload");
  EXPECT_EQ(told.icmp.type, 3);
}

TEST(IcmpErrors, from_ipv4_without_a_session_go_nowhere) {
  Nat64 nat64;
  const Seen out = nat64.pass(udp(client, server));
  const auto refused = [&](const Octets& about, const ip::Address& destination = pool_address) {
    const std::uint64_t before = nat64.drops(DropReason::icmp_error_no_session);
    EXPECT_EQ(nat64.say(icmp_error(router4, destination, {3, 1}, about)), "-");
    return nat64.drops(DropReason::icmp_error_no_session) - before;
  };
  EXPECT_EQ(refused(udp(out.source, endpoint("203.0.113.5:81"))), 1u) << "another port";
  EXPECT_EQ(refused(udp(out.source, endpoint("203.0.113.6:80"))), 1u) << "another host";
  EXPECT_EQ(refused(tcp(out.source, server4, "S")), 1u) << "another protocol";
  EXPECT_EQ(refused(udp({out.source.address, static_cast<std::uint16_t>(out.source.port ^ 1)}, server4)), 1u);
}

// It is told to somebody else than the packet's sender.
TEST(IcmpErrors, from_ipv4_are_for_the_address_that_the_packet_came_from) {
  Options options = standard_options();
  options.pool4[0].last = {198, 51, 100, 2};
  Nat64 nat64(options);
  const Seen out = nat64.pass(udp(client, server));
  const ip::Address other = out.source.address == pool_address ? address("198.51.100.2") : pool_address;
  EXPECT_EQ(nat64.say(icmp_error(router4, other, {3, 1}, out.octets)), "-");
  EXPECT_EQ(nat64.drops(DropReason::icmp_error_no_session), 1u);
}

// -- From IPv6 --

TEST(IcmpErrors, from_ipv6_reach_the_server_whose_packet_they_are_about) {
  Nat64 nat64;
  const Seen out = nat64.pass(udp(client, server));
  const Seen in = nat64.pass(udp(server4, out.source, "answer"));
  const Seen told = nat64.pass(icmp_error(client.address, server.address, {1, 4}, in.octets));
  EXPECT_EQ(told.text(),
            "error 3/3 198.51.100.1 > 203.0.113.5 about (udp 203.0.113.5:80 > " + out.source.to_text() + " answer)");
}

TEST(IcmpErrors, from_ipv6_without_a_session_go_nowhere) {
  Nat64 nat64;
  const Seen out = nat64.pass(udp(client, server));
  const Octets in = nat64.pass(udp(server4, out.source)).octets;
  int count = 0;
  for (const Octets& about :
       {udp(server, endpoint("[2001:db8:1::1]:5001")), udp(server, endpoint("[2001:db8:1::2]:5000")),
        udp({server.address, 81}, client), tcp(server, client, "A")}) {
    EXPECT_EQ(nat64.say(icmp_error(client.address, server.address, {1, 4}, about)), "-");
    EXPECT_EQ(nat64.drops(DropReason::icmp_error_no_session), ++count);
  }
  EXPECT_EQ(nat64.say(icmp_error(client.address, synthesized("203.0.113.99:1").address, {1, 4}, in)), "-")
      << "told to somebody else than the packet's sender";
  EXPECT_EQ(nat64.drops(DropReason::icmp_error_no_session), ++count);
  EXPECT_EQ(nat64.say(icmp_error(client.address, address("2001:db8:9::9"), {1, 4}, in)), "-");
  EXPECT_EQ(nat64.drops(DropReason::not_our_prefix), 1u);
}

// R5 (RFC 6146 3.5): the loop guard holds for errors, too.
TEST(IcmpErrors, from_our_own_prefix_are_a_loop) {
  Nat64 nat64;
  const Seen in = nat64.pass(udp(server4, nat64.pass(udp(client, server)).source));
  EXPECT_EQ(nat64.say(icmp_error(synthesized("203.0.113.8:1").address, server.address, {3, 0}, in.octets)), "-");
  EXPECT_EQ(nat64.drops(DropReason::loop), 1u);
}

// RFC 4291 2.5.6: nor from a source that no packet may have.
TEST(IcmpErrors, from_ipv6_have_a_legal_source) {
  Nat64 nat64;
  const Seen in = nat64.pass(udp(server4, nat64.pass(udp(client, server)).source));
  int count = 0;
  for (const char* source : {"fe80::1", "::", "::1", "ff02::1"}) {
    EXPECT_EQ(nat64.say(icmp_error(address(source), server.address, {1, 0}, in.octets)), "-") << source;
    EXPECT_EQ(nat64.drops(DropReason::illegal_source), ++count);
  }
}

// -- Hairpin. R12 (RFC 6146 3.8), R52 (RFC 5508 REQ-7) --

const ip::Endpoint second = endpoint("[2001:db8:2::2]:6000");

TEST(IcmpErrors, about_hairpinned_packets_turn_back_themselves) {
  for (const unsigned workers : {1U, 3U}) {
    Nat64 nat64(standard_options(), workers);
    const Seen first = nat64.pass(udp(client, server)), other = nat64.pass(udp(second, server));
    const Seen there = nat64.pass(udp(client, synthesized(other.source.to_text()), "hello"));
    ASSERT_EQ(there.destination, second);
    const Seen told = nat64.pass(icmp_error(second.address, there.source.address, {1, 4}, there.octets));
    EXPECT_EQ(told.destination.address, client.address);
    EXPECT_EQ(told.icmp.type, 1);
    EXPECT_EQ(told.icmp.code, 4);
    EXPECT_EQ(told.about->text(),
              "udp " + client.to_text() + " > " + synthesized(other.source.to_text()).to_text() + " hello");
  }
}

TEST(IcmpErrors, about_a_hairpin_to_an_unused_port_are_told_to_the_inside) {
  for (const unsigned workers : {1U, 3U}) {
    Nat64 nat64(standard_options(), workers);
    nat64.pass(udp(second, server));
    const Seen told = nat64.pass(udp(client, synthesized("198.51.100.1:1"), "hello"));
    EXPECT_EQ(told.text(),
              "error 1/0 64:ff9b::c633:6401 > 2001:db8:1::1 about (udp [2001:db8:1::1]:5000 > "
              "[64:ff9b::c633:6401]:1 hello)");
    EXPECT_EQ(nat64.drops(DropReason::no_binding), 1u);
  }
}

// The other end's worker refuses what was handed to it.
TEST(IcmpErrors, about_a_hairpin_to_another_worker_are_told_to_the_inside) {
  Options options = standard_options();
  options.filtering = Filtering::address_dependent;
  Nat64 nat64(options, 8);
  const Seen other = nat64.pass(udp(second, server));
  for (int i = 0; i < 20; ++i) {
    const ip::Endpoint host = endpoint("2001:db8:" + std::to_string(100 + i) + "::1", 5000);
    const Seen told = nat64.pass(udp(host, synthesized(other.source.to_text())));
    EXPECT_EQ(told.kind, "error");
    EXPECT_EQ(told.destination.address, host.address);
  }
}

TEST(IcmpErrors, about_a_hairpinned_syn_that_nobody_answered_are_told_to_the_inside) {
  Nat64 nat64;
  EXPECT_EQ(nat64.say(tcp(client, synthesized("198.51.100.1:1"), "S")), "-");
  nat64.wait(seconds(7));
  EXPECT_EQ(nat64.text(nat64.sent).substr(0, 45), "error 1/4 64:ff9b::c633:6401 > 2001:db8:1::1 ");
}

// -- Our own --

TEST(IcmpErrors, of_our_own_come_from_the_first_address_of_the_pool) {
  Options options = standard_options();
  options.denied_destinations = {*ip::Prefix::from_text("203.0.113.0/24")};
  EXPECT_EQ(Nat64(options).pass(udp(client, server)).source.address, address("64:ff9b::198.51.100.1"));
  options.icmp.source6 = address("2001:db8::64").v6();
  EXPECT_EQ(Nat64(options).pass(udp(client, server)).source.address, address("2001:db8::64"));
  options = standard_options();
  options.pool4.clear();
  EXPECT_EQ(Nat64(options).say(udp(client, server)).substr(0, 42), "error 1/3 64:ff9b::c000:8 > 2001:db8:1::1 ");
}

// R8 b: about the SYN as it was.
TEST(IcmpErrors, about_a_stored_syn_show_its_octets) {
  Nat64 nat64;
  const Octets syn = tcp(endpoint("203.0.113.9:4000"), endpoint("198.51.100.1:2000"), "S", std::string(200, 'x'));
  EXPECT_EQ(nat64.say(syn), "-");
  nat64.wait(seconds(7));
  ASSERT_EQ(nat64.sent.size(), 1u);
  const Octets& shown = nat64.sent.front().about->octets;
  EXPECT_EQ(shown, Octets(syn.begin(), syn.begin() + 84));
}

// R28 (RFC 7915 4.4, RFC 4443 2.4 e, RFC 1812 4.3.2.7)
TEST(IcmpErrors, are_never_about_errors_nor_later_fragments) {
  Nat64 nat64;
  const Seen out = nat64.pass(udp(client, server));
  const Seen in = nat64.pass(udp(server4, out.source));
  EXPECT_EQ(nat64.say(with_hop_limit(icmp_error(router4, pool_address, {3, 1}, out.octets), 1)), "-");
  EXPECT_EQ(nat64.say(with_hop_limit(icmp_error(client.address, server.address, {1, 4}, in.octets), 1)), "-");
  EXPECT_EQ(nat64.drops(DropReason::hop_limit), 2u);
  EXPECT_EQ(nat64.worker().metrics().icmp_errors.value(), 0u);
  const auto pieces = fragments_of(udp(client, server, std::string(40, 'x')), 7);
  nat64.all(pieces[0]);
  EXPECT_EQ(nat64.say(with_hop_limit(pieces[1], 1)), "-");
  EXPECT_EQ(nat64.drops(DropReason::hop_limit), 3u);
}

// R20, R30: traceroute.
TEST(IcmpErrors, tell_that_the_hop_limit_is_used_up) {
  Nat64 nat64;
  const Seen out = nat64.pass(udp(client, server));
  EXPECT_EQ(nat64.say(with_hop_limit(udp(client, server), 1)).substr(0, 47),
            "error 3/0 64:ff9b::c633:6401 > 2001:db8:1::1 ab");
  EXPECT_EQ(nat64.say(with_hop_limit(udp(server4, out.source), 1)).substr(0, 43),
            "error 11/0 198.51.100.1 > 203.0.113.5 about");
}

TEST(IcmpErrors, are_limited_in_number) {
  Options options = standard_options();
  options.icmp.errors_per_second = 3;
  Nat64 nat64(options);
  const auto told = [&] {
    std::size_t count = 0;
    for (int i = 0; i < 10; ++i) count += nat64.all(udp(server4, endpoint("198.51.100.1:2000"))).size();
    return count;
  };
  EXPECT_EQ(told(), 3u);
  EXPECT_EQ(told(), 0u);
  EXPECT_EQ(nat64.worker().metrics().icmp_errors.value(), 3u);
  EXPECT_EQ(nat64.worker().metrics().icmp_errors_suppressed.value(), 17u);
  EXPECT_EQ(nat64.drops(DropReason::no_binding), 20u);
  nat64.now += seconds(1);
  EXPECT_EQ(told(), 3u);
}

TEST(IcmpErrors, can_be_switched_off) {
  Options options = standard_options();
  options.icmp.errors = false;
  options.denied_destinations = {*ip::Prefix::from_text("203.0.113.6/32")};
  Nat64 nat64(options);
  const Seen out = nat64.pass(udp(client, server));
  EXPECT_EQ(nat64.say(udp(client, synthesized("203.0.113.6:80"))), "-");
  EXPECT_EQ(nat64.say(with_hop_limit(udp(client, server), 1)), "-");
  EXPECT_EQ(nat64.pass(icmp_error(router4, pool_address, {3, 1}, out.octets)).kind, "error") << "those of others pass";
}

// R52 (RFC 5508 REQ-8): NAT-generated errors carry an address of the NAT.
TEST(IcmpErrors, of_our_own_come_from_the_address_that_is_configured) {
  Options options = standard_options();
  options.icmp.source4 = {198, 51, 100, 99};
  EXPECT_EQ(Nat64(options).pass(udp(server4, endpoint("198.51.100.1:2000"))).source.address, address("198.51.100.99"));
}

// An error from somebody else's address would be a lie.
TEST(IcmpErrors, of_our_own_are_not_told_for_addresses_of_others) {
  Nat64 nat64;
  Octets packet = udp(server4, endpoint("192.0.2.1:80"));
  packet.insert(packet.begin() + 20, {131, 7, 4, 192, 0, 2, 9, 0});  // a source route with a hop left
  packet[0] = 0x47;
  store_u16(&packet[2], static_cast<std::uint16_t>(packet.size()));
  const auto with_checksum = [](Octets octets) {
    store_u16(&octets[10], 0);
    store_u16(&octets[10], static_cast<std::uint16_t>(~detail::sum(Bytes(octets).first(28))));
    return octets;
  };
  EXPECT_EQ(nat64.say(with_checksum(packet)), "-");
  std::copy_n(pool_address.octets(), 4, packet.begin() + 16);
  EXPECT_EQ(nat64.say(with_checksum(packet)).substr(0, 9), "error 3/5");
  EXPECT_EQ(nat64.drops(DropReason::source_route), 2u);
}

// -- Routers of the inside. R35 (RFC 6791 3, 4) --

TEST(IcmpErrors, of_inside_routers_come_from_the_binding_or_from_addresses_set_apart) {
  Options options = standard_options();
  for (const bool has_addresses : {false, true}) {
    if (has_addresses) options.icmp.router_addresses = {{192, 0, 2, 1}, {192, 0, 2, 2}};
    Nat64 nat64(options);
    const Seen in = nat64.pass(udp(server4, nat64.pass(udp(client, server)).source));
    std::set<std::string> sources;
    for (int i = 0; i < 30; ++i) {
      const Seen told = nat64.pass(icmp_error(router6, server.address, {1, 0}, in.octets));
      EXPECT_EQ(told.destination.address, server4.address);
      sources.insert(told.source.address.to_text());
    }
    EXPECT_EQ(sources, has_addresses ? (std::set<std::string>{"192.0.2.1", "192.0.2.2"})
                                     : std::set<std::string>{"198.51.100.1"});
    EXPECT_EQ(nat64.pass(icmp_error(client.address, server.address, {1, 4}, in.octets)).source.address, pool_address)
        << "a host speaks for itself";
  }
}

TEST(IcmpErrors, of_inside_routers_name_them_if_asked) {
  Options options = standard_options();
  options.icmp.router_extension = true;
  Nat64 nat64(options);
  const Seen in = nat64.pass(udp(server4, nat64.pass(udp(client, server)).source));
  const auto named = [](const Seen& error, const ip::Address& router) {
    return std::search(error.octets.begin(), error.octets.end(), router.octets(), router.octets() + 16) !=
           error.octets.end();
  };
  EXPECT_TRUE(named(nat64.pass(icmp_error(router6, server.address, {3, 0}, in.octets)), router6));
  EXPECT_FALSE(named(nat64.pass(icmp_error(client.address, server.address, {1, 4}, in.octets)), client.address));
}

// R26, R33, R36: path MTU, both ways.
TEST(IcmpErrors, tell_path_mtus_both_ways) {
  Nat64 nat64;
  const Seen out = nat64.pass(udp(client, server, std::string(1400, 'x')));
  const Seen told = nat64.pass(icmp_error(router4, pool_address, {3, 4, 1400}, out.octets));
  EXPECT_EQ(told.icmp.type, 2);
  EXPECT_EQ(told.icmp.argument, 1420u);
  EXPECT_EQ(nat64.pass(icmp_error(router4, pool_address, {3, 4, 1000}, out.octets)).icmp.argument, 1280u);
  const Seen in = nat64.pass(with_dont_fragment(udp(server4, out.source, std::string(1400, 'x'))));
  const Seen back = nat64.pass(icmp_error(router6, server.address, {2, 0, 1400}, in.octets));
  EXPECT_EQ(back.icmp.type, 3);
  EXPECT_EQ(back.icmp.code, 4);
  EXPECT_EQ(back.icmp.argument, 1380u);
}

}  // namespace
}  // namespace dragoman::nat64
