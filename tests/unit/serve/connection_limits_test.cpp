// How many connections are admitted, per client and in all.
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "dragoman/serve/server.h"

namespace dragoman::serve {
namespace {

using Verdict = ConnectionLimits::Verdict;

ip::Address address(const char* text) { return *ip::Address::from_text(text); }

LimitOptions limits(std::uint32_t connections, std::uint32_t per_client) {
  LimitOptions options;
  options.connections = connections;
  options.connections_per_client = per_client;
  return options;
}

TEST(ConnectionLimits, admits_a_client_up_to_its_limit_and_again_after_a_release) {
  ConnectionLimits counted(limits(100, 2));
  const auto client = address("192.0.2.1");
  EXPECT_EQ(counted.admit(client), Verdict::admitted);
  EXPECT_EQ(counted.admit(client), Verdict::admitted);
  EXPECT_EQ(counted.admit(client), Verdict::too_many_of_client);
  EXPECT_EQ(counted.admit(address("192.0.2.2")), Verdict::admitted);
  counted.release(client);
  EXPECT_EQ(counted.admit(client), Verdict::admitted);
}

TEST(ConnectionLimits, counts_ipv6_clients_by_their_64) {
  ConnectionLimits counted(limits(100, 1));
  EXPECT_EQ(counted.admit(address("2001:db8:0:1::1")), Verdict::admitted);
  EXPECT_EQ(counted.admit(address("2001:db8:0:1:ffff::2")), Verdict::too_many_of_client);
  EXPECT_EQ(counted.admit(address("2001:db8:0:2::1")), Verdict::admitted);
}

TEST(ConnectionLimits, bounds_all_clients_together) {
  ConnectionLimits counted(limits(2, 0));
  EXPECT_EQ(counted.admit(address("192.0.2.1")), Verdict::admitted);
  EXPECT_EQ(counted.admit(address("192.0.2.2")), Verdict::admitted);
  EXPECT_EQ(counted.admit(address("192.0.2.3")), Verdict::too_many);
  counted.release(address("192.0.2.1"));
  EXPECT_EQ(counted.admit(address("192.0.2.3")), Verdict::admitted);
}

TEST(ConnectionLimits, has_no_limit_per_client_when_it_is_0) {
  ConnectionLimits counted(limits(1000, 0));
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(counted.admit(address("192.0.2.1")), Verdict::admitted);
  EXPECT_EQ(counted.admit(address("192.0.2.1")), Verdict::too_many);
}

TEST(ConnectionLimits, is_crowded_beyond_four_fifths) {
  ConnectionLimits counted(limits(10, 0));
  for (int i = 0; i < 8; ++i) (void)counted.admit(address("192.0.2.1"));
  EXPECT_FALSE(counted.crowded());
  (void)counted.admit(address("192.0.2.1"));
  EXPECT_TRUE(counted.crowded());
  counted.release(address("192.0.2.1"));
  EXPECT_FALSE(counted.crowded());
}

TEST(ConnectionLimits, a_refused_connection_does_not_count) {
  ConnectionLimits counted(limits(10, 1));
  (void)counted.admit(address("192.0.2.1"));
  for (int i = 0; i < 20; ++i) (void)counted.admit(address("192.0.2.1"));
  EXPECT_EQ(counted.open(), 1u);
}

TEST(ConnectionLimits, admits_handshakes_at_their_rate_and_twice_as_many_at_once) {
  LimitOptions options;
  options.handshakes_per_second = 2;
  ConnectionLimits counted(options);
  TimePoint now{std::chrono::hours(1)};
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(counted.admit_handshake(address("2001:db8:0:1::1"), now));
  EXPECT_FALSE(counted.admit_handshake(address("2001:db8:0:1::2"), now));
  EXPECT_TRUE(counted.admit_handshake(address("2001:db8:0:2::1"), now));
  now += milliseconds(500);
  EXPECT_TRUE(counted.admit_handshake(address("2001:db8:0:1::2"), now));
  EXPECT_FALSE(counted.admit_handshake(address("2001:db8:0:1::2"), now));
}

TEST(ConnectionLimits, has_no_limit_of_handshakes_by_default) {
  ConnectionLimits counted(LimitOptions{});
  for (int i = 0; i < 10'000; ++i) ASSERT_TRUE(counted.admit_handshake(address("192.0.2.1"), TimePoint()));
}

TEST(ConnectionLimits, keeps_count_when_workers_admit_and_release_at_once) {
  ConnectionLimits counted(limits(1000000, 1000000));
  std::vector<std::jthread> workers;
  for (int worker = 0; worker < 4; ++worker) {
    workers.emplace_back([&counted] {
      for (int i = 0; i < 10000; ++i) {
        const auto client = ip::Address(ip::Ipv4Octets{192, 0, 2, static_cast<std::uint8_t>(i)});
        if (counted.admit(client) == Verdict::admitted) counted.release(client);
      }
    });
  }
  workers.clear();
  EXPECT_EQ(counted.open(), 0u);
}

}  // namespace
}  // namespace dragoman::serve
