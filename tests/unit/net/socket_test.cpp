// Listening, accepting and connecting over loopback, and the errors in words.
#include "dragoman/net/socket.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <set>

namespace dragoman::net {
namespace {

using testing::HasSubstr;

ip::Endpoint endpoint(const char* address, std::uint16_t port = 0) { return {*ip::Address::from_text(address), port}; }

void wait_readable(int fd) {
  pollfd wanted{.fd = fd, .events = POLLIN, .revents = 0};
  ASSERT_EQ(poll(&wanted, 1, 5000), 1);
}

int option_of(int fd, int level, int name) {
  int value = -1;
  socklen_t length = sizeof value;
  getsockopt(fd, level, name, &value, &length);
  return value;
}

Accepted accept_one(int listener) {
  wait_readable(listener);
  auto accepted = accept_tcp(listener);
  return std::move(**accepted);
}

TEST(UniqueFd, closes_what_it_owns) {
  int number;
  {
    UniqueFd fd(::socket(AF_INET, SOCK_DGRAM, 0));
    number = fd.get();
  }
  EXPECT_EQ(::fcntl(number, F_GETFD), -1);
}

class TcpSockets : public testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(TcpSockets, connect_and_are_accepted_with_normalised_addresses) {
  const auto [bound, asked] = GetParam();
  const UniqueFd listener = *listen_tcp(endpoint(bound), false);
  const UniqueFd client = *connect_tcp(endpoint(asked, local_endpoint(listener.get()).port));
  const Accepted accepted = accept_one(listener.get());
  EXPECT_EQ(accepted.client, local_endpoint(client.get()));
  EXPECT_EQ(connect_error(client.get()), 0);
}

INSTANTIATE_TEST_SUITE_P(Loopback, TcpSockets,
                         testing::Values(std::pair{"127.0.0.1", "127.0.0.1"}, std::pair{"0.0.0.0", "127.0.0.2"},
                                         std::pair{"::1", "::1"}, std::pair{"::", "::1"},
                                         std::pair{"::", "127.0.0.1"}));

TEST(Sockets, accepting_when_nobody_waits_gives_nothing) {
  const UniqueFd listener = *listen_tcp(endpoint("127.0.0.1"), true);
  const auto accepted = accept_tcp(listener.get());
  ASSERT_TRUE(accepted);
  EXPECT_FALSE(accepted->has_value());
}

TEST(Sockets, accepted_connections_have_the_options_of_the_listener) {
  const UniqueFd listener = *listen_tcp(endpoint("127.0.0.1"), false);
  const UniqueFd client = *connect_tcp(local_endpoint(listener.get()));
  const Accepted accepted = accept_one(listener.get());
  EXPECT_EQ(option_of(accepted.fd.get(), IPPROTO_TCP, TCP_NODELAY), 1);
  EXPECT_EQ(option_of(accepted.fd.get(), SOL_SOCKET, SO_KEEPALIVE), 1);
  EXPECT_EQ(option_of(accepted.fd.get(), IPPROTO_TCP, TCP_USER_TIMEOUT), 10'000);
  EXPECT_NE(::fcntl(accepted.fd.get(), F_GETFL) & O_NONBLOCK, 0);
  EXPECT_NE(::fcntl(accepted.fd.get(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST(Sockets, accepting_on_what_does_not_listen_is_an_error) {
  const UniqueFd fd = *bind_udp(endpoint("127.0.0.1"));
  EXPECT_FALSE(accept_tcp(fd.get()));
}

TEST(Sockets, workers_share_an_address) {
  const UniqueFd first = *listen_tcp(endpoint("127.0.0.1"), false);
  EXPECT_TRUE(listen_tcp(local_endpoint(first.get()), false));
  const UniqueFd datagrams = *bind_udp(endpoint("127.0.0.1"));
  EXPECT_TRUE(bind_udp(local_endpoint(datagrams.get())));
}

TEST(Sockets, can_bind_says_who_is_in_the_way) {
  const UniqueFd listener = *listen_tcp(endpoint("127.0.0.1"), false);
  const auto taken = local_endpoint(listener.get());
  const auto refused = can_bind(taken, false);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::in_use);
  EXPECT_THAT(refused.error().text(), HasSubstr(taken.to_text()));
  EXPECT_TRUE(can_bind(endpoint("127.0.0.1"), false));

  const UniqueFd datagrams = *bind_udp(endpoint("::1"));
  EXPECT_FALSE(can_bind(local_endpoint(datagrams.get()), true));
  EXPECT_TRUE(can_bind(endpoint("::1"), true));
}

TEST(Sockets, an_address_of_nobody_is_said_to_be_that) {
  const auto refused = listen_tcp(endpoint("192.0.2.1", 0), false);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::not_found);
  EXPECT_EQ(refused.error().text(), "no interface of this machine has this address: 192.0.2.1:0");
}

TEST(Sockets, a_refused_connection_is_told_by_connect_error) {
  ip::Endpoint nobody;
  {
    const UniqueFd listener = *listen_tcp(endpoint("127.0.0.1"), false);
    nobody = local_endpoint(listener.get());
  }
  auto client = connect_tcp(nobody);
  // Loopback may refuse at once.
  if (client) {
    wait_readable(client->get());
    EXPECT_EQ(connect_error(client->get()), ECONNREFUSED);
  } else {
    EXPECT_THAT(client.error().text(), HasSubstr("Connection refused"));
  }
}

TEST(Sockets, a_refusal_by_the_other_end_leaves_no_note_of_icmp) {
  ip::Endpoint nobody;
  {
    const UniqueFd listener = *listen_tcp(endpoint("::1"), false);
    nobody = local_endpoint(listener.get());
  }
  const Connecting client = connect_tcp_noting_icmp(nobody);
  ASSERT_TRUE(client.fd);
  EXPECT_EQ(option_of(client.fd.get(), IPPROTO_IPV6, IPV6_RECVERR), 1);
  if (client.error == 0) wait_readable(client.fd.get());
  EXPECT_EQ(client.error == 0 ? connect_error(client.fd.get()) : client.error, ECONNREFUSED);
  EXPECT_FALSE(had_icmp_error(client.fd.get()));
}

// A datagram to a closed port is the one ICMP error that loopback makes without a firewall.
TEST(Sockets, an_icmp_error_is_noted_once) {
  const ip::Endpoint nobody = local_endpoint(bind_udp(endpoint("::1"))->get());
  const UniqueFd client = *connect_udp(nobody);
  const int on = 1;
  ASSERT_EQ(setsockopt(client.get(), IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof on), 0);
  EXPECT_FALSE(had_icmp_error(client.get()));
  ASSERT_EQ(::send(client.get(), "x", 1, 0), 1);
  pollfd wanted{.fd = client.get(), .events = POLLIN, .revents = 0};
  ASSERT_EQ(poll(&wanted, 1, 5000), 1);
  EXPECT_TRUE(had_icmp_error(client.get()));
  EXPECT_FALSE(had_icmp_error(client.get()));
}

TEST(Sockets, client_ports_are_not_in_sequence) {
  std::set<int> steps;
  int last = 0;
  for (int i = 0; i < 16; ++i) {
    const UniqueFd fd = *connect_udp(endpoint("127.0.0.1", 53));
    const int port = local_endpoint(fd.get()).port;
    steps.insert(port - last);
    last = port;
  }
  EXPECT_GT(steps.size(), 10u);
}

TEST(Sockets, datagrams_are_never_sent_with_df) {
  const UniqueFd fd = *bind_udp(endpoint("127.0.0.1"));
  EXPECT_EQ(option_of(fd.get(), IPPROTO_IP, IP_MTU_DISCOVER), IP_PMTUDISC_OMIT);
  const UniqueFd fd6 = *bind_udp(endpoint("::1"));
  EXPECT_EQ(option_of(fd6.get(), IPPROTO_IPV6, IPV6_MTU_DISCOVER), IPV6_PMTUDISC_OMIT);
}

}  // namespace
}  // namespace dragoman::net
