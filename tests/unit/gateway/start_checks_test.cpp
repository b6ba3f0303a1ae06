// What the start says of a machine that is described in memory; each finding has a text and a fix.
// tests/integration/test_nat64_lifecycle.py sees the same of real namespaces.
#include "start_checks.h"

#include <gmock/gmock.h>

namespace dragoman::gateway {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;

Nat64Options options() {
  Nat64Options options;
  options.nat64.prefixes = {ip::Pref64()};
  options.nat64.pool4 = {{{198, 51, 100, 0}, {198, 51, 100, 3}, 1024, 65535, false}};
  return options;
}

// A router as it should be.
Machine machine() {
  Machine machine;
  machine.forwards_ipv6 = machine.forwards_ipv4 = true;
  machine.uplinks = {{"eth0", 1500, net::ReversePathFilter::loose, net::ReceiveOffloads{true, true, false}}};
  machine.addresses = {*ip::Address::from_text("192.0.2.1"), *ip::Address::from_text("2001:db8::1")};
  machine.local_ports = net::PortRange{32768, 60999};
  return machine;
}

auto says(const char* text, const char* fix) {
  return AllOf(Field(&Finding::text, HasSubstr(text)), Field(&Finding::fix, HasSubstr(fix)));
}

TEST(StartChecks, find_nothing_on_a_machine_as_it_should_be) {
  EXPECT_THAT(findings(options(), machine()), IsEmpty());
}

TEST(StartChecks, say_how_forwarding_is_switched_on) {
  Machine closed = machine();
  closed.forwards_ipv6 = closed.forwards_ipv4 = false;
  EXPECT_THAT(findings(options(), closed), ElementsAre(says("IPv6", "net.ipv6.conf.all.forwarding=1"),
                                                       says("IPv4", "net.ipv4.ip_forward=1")));
}

TEST(StartChecks, a_pool_address_of_the_machine_is_a_fault_and_its_ports_are_taken) {
  Machine owner = machine();
  owner.addresses.push_back(*ip::Address::from_text("198.51.100.2"));
  EXPECT_THAT(findings(options(), owner),
              ElementsAre(AllOf(says("198.51.100.2 of the pool is an address of this machine", "routed"),
                                says("32768 to 60999", "no interface has"))));
  Nat64Options apart = options();
  apart.nat64.pool4[0].last_port = 32767;
  EXPECT_THAT(findings(apart, owner)[0].text, testing::Not(HasSubstr("32768 to 60999")));
}

TEST(StartChecks, a_pool_that_is_routed_elsewhere_gets_no_answers) {
  Machine elsewhere = machine();
  elsewhere.pool_elsewhere = {{198, 51, 100, 0}};
  EXPECT_THAT(findings(options(), elsewhere),
              ElementsAre(says("198.51.100.0", "ip route replace 198.51.100.0/32 dev nat64")));
}

TEST(StartChecks, uplinks_should_join_packets_of_tcp_and_udp_and_not_chain_them) {
  Machine slow = machine();
  slow.uplinks[0].offloads = net::ReceiveOffloads{false, false, true};
  EXPECT_THAT(findings(options(), slow),
              ElementsAre(says("GRO", "ethtool -K eth0 gro on"), says("chains", "rx-gro-list off")));
  slow.uplinks[0].offloads = net::ReceiveOffloads{true, false, false};
  EXPECT_THAT(findings(options(), slow), ElementsAre(says("UDP", "rx-udp-gro-forwarding on")));
  slow.uplinks[0].offloads = std::nullopt;
  EXPECT_THAT(findings(options(), slow), IsEmpty()) << "this kernel does not say";
}

TEST(StartChecks, strict_reverse_path_filtering_matters_where_routes_are_somebody_elses) {
  Machine strict = machine();
  strict.uplinks[0].reverse_path_filter = net::ReversePathFilter::strict;
  EXPECT_THAT(findings(options(), strict), IsEmpty());
  Nat64Options without_routes = options();
  without_routes.routes = false;
  EXPECT_THAT(findings(without_routes, strict), ElementsAre(says("eth0", "net.ipv4.conf.eth0.rp_filter=2")));
}

TEST(StartChecks, an_mtu_that_no_link_has_is_a_mistake) {
  Nat64Options large = options();
  large.nat64.mtu6 = 9000;
  EXPECT_THAT(findings(large, machine()), ElementsAre(says("1500", "links")));
}

}  // namespace
}  // namespace dragoman::gateway
