// Ports of a worker's blocks: which one a binding gets, whose it is, and when a block goes back to the pool.
#include "port_blocks.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "fakes/random.h"
#include "ipv4_number.h"

namespace dragoman::nat64 {
namespace {

constexpr std::uint32_t first_address = 0xc6336401, second_address = 0xc6336402;  // 198.51.100.1, .2

Options options_of(std::uint16_t first_port, std::uint16_t last_port, std::uint32_t last = first_address) {
  Options options;
  options.pool4 = {{octets_of(first_address), octets_of(last), first_port, last_port, false}};
  options.port_block_size = 64;
  return options;
}

// One worker's blocks, and the hosts of two subscribers.
class Blocks {
 public:
  explicit Blocks(const Options& options) : pool(options, {}), blocks(pool, 3, 4711) {
    for (Index& subscriber : subscribers) subscriber = records.take();
  }

  // As a binding is begun: its number is the binding's.
  std::optional<OutsidePort> take(Host& host, Protocol protocol, std::uint16_t inside_port, bool parity = false) {
    const Index subscriber = host.subscriber == none ? subscribers[0] : host.subscriber;
    const auto port = blocks.take(records[subscriber], subscriber, host, {protocol, inside_port, parity, now});
    if (!port) return port;
    blocks.set(*port, protocol, ++last_binding);
    ++host.bindings;
    host.address4 = port->address;
    return port;
  }
  void give_back(Host& host, const OutsidePort& port, Protocol protocol) {
    blocks.give_back(port.index, port.port, protocol, now);
    --host.bindings;
  }
  // The blocks that go back when each has rested since `since`.
  std::size_t release(Second since) {
    std::size_t count = 0;
    while (blocks.release_one(since, records)) ++count;
    return count;
  }
  const Subscriber& subscriber(std::size_t at) const { return records[subscribers[at]]; }

