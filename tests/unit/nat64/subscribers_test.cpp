// Subscribers by prefixes of any length, hosts, and when both go.
// RFC 6888 REQ-4: what counts together is the subscriber.
#include "subscribers.h"

#include <gtest/gtest.h>

#include <vector>

namespace dragoman::nat64 {
namespace {

constexpr std::uint64_t secret = 17;

ip::Ipv6Octets address(const char* text) { return ip::Address::from_text(text)->v6(); }

TEST(Subscribers, hosts_of_one_prefix_are_one_subscriber) {
  Subscribers subscribers(64, secret);
  const auto first = address("2001:db8:0:1::1"), second = address("2001:db8:0:1:ffff::2"),
             other = address("2001:db8:0:2::1");
  const Index subscriber = subscribers.find_or_add_subscriber(first.data());
  EXPECT_EQ(subscribers.find_or_add_subscriber(second.data()), subscriber);
  EXPECT_NE(subscribers.find_or_add_subscriber(other.data()), subscriber);
  EXPECT_EQ(subscribers.records()[subscriber].prefix, address("2001:db8:0:1::"));
}

TEST(Subscribers, a_prefix_may_end_within_an_octet) {
  Subscribers subscribers(60, secret);
  const auto inside = address("2001:db8:0:1f::1"), neighbour = address("2001:db8:0:11::1"),
             outside = address("2001:db8:0:20::1");
  const Index subscriber = subscribers.find_or_add_subscriber(inside.data());
  EXPECT_EQ(subscribers.find_subscriber(neighbour.data()), subscriber);
  EXPECT_EQ(subscribers.find_subscriber(outside.data()), none);
  EXPECT_EQ(subscribers.prefix_of(inside.data()), address("2001:db8:0:10::"));
}

TEST(Subscribers, a_prefix_of_128_bits_is_a_subscriber_for_each_host) {
  Subscribers subscribers(128, secret);
  const auto first = address("2001:db8::1"), second = address("2001:db8::2");
  EXPECT_NE(subscribers.find_or_add_subscriber(first.data()), subscribers.find_or_add_subscriber(second.data()));
}

TEST(Subscribers, a_host_is_found_until_it_is_removed_and_its_subscriber_until_it_is_idle) {
  Subscribers subscribers(64, secret);
  const auto inside = address("2001:db8::1");
  const Index subscriber = subscribers.find_or_add_subscriber(inside.data());
  const Index host = subscribers.add_host(inside.data(), subscriber);
  EXPECT_EQ(subscribers.find_host(inside.data()), host);
  EXPECT_EQ(&subscribers.of(host), &subscribers.records()[subscriber]);
  subscribers.remove_subscriber_if_idle(subscriber);
  EXPECT_EQ(subscribers.find_subscriber(inside.data()), subscriber) << "it has a host";
  subscribers.remove_host(host);
  EXPECT_EQ(subscribers.find_host(inside.data()), none);
  subscribers.records()[subscriber].pairings = 1;
  subscribers.remove_subscriber_if_idle(subscriber);
  EXPECT_EQ(subscribers.find_subscriber(inside.data()), subscriber) << "it has port blocks";
  subscribers.records()[subscriber].pairings = none;
  subscribers.remove_subscriber_if_idle(subscriber);
  EXPECT_EQ(subscribers.find_subscriber(inside.data()), none);
}

TEST(Subscribers, many_are_told_apart) {
  Subscribers subscribers(64, secret);
  auto inside = address("2001:db8::1");
  std::vector<Index> hosts;
  for (unsigned i = 0; i < 5000; ++i) {
    inside[6] = static_cast<std::uint8_t>(i >> 8);
    inside[7] = static_cast<std::uint8_t>(i);
    hosts.push_back(subscribers.add_host(inside.data(), subscribers.find_or_add_subscriber(inside.data())));
  }
  EXPECT_EQ(subscribers.records().count(), 5000u);
  for (unsigned i = 0; i < 5000; ++i) {
    inside[6] = static_cast<std::uint8_t>(i >> 8);
    inside[7] = static_cast<std::uint8_t>(i);
    ASSERT_EQ(subscribers.find_host(inside.data()), hosts[i]);
  }
}

}  // namespace
}  // namespace dragoman::nat64
