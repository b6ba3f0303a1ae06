// Queries and replies over UDP, at once and late.
#include "udp_listener.h"

#include <gtest/gtest.h>

#include <set>

#include "server_fixture.h"

namespace dragoman::serve {
namespace {

class UdpListenerTest : public ServerTest {
 protected:
  void SetUp() override {
    start({"dns://127.0.0.1:0"});
    client = std::move(*net::connect_udp(endpoint()));
  }
  void send(const std::string& query) {
    ASSERT_EQ(::send(client.get(), query.data(), query.size(), 0), std::ssize(query));
  }
  std::vector<std::string> receive(std::size_t count) {
    std::vector<std::string> replies;
    until([&] {
      std::string reply(5000, '\0');
      for (ssize_t length; (length = ::recv(client.get(), reply.data(), reply.size(), 0)) > 0;) {
        replies.push_back(reply.substr(0, static_cast<std::size_t>(length)));
      }
      return replies.size() >= count;
    });
    return replies;
  }

  net::UniqueFd client;
};

TEST_F(UdpListenerTest, answers_a_query) {
  send(dns_message(1));
  EXPECT_EQ(receive(1), std::vector<std::string>{reply_to(dns_message(1))});
  EXPECT_EQ(handler.asked.at(0).client.protocol, resolve::Protocol::udp);
  EXPECT_EQ(handler.asked.at(0).keepalive, 0);  // RFC 7828 3.2.1: never over UDP
  EXPECT_EQ(handler.asked.at(0).listener, "dns://127.0.0.1:0");
  EXPECT_EQ(handler.asked.at(0).path, "");
  EXPECT_EQ(handler.asked.at(0).tls_name, "");
}

TEST_F(UdpListenerTest, answers_a_burst_of_more_than_a_turns_batches) {
  for (std::uint16_t id = 0; id < 300; ++id) send(dns_message(id));
  const auto replies = receive(300);
  EXPECT_EQ(std::set<std::string>(replies.begin(), replies.end()).size(), 300u);
}

TEST_F(UdpListenerTest, sends_late_replies_to_those_who_asked) {
  net::UniqueFd second = std::move(*net::connect_udp(endpoint()));
  send(dns_message(1, 33, slow));
  const std::string other = dns_message(2, 33, slow);
  ASSERT_EQ(::send(second.get(), other.data(), other.size(), 0), 33);
  ASSERT_TRUE(until([&] { return handler.waiting.size() == 2; }));
  handler.release();
  EXPECT_EQ(receive(1), std::vector<std::string>{reply_to(dns_message(1))});
  std::string reply(100, '\0');
  ASSERT_EQ(::recv(second.get(), reply.data(), reply.size(), 0), 20);
  EXPECT_EQ(reply.substr(0, 20), reply_to(other));
}

TEST_F(UdpListenerTest, keeps_late_and_fast_queries_apart_in_one_batch) {
  for (std::uint16_t id = 0; id < 30; ++id) send(dns_message(id, 33, id % 3 == 0 ? slow : fast));
  EXPECT_EQ(receive(20).size(), 20u);
  ASSERT_EQ(handler.waiting.size(), 10u);
  handler.release();
  std::set<std::string> late;
  for (const std::string& reply : receive(10)) late.insert(reply);
  for (std::uint16_t id = 0; id < 30; id = static_cast<std::uint16_t>(id + 3)) {
    EXPECT_EQ(late.count(reply_to(dns_message(id))), 1u);
  }
}

TEST_F(UdpListenerTest, uses_the_place_of_an_answered_query_again) {
  for (std::uint16_t round = 0; round < 100; ++round) {
    send(dns_message(round, 33, slow));
    ASSERT_TRUE(until([&] { return !handler.waiting.empty(); }));
    handler.release();
    ASSERT_EQ(receive(1), std::vector<std::string>{reply_to(dns_message(round))});
  }
}

TEST_F(UdpListenerTest, says_nothing_to_what_is_dropped) {
  send(dns_message(1, 33, dropped));
  send("x");
  send(dns_message(2));
  EXPECT_EQ(receive(1), std::vector<std::string>{reply_to(dns_message(2))});
}

TEST_F(UdpListenerTest, forgets_what_waits_when_it_ends) {
  send(dns_message(1, 33, slow));
  ASSERT_TRUE(until([&] { return !handler.waiting.empty(); }));
  server.reset();
  EXPECT_FALSE(handler.waiting.at(0).reply->wanted());
}

}  // namespace
}  // namespace dragoman::serve