  PortPool pool;
  PortBlocks blocks;
  Slab<Subscriber> records;
  std::array<Index, 2> subscribers{};
  Second now = 10;
  Index last_binding = none;
};

TEST(PortBlocks, know_the_binding_of_a_port) {
  Blocks scene(options_of(1024, 65535));
  Host host;
  const auto port = scene.take(host, Protocol::udp, 5000);
  ASSERT_TRUE(port);
  EXPECT_EQ(port->address, first_address);
  EXPECT_EQ(scene.blocks.find(port->index, port->port, Protocol::udp), scene.last_binding);
  EXPECT_EQ(scene.blocks.find(port->index, port->port, Protocol::tcp), none);
  EXPECT_EQ(scene.blocks.find(port->index, port->port ^ 1, Protocol::udp), none);
  EXPECT_EQ(scene.blocks.find(port->index, 80, Protocol::udp), none) << "a block that nobody holds";
  EXPECT_EQ(scene.blocks.find(17, 1024, Protocol::udp), none) << "an address that nobody has ports of";
  scene.give_back(host, *port, Protocol::udp);
  EXPECT_EQ(scene.blocks.find(port->index, port->port, Protocol::udp), none);
}

// R7 (RFC 4787 REQ-3): no port for two.
TEST(PortBlocks, give_every_port_once_for_each_protocol) {
  Blocks scene(options_of(1024, 1024 + 4 * 64 - 1));
  Host host;
  for (const Protocol protocol : {Protocol::tcp, Protocol::udp, Protocol::icmp}) {
    std::set<std::uint16_t> ports;
    for (int i = 0; i < 256; ++i) {
      const auto port = scene.take(host, protocol, 5000);
      ASSERT_TRUE(port);
      ports.insert(port->port);
    }
    EXPECT_EQ(ports.size(), 256u);
    EXPECT_EQ(*ports.begin(), 1024);
    EXPECT_FALSE(scene.take(host, protocol, 5000));
  }
}

// R7 (RFC 6146 3.5.1.1): 0-1023 for 0-1023, 1024-65535 for 1024-65535; R11 (3.5.2.3) for TCP.
TEST(PortBlocks, keep_the_half_of_the_inside_port) {
  Blocks scene(options_of(1, 65535));
  Host host;
  for (const Protocol protocol : {Protocol::tcp, Protocol::udp}) {
    for (int i = 0; i < 100; ++i) {
      EXPECT_LT(scene.take(host, protocol, 1023)->port, 1024);
      EXPECT_GE(scene.take(host, protocol, 1024)->port, 1024);
    }
  }
  EXPECT_GE(scene.take(host, Protocol::icmp, 7)->port, 1024) << "an identifier has no half";
}

TEST(PortBlocks, take_ports_of_the_other_half_rather_than_none) {
  Blocks scene(options_of(1024, 1024 + 63));
  Host host;
  EXPECT_TRUE(scene.take(host, Protocol::udp, 53));
  Blocks low(options_of(512, 512 + 63));
  Host other;
  EXPECT_EQ(low.take(other, Protocol::udp, 5000)->port / 64, 512 / 64);
}

TEST(PortBlocks, never_give_port_0_but_identifier_0) {
  Blocks scene(options_of(0, 63));
  Host host;
  std::set<std::uint16_t> ports, identifiers;
  while (const auto port = scene.take(host, Protocol::udp, 53)) ports.insert(port->port);
  while (const auto port = scene.take(host, Protocol::icmp, 53)) identifiers.insert(port->port);
  EXPECT_EQ(ports.size(), 63u);
  EXPECT_FALSE(ports.contains(0));
  EXPECT_EQ(identifiers.size(), 64u);
}

// R7: parity is kept when it is asked for, and given up rather than a port.
TEST(PortBlocks, keep_parity_if_asked) {
  Blocks scene(options_of(1024, 1024 + 63));
  Host host;
  for (int i = 0; i < 32; ++i) EXPECT_EQ(scene.take(host, Protocol::udp, 5001, true)->port % 2, 1);
  EXPECT_EQ(scene.take(host, Protocol::udp, 5001, true)->port % 2, 0);
  Blocks free(options_of(1024, 65535));
  std::set<int> parities;
  for (int i = 0; i < 40; ++i) parities.insert(free.take(host, Protocol::udp, 5001)->port % 2);
  EXPECT_EQ(parities.size(), 2u) << "R53 (RFC 7857 7): not by itself";
}

// R53 (RFC 6056 3.3): ports are hard to guess.
TEST(PortBlocks, give_ports_in_no_order) {
  Blocks scene(options_of(1024, 65535));
  Host host;
  int successive = 0;
  std::uint16_t last = scene.take(host, Protocol::tcp, 5000)->port;
  for (int i = 0; i < 60; ++i) {
    const std::uint16_t port = scene.take(host, Protocol::tcp, 5000)->port;
    successive += port == last + 1 ? 1 : 0;
    last = port;
  }
  EXPECT_LT(successive, 20);
}

// R50, R54 (RFC 4787 REQ-2, RFC 6888 REQ-2): one address for a host, for all protocols (R53, RFC 7857 4).
TEST(PortBlocks, pair_a_host_with_one_address) {
  Blocks scene(options_of(1024, 1024 + 16 * 64 - 1, second_address));
  Host host;
  const std::uint32_t address = scene.take(host, Protocol::tcp, 5000)->address;
  for (int i = 0; i < 300; ++i) {
    ASSERT_EQ(scene.take(host, Protocol::tcp, 5000)->address, address);
    ASSERT_EQ(scene.take(host, Protocol::udp, 5000)->address, address);
    ASSERT_EQ(scene.take(host, Protocol::icmp, 5000)->address, address);
  }
}

TEST(PortBlocks, take_another_address_when_the_pair_has_no_port_left) {
  Blocks scene(options_of(1024, 1024 + 63, second_address));
  Host host;
  std::map<std::uint32_t, int> of_address;
  for (int i = 0; i < 128; ++i) ++of_address[scene.take(host, Protocol::udp, 5000)->address];
  EXPECT_EQ(of_address.size(), 2u);
  EXPECT_FALSE(scene.take(host, Protocol::udp, 5000));
}

// The address of a static binding is the host's T like any other (RFC 6146 3.5.1.1).
TEST(PortBlocks, pair_a_host_with_the_address_of_its_static_binding) {
  for (const std::uint32_t address : {first_address, second_address}) {
    Blocks scene(options_of(1024, 65535, second_address));
    Host host;
    host.bindings = 1;
    host.address4 = address;
    for (int i = 0; i < 10; ++i) EXPECT_EQ(scene.take(host, Protocol::udp, 5000)->address, address);
  }
  Blocks scene(options_of(1024, 65535));
  Host host;
  host.bindings = 1;
  host.address4 = 0x0a000001;
  EXPECT_EQ(scene.take(host, Protocol::udp, 5000)->address, first_address) << "its T is not of the pool";
}

// R54 (RFC 6888 REQ-13): subscribers share no block, hosts of one do.
TEST(PortBlocks, belong_to_one_subscriber_each) {
  Blocks scene(options_of(1024, 65535));
  Host first, sibling, other;
  other.subscriber = scene.subscribers[1];
  std::set<int> of_first, of_sibling, of_other;
  for (int i = 0; i < 20; ++i) {
    of_first.insert(scene.take(first, Protocol::udp, 5000)->port / 64);
    of_sibling.insert(scene.take(sibling, Protocol::udp, 5000)->port / 64);
    of_other.insert(scene.take(other, Protocol::udp, 5000)->port / 64);
  }
  EXPECT_EQ(of_first.size(), 1u);
  EXPECT_EQ(of_first, of_sibling);
  EXPECT_NE(of_first, of_other);
  EXPECT_EQ(scene.blocks.blocks_of(scene.subscriber(0), 10).size(), 1u);
  EXPECT_EQ(scene.blocks.blocks_of(scene.subscriber(1), 10).size(), 1u);
  EXPECT_NE(scene.blocks.blocks_of(scene.subscriber(0), 10), scene.blocks.blocks_of(scene.subscriber(1), 10));
}

TEST(PortBlocks, are_told_once_when_they_are_taken) {
  Blocks scene(options_of(1024, 65535));
  Host host;
  for (int i = 0; i < 65; ++i) scene.take(host, Protocol::udp, 5000);
  EXPECT_EQ(scene.blocks.taken().size(), 2u);
  EXPECT_EQ(scene.pool.owner(scene.blocks.taken().front()), 3u);
}

// -- Rest and release. R54 (RFC 6888 REQ-8): not to another subscriber for 120 s --

TEST(PortBlocks, go_back_when_they_have_rested) {
  Blocks scene(options_of(1024, 65535));
  Host host;
  const auto first = scene.take(host, Protocol::udp, 5000), second = scene.take(host, Protocol::tcp, 5000);
  scene.now = 20;
  scene.give_back(host, *first, Protocol::udp);
  EXPECT_EQ(scene.release(1000), 0u) << "TCP still uses it";
  scene.now = 30;
  scene.give_back(host, *second, Protocol::tcp);
  EXPECT_EQ(scene.release(29), 0u);
  EXPECT_EQ(scene.pool.usage().taken, 1u);
  EXPECT_EQ(scene.release(30), 1u);
  EXPECT_EQ(scene.pool.usage().taken, 0u);
  EXPECT_EQ(scene.blocks.count(), 0u);
  EXPECT_EQ(scene.subscriber(0).pairings, none);
  EXPECT_EQ(scene.blocks.find(first->index, first->port, Protocol::udp), none);
}

TEST(PortBlocks, begin_to_rest_anew_when_they_were_used_again) {
  Blocks scene(options_of(1024, 65535));
  Host host;
  scene.give_back(host, *scene.take(host, Protocol::udp, 5000), Protocol::udp);
  scene.now = 50;
  const auto port = scene.take(host, Protocol::udp, 5000);
  EXPECT_EQ(scene.release(1000), 0u);
  scene.give_back(host, *port, Protocol::udp);
  EXPECT_EQ(scene.release(49), 0u);
  EXPECT_EQ(scene.release(50), 1u);
}

TEST(PortBlocks, go_back_though_no_port_of_them_was_ever_used) {
  Options options = options_of(1024, 1024 + 63);
  for (std::uint16_t port = 1024; port < 1024 + 64; ++port) {
    options.static_bindings.push_back({Protocol::tcp, {}, {ip::Address(octets_of(first_address)), port}});
  }
  Blocks scene(options);
  Host host;
  EXPECT_FALSE(scene.take(host, Protocol::tcp, 5000)) << "static bindings have all of them";
  EXPECT_EQ(scene.release(scene.now), 1u);
  EXPECT_EQ(scene.pool.usage().taken, 0u);
  EXPECT_TRUE(scene.take(host, Protocol::udp, 5000));
}

// -- Reloads --

TEST(PortBlocks, give_no_port_that_a_reload_took_away) {
  Blocks scene(options_of(1024, 1024 + 127));
  Host host;
  const auto kept = scene.take(host, Protocol::udp, 5000);
  scene.pool.apply(options_of(1024, 1024 + 15));
  std::set<std::uint16_t> ports;
  while (const auto port = scene.take(host, Protocol::udp, 5000)) ports.insert(port->port);
  for (const std::uint16_t port : ports) EXPECT_LT(port, 1024 + 16);
  EXPECT_GE(ports.size(), 15u);
  EXPECT_EQ(scene.blocks.find(kept->index, kept->port, Protocol::udp), 1u) << "what was given goes on";
}

TEST(PortBlocks, do_not_give_again_what_a_reload_took_away_while_it_was_used) {
  Blocks scene(options_of(1024, 1024 + 63));
  Host host;
  std::vector<OutsidePort> all;
  while (const auto port = scene.take(host, Protocol::udp, 5000)) all.push_back(*port);
  ASSERT_EQ(all.size(), 64u);
  scene.pool.apply(options_of(1024, 1024 + 15));
  EXPECT_FALSE(scene.take(host, Protocol::udp, 5000));
  for (const OutsidePort& port : all) scene.give_back(host, port, Protocol::udp);
  std::set<std::uint16_t> ports;
  while (const auto port = scene.take(host, Protocol::udp, 5000)) ports.insert(port->port);
  EXPECT_EQ(ports.size(), 16u);
}

TEST(PortBlocks, give_ports_that_a_reload_added_to_a_block_that_was_full) {
  Blocks scene(options_of(1024, 1024 + 15));
  Host host;
  std::set<std::uint16_t> ports;
  while (const auto port = scene.take(host, Protocol::udp, 5000)) ports.insert(port->port);
  ASSERT_EQ(ports.size(), 16u);
  scene.pool.apply(options_of(1024, 1024 + 63));
  scene.blocks.reopen();
  while (const auto port = scene.take(host, Protocol::udp, 5000)) EXPECT_TRUE(ports.insert(port->port).second);
  EXPECT_EQ(ports.size(), 64u);
}

// R7 (RFC 4787 REQ-3): nor one that a static binding has got.
TEST(PortBlocks, give_no_port_that_a_static_binding_has_got) {
  Options options = options_of(1024, 1024 + 63);
  Blocks scene(options);
  Host host;
  const auto some = scene.take(host, Protocol::tcp, 5000);
  const auto reserved = static_cast<std::uint16_t>(some->port == 1040 ? 1041 : 1040);
  options.static_bindings = {{Protocol::tcp, {}, {ip::Address(octets_of(first_address)), reserved}}};
  scene.pool.apply(options);
  std::set<std::uint16_t> ports{some->port};
  while (const auto port = scene.take(host, Protocol::tcp, 5000)) ports.insert(port->port);
  EXPECT_FALSE(ports.contains(reserved));
  EXPECT_EQ(ports.size(), 63u);
}

TEST(PortBlocks, take_new_ports_elsewhere_when_their_address_drains) {
  Blocks scene(options_of(1024, 65535, second_address));
  Host host;
  const std::uint32_t before = scene.take(host, Protocol::udp, 5000)->address;
  Options options = options_of(1024, 65535, second_address);
  const std::uint32_t left = before == first_address ? second_address : first_address;
  options.pool4 = {{octets_of(left), octets_of(left), 1024, 65535, false}};
  scene.pool.apply(options);
  EXPECT_EQ(scene.take(host, Protocol::udp, 5001)->address, left);
  EXPECT_EQ(scene.take(host, Protocol::udp, 5002)->address, left);
}

// -- Against a set --

TEST(PortBlocks, agree_with_a_set_whatever_is_taken_and_given_back) {
  fakes::Random random(5);
  Blocks scene(options_of(1000, 2000, second_address));
  std::array<Host, 6> hosts{};
  for (std::size_t i = 0; i < hosts.size(); ++i) hosts[i].subscriber = scene.subscribers[i % 2];
  struct Taken {
    std::size_t host;
    OutsidePort port;
    Protocol protocol;
    Index binding;
  };
  std::vector<Taken> taken;
  std::set<std::tuple<AddressIndex, std::uint16_t, Protocol>> owned;
  for (int i = 0; i < 30000; ++i) {
    scene.now += random.one_in(50) ? 1 : 0;
    if (random.one_in(64)) scene.release(scene.now - 3);
    if (random.below(16) < (i / 5000 % 2 == 0 ? 9 : 7) || taken.empty()) {
      const std::size_t host = random.below(static_cast<std::uint32_t>(hosts.size()));
      const auto protocol = static_cast<Protocol>(random.below(3));
      const auto port = scene.take(hosts[host], protocol, static_cast<std::uint16_t>(random.next()), random.one_in(2));
      if (!port) continue;
      ASSERT_TRUE(owned.insert({port->index, port->port, protocol}).second) << "given twice";
      taken.push_back({host, *port, protocol, scene.last_binding});
    } else {
      std::swap(taken[random.below(static_cast<std::uint32_t>(taken.size()))], taken.back());
      const Taken gone = taken.back();
      taken.pop_back();
      ASSERT_EQ(scene.blocks.find(gone.port.index, gone.port.port, gone.protocol), gone.binding);
      scene.give_back(hosts[gone.host], gone.port, gone.protocol);
      owned.erase({gone.port.index, gone.port.port, gone.protocol});
    }
  }
  for (const Taken& gone : taken) scene.give_back(hosts[gone.host], gone.port, gone.protocol);
  scene.release(scene.now);
  EXPECT_EQ(scene.blocks.count(), 0u);
  EXPECT_EQ(scene.pool.usage().taken, 0u);
  EXPECT_EQ(scene.subscriber(0).pairings, none);
  EXPECT_EQ(scene.subscriber(1).pairings, none);
}

}  // namespace
}  // namespace dragoman::nat64
