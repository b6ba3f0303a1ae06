// Datagrams over loopback: the answer leaves from the address that was asked, whatever the socket is bound to.
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/net/socket.h"

namespace dragoman::net {
namespace {

ip::Endpoint endpoint(const char* address, std::uint16_t port = 0) { return {*ip::Address::from_text(address), port}; }

Bytes bytes_of(std::string_view text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

std::string text_of(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

void wait_readable(int fd) {
  pollfd wanted{.fd = fd, .events = POLLIN, .revents = 0};
  ASSERT_EQ(poll(&wanted, 1, 5000), 1);
}

// A server socket and a batch for it.
struct Server {
  explicit Server(const char* address) : fd(*bind_udp(endpoint(address))), port(local_endpoint(fd.get()).port) {}

  std::size_t receive() {
    wait_readable(fd.get());
    return batch.receive(fd.get());
  }
  void set_reply(std::size_t index, std::string_view text) {
    std::memcpy(batch.reply_buffer(index).data(), text.data(), text.size());
    batch.set_reply(index, text.size());
  }

  UniqueFd fd;
  std::uint16_t port;
  UdpBatch batch;
};

// A client whose socket is connected: it takes answers from the address that it asked and from no other.
struct Client {
  Client(const char* server, std::uint16_t port) : fd(*connect_udp(endpoint(server, port))) {}

  void ask(std::string_view text) {
    ASSERT_EQ(::send(fd.get(), text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
  }
  std::string answer() {
    wait_readable(fd.get());
    std::array<char, 8192> buffer;
    const ssize_t length = ::recv(fd.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    return length < 0 ? "nothing" : std::string(buffer.data(), static_cast<std::size_t>(length));
  }

  UniqueFd fd;
};

struct Route {
  const char* bound;
  const char* asked;
  const char* client;
};

class UdpBatchRoutes : public testing::TestWithParam<Route> {};

TEST_P(UdpBatchRoutes, answers_leave_from_the_address_asked) {
  Server server(GetParam().bound);
  Client client(GetParam().asked, server.port);
  client.ask("question");
  ASSERT_EQ(server.receive(), 1u);
  EXPECT_EQ(text_of(server.batch.query(0)), "question");
  EXPECT_EQ(server.batch.client(0).to_text(), GetParam().client);
  server.set_reply(0, "answer");
  EXPECT_EQ(server.batch.send(server.fd.get()), 0u);
  EXPECT_EQ(client.answer(), "answer");
}

TEST_P(UdpBatchRoutes, later_answers_leave_from_the_address_asked) {
  Server server(GetParam().bound);
  Client client(GetParam().asked, server.port);
  client.ask("question");
  ASSERT_EQ(server.receive(), 1u);
  const UdpBatch::Path path = server.batch.path(0);
  EXPECT_TRUE(UdpBatch::send_later(server.fd.get(), path, bytes_of("late answer")));
  EXPECT_EQ(client.answer(), "late answer");
}

INSTANTIATE_TEST_SUITE_P(Loopback, UdpBatchRoutes,
                         testing::Values(Route{"127.0.0.1", "127.0.0.1", "127.0.0.1"},
                                         Route{"0.0.0.0", "127.0.0.2", "127.0.0.1"},
                                         Route{"0.0.0.0", "127.1.2.3", "127.0.0.1"}, Route{"::1", "::1", "::1"},
                                         Route{"::", "::1", "::1"}, Route{"::", "127.0.0.2", "127.0.0.1"}));

TEST(UdpBatch, receives_and_answers_many_in_one_batch) {
  Server server("127.0.0.1");
  std::vector<Client> clients;
  for (int i = 0; i < 40; ++i) clients.emplace_back("127.0.0.1", server.port).ask("question " + std::to_string(i));
  std::size_t seen = 0;
  while (seen < clients.size()) {
    const std::size_t count = server.receive();
    ASSERT_GT(count, 0u);
    ASSERT_LE(count, UdpBatch::capacity);
    for (std::size_t i = 0; i < count; ++i) server.set_reply(i, "to " + text_of(server.batch.query(i)));
    EXPECT_EQ(server.batch.send(server.fd.get()), 0u);
    seen += count;
  }
  for (int i = 0; i < 40; ++i)
    EXPECT_EQ(clients[static_cast<std::size_t>(i)].answer(), "to question " + std::to_string(i));
}

TEST(UdpBatch, replies_may_be_fewer_and_in_another_order) {
  Server server("127.0.0.1");
  std::vector<Client> clients;
  for (int i = 0; i < 3; ++i) clients.emplace_back("127.0.0.1", server.port).ask(std::to_string(i));
  ASSERT_EQ(server.receive(), 3u);
  server.set_reply(2, "two");
  server.set_reply(0, "zero");
  EXPECT_EQ(server.batch.send(server.fd.get()), 0u);
  EXPECT_EQ(clients[0].answer(), "zero");
  EXPECT_EQ(clients[2].answer(), "two");
}

TEST(UdpBatch, an_empty_socket_gives_nothing) {
  Server server("127.0.0.1");
  EXPECT_EQ(server.batch.receive(server.fd.get()), 0u);
  EXPECT_EQ(server.batch.send(server.fd.get()), 0u);
}

TEST(UdpBatch, a_datagram_that_is_too_long_arrives_empty) {
  Server server("127.0.0.1");
  Client client("127.0.0.1", server.port);
  client.ask(std::string(UdpBatch::max_query + 1, 'x'));
  client.ask(std::string(UdpBatch::max_query, 'y'));
  ASSERT_EQ(server.receive(), 2u);
  EXPECT_EQ(server.batch.query(0).size(), 0u);
  EXPECT_EQ(server.batch.query(1).size(), UdpBatch::max_query);
}

TEST(UdpBatch, what_the_kernel_refuses_is_counted_and_does_not_stop_the_rest) {
  Server server("127.0.0.1");
  Client good("127.0.0.1", server.port), better("127.0.0.1", server.port);
  good.ask("a");
  better.ask("b");
  ASSERT_EQ(server.receive(), 2u);
  // Longer than any UDP datagram: EMSGSIZE for this one.
  server.batch.set_reply(0, 70000);
  server.set_reply(1, "answer");
  EXPECT_EQ(server.batch.send(server.fd.get()), 1u);
  EXPECT_EQ(better.answer(), "answer");
}

TEST(UdpBatch, drops_of_the_kernel_are_known) {
  Server server("127.0.0.1");
  const int small = 1;
  ASSERT_EQ(setsockopt(server.fd.get(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small), 0);
  Client client("127.0.0.1", server.port);
  for (int i = 0; i < 200; ++i) client.ask(std::string(1000, 'x'));
  while (server.batch.receive(server.fd.get()) > 0) {
  }
  client.ask("one more, which carries the count");
  ASSERT_EQ(server.receive(), 1u);
  EXPECT_GT(server.batch.dropped(), 100u);
}

}  // namespace
}  // namespace dragoman::net
