// Who was answered with what: lifetimes, subscribers, room, and threads that write at once.
#include "dragoman/nat64/resolved_addresses.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace dragoman::nat64 {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t one_group = 64;  // four pairs
constexpr seconds grace = ResolvedAddresses::grace;

TimePoint at(seconds second) { return TimePoint(second); }

ip::Ipv6Octets host(const char* text) { return ip::Address::from_text(text)->v6(); }

ip::Ipv4Octets address(unsigned number) {
  return {198, 51, static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)};
}

const ip::Ipv6Octets client = host("2001:db8:1:2::3");

TEST(ResolvedAddresses, knows_what_was_answered_until_its_ttl_and_a_minute_are_over) {
  ResolvedAddresses resolved(1 << 16, 64, 7);
  EXPECT_FALSE(resolved.was_resolved(client.data(), address(1), at(100s)));
  EXPECT_TRUE(resolved.add(client, address(1), 30s, no_domain, at(100s)));
  EXPECT_TRUE(resolved.was_resolved(client.data(), address(1), at(100s)));
  EXPECT_TRUE(resolved.was_resolved(client.data(), address(1), at(129s + grace)));
  EXPECT_FALSE(resolved.was_resolved(client.data(), address(1), at(130s + grace)));
  EXPECT_FALSE(resolved.was_resolved(client.data(), address(2), at(100s)));
}

TEST(ResolvedAddresses, an_answer_with_a_shorter_ttl_takes_nothing_away) {
  ResolvedAddresses resolved(1 << 16, 64, 7);
  resolved.add(client, address(1), 300s, no_domain, at(100s));
  resolved.add(client, address(1), 1s, no_domain, at(110s));
  EXPECT_TRUE(resolved.was_resolved(client.data(), address(1), at(399s)));
  resolved.add(client, address(1), 600s, no_domain, at(110s));
  EXPECT_TRUE(resolved.was_resolved(client.data(), address(1), at(709s)));
}

TEST(ResolvedAddresses, all_hosts_of_a_subscriber_are_one) {
  ResolvedAddresses resolved(1 << 16, 64, 7);
  resolved.add(client, address(1), 30s, no_domain, at(1s));
  EXPECT_TRUE(resolved.was_resolved(host("2001:db8:1:2:ffff::9").data(), address(1), at(1s)));
  EXPECT_FALSE(resolved.was_resolved(host("2001:db8:1:3::3").data(), address(1), at(1s)));
}

TEST(ResolvedAddresses, subscribers_may_be_of_any_length) {
  for (const unsigned length : {48u, 56u, 60u, 63u, 65u, 127u, 128u}) {
    ResolvedAddresses resolved(1 << 16, static_cast<std::uint8_t>(length), 7);
    resolved.add(client, address(1), 30s, no_domain, at(1s));
    for (unsigned bit = 0; bit < 128; ++bit) {
      ip::Ipv6Octets other = client;
      other[bit / 8] = static_cast<std::uint8_t>(other[bit / 8] ^ 0x80 >> bit % 8);
      EXPECT_EQ(resolved.was_resolved(other.data(), address(1), at(1s)), bit >= length) << length << " " << bit;
    }
  }
}

TEST(ResolvedAddresses, a_source_need_not_be_aligned) {
  ResolvedAddresses resolved(1 << 16, 64, 7);
  resolved.add(client, address(1), 30s, no_domain, at(1s));
  std::array<std::uint8_t, 17> packet{};
  std::copy(client.begin(), client.end(), packet.begin() + 1);
  EXPECT_TRUE(resolved.was_resolved(packet.data() + 1, address(1), at(1s)));
}

TEST(ResolvedAddresses, the_domain_is_the_one_that_was_asked_for_last) {
  ResolvedAddresses resolved(1 << 16, 64, 7);
  EXPECT_EQ(resolved.domain_of(client.data(), address(1)), no_domain);
  resolved.add(client, address(1), 30s, 11, at(1s));
  EXPECT_EQ(resolved.domain_of(client.data(), address(1)), 11u);
  resolved.add(client, address(1), 30s, 12, at(2s));
  EXPECT_EQ(resolved.domain_of(client.data(), address(1)), 12u);
  resolved.add(client, address(1), 30s, no_domain, at(3s));
  EXPECT_EQ(resolved.domain_of(client.data(), address(1)), 12u) << "who asked for A alone says nothing of the name";
}

TEST(ResolvedAddresses, what_expires_first_makes_room_and_that_is_told) {
  ResolvedAddresses resolved(one_group, 64, 7);
  for (unsigned i = 0; i < 4; ++i) EXPECT_TRUE(resolved.add(client, address(i), seconds(100 - i), 1, at(10s)));
  EXPECT_FALSE(resolved.add(client, address(4), 100s, 1, at(11s)));
  EXPECT_FALSE(resolved.was_resolved(client.data(), address(3), at(11s)));
  for (const unsigned kept : {0u, 1u, 2u, 4u})
    EXPECT_TRUE(resolved.was_resolved(client.data(), address(kept), at(11s)));
  EXPECT_TRUE(resolved.add(client, address(5), 100s, 1, at(500s))) << "all had expired";
}

TEST(ResolvedAddresses, a_quarter_full_table_loses_hardly_anything) {
  ResolvedAddresses resolved(1 << 20, 64, 7);  // 49152 pairs
  std::vector<ip::Ipv6Octets> hosts;
  for (unsigned i = 0; i < 12'000; ++i) {
    hosts.push_back(client);
    hosts.back()[6] = static_cast<std::uint8_t>(i >> 8);
    hosts.back()[7] = static_cast<std::uint8_t>(i);
    resolved.add(hosts.back(), address(1), 300s, 1, at(1s));
  }
  unsigned lost = 0;
  for (const auto& known : hosts) lost += !resolved.was_resolved(known.data(), address(1), at(2s));
  EXPECT_LT(lost, 120u);
}

// Neither thread ever makes the other's pair say something that nobody wrote.
TEST(ResolvedAddresses, threads_that_write_one_place_lose_pairs_and_mix_none) {
  ResolvedAddresses resolved(one_group, 64, 7);
  std::atomic<bool> done{false};
  // The domain of each address is its number: another one would be a mixture.
  const auto write = [&](unsigned parity) {
    for (unsigned i = 0; i < 200'000; ++i) {
      const unsigned number = 2 * (i % 50) + parity;
      resolved.add(client, address(number), 1s, number + 1, at(seconds(i)));
    }
    done.store(true);
  };
  std::thread even(write, 0), odd(write, 1);
  while (!done.load()) {
    for (unsigned number = 0; number < 100; ++number) {
      const DomainId domain = resolved.domain_of(client.data(), address(number));
      if (domain != no_domain) {
        ASSERT_EQ(domain, number + 1);
      }
    }
  }
  even.join();
  odd.join();
}

}  // namespace
}  // namespace dragoman::nat64
