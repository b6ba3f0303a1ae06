// The pool of addresses in blocks of ports. R14 (RFC 6888 REQ-3): many addresses, not contiguous, port ranges each.
#include "dragoman/nat64/port_pool.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <thread>

namespace dragoman::nat64 {
namespace {

PoolEntry entry(ip::Ipv4Octets first, ip::Ipv4Octets last, std::uint16_t first_port = 1024,
                std::uint16_t last_port = 65535) {
  return {first, last, first_port, last_port, false};
}
PoolEntry drained(PoolEntry entry) {
  entry.drain = true;
  return entry;
}
Options options_of(std::vector<PoolEntry> entries, std::uint16_t block_size = 256) {
  Options options;
  options.pool4 = std::move(entries);
  options.port_block_size = block_size;
  return options;
}
constexpr ip::Ipv4Octets first_address{198, 51, 100, 1}, second_address{198, 51, 100, 2}, other_address{203, 0, 113, 9};

// Every block that is to be had.
std::vector<BlockNumber> take_all(PortPool& pool, bool low_ports, unsigned worker = 0) {
  std::vector<BlockNumber> taken;
  for (std::uint32_t seed = 0;; ++seed) {
    const BlockNumber block = pool.take(std::nullopt, seed * 2654435761U, low_ports, worker);
    if (block == no_block) return taken;
    taken.push_back(block);
  }
}

TEST(PortPool, knows_its_addresses_and_no_others) {
  PortPool pool(options_of({entry(first_address, second_address), entry(other_address, other_address)}), {});
  ASSERT_EQ(pool.address_count(), 3u);
  for (const auto& address : {first_address, second_address, other_address}) {
    ASSERT_TRUE(pool.index_of(address));
    EXPECT_EQ(pool.address(*pool.index_of(address)), address);
  }
  EXPECT_FALSE(pool.index_of({198, 51, 100, 0}));
  EXPECT_FALSE(pool.index_of({198, 51, 100, 3}));
  EXPECT_FALSE(pool.index_of({203, 0, 113, 8}));
  EXPECT_FALSE(pool.index_of({0, 0, 0, 0}));
  EXPECT_FALSE(pool.index_of({255, 255, 255, 255}));
}

TEST(PortPool, names_blocks_by_address_and_port) {
  PortPool pool(options_of({entry(first_address, second_address)}), {});
  const AddressIndex index = *pool.index_of(second_address);
  const BlockNumber block = pool.block_of(index, 1300);
  EXPECT_EQ(pool.address_of(block), second_address);
  EXPECT_EQ(pool.first_port(block), 1280);
  EXPECT_EQ(pool.first_port(pool.block_of(index, 65535)), 65280);
}

TEST(PortPool, gives_every_block_once) {
  PortPool pool(options_of({entry(first_address, second_address), entry(other_address, other_address)}), {});
  const std::vector<BlockNumber> taken = take_all(pool, false);
  EXPECT_EQ(taken.size(), 3 * (65536 - 1024) / 256u);
  EXPECT_EQ(std::set(taken.begin(), taken.end()).size(), taken.size());
  EXPECT_EQ(pool.usage().taken, taken.size());
}

// R7 (RFC 6146 3.5.1.1): ports 0 to 1023 are apart.
TEST(PortPool, keeps_low_ports_and_high_ports_apart) {
  PortPool pool(options_of({entry(first_address, first_address, 512, 2047)}), {});
  std::set<std::uint16_t> low, high;
  for (const BlockNumber block : take_all(pool, true)) low.insert(pool.first_port(block));
  for (const BlockNumber block : take_all(pool, false)) high.insert(pool.first_port(block));
  EXPECT_EQ(low, (std::set<std::uint16_t>{512, 768}));
  EXPECT_EQ(high, (std::set<std::uint16_t>{1024, 1280, 1536, 1792}));
}

TEST(PortPool, gives_blocks_that_have_some_ports_of_a_range) {
  PortPool pool(options_of({entry(first_address, first_address, 3000, 3100)}), {});
  const std::vector<BlockNumber> taken = take_all(pool, false);
  ASSERT_EQ(taken.size(), 2u);
  const AddressIndex index = *pool.index_of(first_address);
  EXPECT_FALSE(pool.may_use(index, 2999, Protocol::udp));
  EXPECT_TRUE(pool.may_use(index, 3000, Protocol::udp));
  EXPECT_TRUE(pool.may_use(index, 3100, Protocol::udp));
  EXPECT_FALSE(pool.may_use(index, 3101, Protocol::udp));
}

TEST(PortPool, joins_the_ranges_of_entries_that_overlap) {
  PortPool pool(options_of({entry(first_address, {198, 51, 100, 3}, 2048, 2303),
                            entry(second_address, second_address, 4096, 4351)}),
                {});
  const AddressIndex first = *pool.index_of(first_address), second = *pool.index_of(second_address);
  EXPECT_FALSE(pool.may_use(first, 4096, Protocol::tcp));
  EXPECT_TRUE(pool.may_use(second, 4096, Protocol::tcp));
  EXPECT_TRUE(pool.may_use(second, 2048, Protocol::tcp));
  EXPECT_TRUE(pool.may_use(*pool.index_of({198, 51, 100, 3}), 2048, Protocol::tcp));
}

TEST(PortPool, keeps_to_the_address_that_is_wanted) {
  PortPool pool(options_of({entry(first_address, second_address, 1024, 2047)}), {});
  const AddressIndex index = *pool.index_of(second_address);
  for (std::uint32_t seed = 0; seed < 4; ++seed) {
    const BlockNumber block = pool.take(index, seed, false, 0);
    ASSERT_NE(block, no_block);
    EXPECT_EQ(pool.address_of(block), second_address);
  }
  EXPECT_EQ(pool.take(index, 9, false, 0), no_block);
  EXPECT_EQ(pool.address_of(pool.take(std::nullopt, 9, false, 0)), first_address);
}

// R54 (RFC 6888 REQ-15): subscribers spread over the addresses.
TEST(PortPool, spreads_over_its_addresses) {
  PortPool pool(options_of({entry({198, 51, 100, 0}, {198, 51, 100, 15})}), {});
  std::array<int, 16> of_address{};
  for (std::uint32_t seed = 0; seed < 1600; ++seed) {
    ++of_address[pool.address_of(pool.take(std::nullopt, seed, false, 0))[3]];
  }
  for (const int count : of_address) EXPECT_NEAR(count, 100, 50);
}

TEST(PortPool, says_who_holds_a_block) {
  const Options options = options_of({entry(first_address, first_address)});
  std::vector<std::atomic<std::uint64_t>> words(PortPool::capacity(options));
  PortPool pool(options, words);
  const BlockNumber block = pool.take(std::nullopt, 1, false, 6);
  EXPECT_EQ(pool.owner(block), 6u);
  EXPECT_EQ(words[block], 7u) << "worker + 1: what the steering program reads";
  pool.give_back(block);
  EXPECT_EQ(pool.owner(block), std::nullopt);
  EXPECT_EQ(words[block], 0u);
}

TEST(PortPool, gives_a_block_again_that_was_given_back) {
  PortPool pool(options_of({entry(first_address, second_address, 1024, 2047)}), {});
  const std::vector<BlockNumber> taken = take_all(pool, false);
  ASSERT_EQ(pool.take(std::nullopt, 5, false, 0), no_block);
  ASSERT_EQ(pool.take(*pool.index_of(first_address), 5, false, 0), no_block);
  pool.give_back(taken[3]);
  EXPECT_EQ(pool.take(std::nullopt, 5, true, 0), no_block);
  EXPECT_EQ(pool.take(std::nullopt, 5, false, 0), taken[3]);
  EXPECT_EQ(pool.take(std::nullopt, 5, false, 0), no_block);
}

TEST(PortPool, keeps_ports_of_static_bindings_for_them) {
  Options options = options_of({entry(first_address, first_address)});
  options.static_bindings = {{Protocol::tcp, {}, {ip::Address(first_address), 8080}},
                             {Protocol::udp, {}, {ip::Address(other_address), 8081}}};
  PortPool pool(options, {});
  EXPECT_FALSE(pool.may_use(0, 8080, Protocol::tcp));
  EXPECT_TRUE(pool.may_use(0, 8080, Protocol::udp));
  EXPECT_TRUE(pool.may_use(0, 8081, Protocol::udp)) << "of another address";
  EXPECT_FALSE(pool.index_of(other_address));
}

// -- Reloads --

TEST(PortPool, keeps_the_numbers_of_addresses_at_a_reload) {
  PortPool pool(options_of({entry(other_address, other_address)}), {});
  const AddressIndex before = *pool.index_of(other_address);
  ASSERT_TRUE(pool.apply(options_of({entry(first_address, second_address), entry(other_address, other_address)})));
  EXPECT_EQ(pool.index_of(other_address), before);
  EXPECT_EQ(pool.address(before), other_address);
  ASSERT_TRUE(pool.index_of(second_address));
  EXPECT_EQ(pool.address(*pool.index_of(second_address)), second_address);
}

TEST(PortPool, drains_addresses_that_are_gone) {
  PortPool pool(options_of({entry(first_address, second_address)}), {});
  const BlockNumber held = pool.take(*pool.index_of(first_address), 1, false, 0);
  pool.apply(options_of({entry(second_address, second_address)}));
  EXPECT_TRUE(pool.index_of(first_address)) << "what goes on there comes back there";
  EXPECT_FALSE(pool.gives(*pool.index_of(first_address)));
  EXPECT_FALSE(pool.may_be_taken(held));
  EXPECT_EQ(pool.take(*pool.index_of(first_address), 1, false, 0), no_block);
  EXPECT_EQ(pool.usage_of(*pool.index_of(first_address)).draining, 1u);
  for (const BlockNumber block : take_all(pool, false)) ASSERT_EQ(pool.address_of(block), second_address);
  pool.apply(options_of({entry(first_address, second_address)}));
  EXPECT_NE(pool.take(*pool.index_of(first_address), 1, false, 0), no_block) << "and comes back";
}

TEST(PortPool, drains_an_address_that_is_configured_so) {
  PortPool pool(options_of({drained(entry(first_address, first_address)), entry(second_address, second_address)}), {});
  EXPECT_TRUE(pool.index_of(first_address));
  EXPECT_FALSE(pool.gives(*pool.index_of(first_address)));
  EXPECT_EQ(pool.usage().blocks, 252u);
  EXPECT_EQ(pool.usage_of(*pool.index_of(first_address)).blocks, 0u);
}

TEST(PortPool, gives_ports_that_a_reload_added_though_it_had_none_left) {
  PortPool pool(options_of({entry(first_address, first_address, 1024, 1279)}), {});
  ASSERT_EQ(take_all(pool, false).size(), 1u);
  pool.apply(options_of({entry(first_address, first_address, 1024, 2047)}));
  EXPECT_EQ(take_all(pool, false).size(), 3u);
}

TEST(PortPool, refuses_a_reload_with_more_addresses_than_there_is_room_for) {
  PortPool pool(options_of({entry(first_address, first_address)}), {});
  EXPECT_FALSE(pool.apply(options_of({entry({10, 0, 0, 0}, {10, 0, 255, 255})})));
  EXPECT_EQ(pool.address_count(), 1u);
  EXPECT_TRUE(pool.gives(0)) << "nothing was changed";
}

TEST(PortPool, has_nothing_to_give_without_addresses) {
  PortPool pool(options_of({}), {});
  EXPECT_EQ(pool.take(std::nullopt, 1, false, 0), no_block);
  EXPECT_EQ(pool.usage().blocks, 0u);
  EXPECT_FALSE(pool.index_of(first_address));
}

TEST(PortPool, tells_what_is_configured_beyond_its_limit_by_having_nothing) {
  PortPool pool(options_of({entry({10, 0, 0, 0}, {10, 1, 255, 255})}, 1024), {});
  EXPECT_EQ(pool.address_count(), 0u);
  EXPECT_EQ(pool.take(std::nullopt, 1, false, 0), no_block);
}

// -- Threads --

TEST(PortPool, gives_no_block_to_two_workers) {
  const Options options = options_of({entry(first_address, second_address)}, 64);
  PortPool pool(options, {});
  std::array<std::vector<BlockNumber>, 3> taken;
  std::vector<std::thread> workers;
  for (unsigned worker = 0; worker < taken.size(); ++worker) {
    workers.emplace_back([&, worker] {
      for (std::uint32_t seed = 0; seed < 3000; ++seed) {
        const BlockNumber block = pool.take(std::nullopt, seed, seed % 7 == 0, worker);
        if (block != no_block) taken[worker].push_back(block);
        if (seed % 3 != 0 || taken[worker].empty()) continue;
        pool.give_back(taken[worker].back());
        taken[worker].pop_back();
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
  std::set<BlockNumber> all;
  std::size_t count = 0;
  for (unsigned worker = 0; worker < taken.size(); ++worker) {
    count += taken[worker].size();
    for (const BlockNumber block : taken[worker]) {
      all.insert(block);
      EXPECT_EQ(pool.owner(block), worker);
    }
  }
  EXPECT_EQ(all.size(), count);
  EXPECT_EQ(pool.usage().taken, count);
}

}  // namespace
}  // namespace dragoman::nat64
