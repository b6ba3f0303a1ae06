// Listeners: addresses, certificates, and the end of accepting.
#include "dragoman/serve/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server_fixture.h"

namespace dragoman::serve {
namespace {

using resolve::Protocol;

class ListeningTest : public ServerTest {};

TEST_F(ListeningTest, opens_udp_and_tcp_on_one_port) {
  start({"dns://127.0.0.1:0"});
  ASSERT_EQ(server->endpoints().size(), 1u);
  EXPECT_NE(endpoint().port, 0);
  auto udp = net::connect_udp(endpoint());
  ASSERT_TRUE(udp);
  const std::string query = dns_message(7);
  ASSERT_EQ(::send(udp->get(), query.data(), query.size(), 0), 33);
  std::string reply(100, '\0');
  ssize_t length = -1;
  EXPECT_TRUE(until([&] { return (length = ::recv(udp->get(), reply.data(), reply.size(), 0)) > 0; }));
  EXPECT_EQ(reply.substr(0, static_cast<std::size_t>(length)), reply_to(query));
  TestClient tcp(endpoint());
  tcp.send(framed(query));
  EXPECT_TRUE(until_received(tcp, framed(reply_to(query))));
}

TEST_F(ListeningTest, lets_two_workers_share_an_address) {
  start({"dns://127.0.0.1:0"});
  Metrics other_metrics;
  Server other(loop, handler, shared, limits, other_metrics);
  EXPECT_TRUE(other.listen(*ListenOptions::from_url("dns://" + endpoint().to_text())));
}

TEST_F(ListeningTest, serves_ipv6) {
  start({"dns://[::1]:0"});
  TestClient client(endpoint());
  client.send(framed(dns_message(1)));
  EXPECT_TRUE(until_received(client, framed(reply_to(dns_message(1)))));
  EXPECT_EQ(handler.asked.at(0).client.address.to_text(), "::1");
}

TEST_F(ListeningTest, tells_ipv4_clients_of_a_dual_stack_socket_as_ipv4) {
  start({"dns://[::]:0"});
  TestClient client({*ip::Address::from_text("127.0.0.1"), endpoint().port});
  client.send(framed(dns_message(1)));
  ASSERT_TRUE(until_received(client, framed(reply_to(dns_message(1)))));
  EXPECT_EQ(handler.asked.at(0).client.address.to_text(), "127.0.0.1");
}

TEST_F(ListeningTest, needs_a_certificate_for_tls) {
  Server bare(loop, handler, std::make_shared<ConnectionLimits>(limits), limits, metrics);
  const auto opened = bare.listen(*ListenOptions::from_url("tls://127.0.0.1:0"));
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().text(), testing::HasSubstr("certificate"));
}

TEST_F(ListeningTest, says_which_address_cannot_be_opened) {
  start({});
  const auto opened = server->listen(*ListenOptions::from_url("dns://192.0.2.1:5300"));
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().text(), testing::HasSubstr("192.0.2.1"));
  EXPECT_TRUE(server->endpoints().empty());
}

TEST_F(ListeningTest, accepts_nobody_after_a_drain_but_answers_over_udp_to_the_end) {
  start({"dns://127.0.0.1:0"});
  const ip::Endpoint address = endpoint();
  server->drain();
  TestClient late(address);
  EXPECT_TRUE(until_closed(late));
  auto udp = net::connect_udp(address);
  const std::string query = dns_message(7);
  ASSERT_EQ(::send(udp->get(), query.data(), query.size(), 0), 33);
  EXPECT_TRUE(until([&] { return !handler.asked.empty(); }));
}

TEST_F(ListeningTest, gives_new_connections_the_new_certificate_and_lets_old_ones_live) {
  start({"tls://127.0.0.1:0"});
  TestClient old(endpoint(), client_session("dot"));
  old.send(framed(dns_message(1)));
  ASSERT_TRUE(until_received(old, framed(reply_to(dns_message(1)))));
  loaded.reset();
  server->use(tls());
  TestClient fresh(endpoint(), client_session("dot"));
  fresh.send(framed(dns_message(2)));
  EXPECT_TRUE(until_received(fresh, framed(reply_to(dns_message(2)))));
  old.received.clear();
  old.send(framed(dns_message(3)));
  EXPECT_TRUE(until_received(old, framed(reply_to(dns_message(3)))));
}

}  // namespace
}  // namespace dragoman::serve
