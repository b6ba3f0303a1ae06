// Who is let in, and who has to go when there is no room.
#include "tcp_listener.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "server_fixture.h"

namespace dragoman::serve {
namespace {

using resolve::Protocol;

class TcpListenerTest : public ServerTest {
 protected:
  std::uint64_t refused(RefusalReason reason, Protocol protocol = Protocol::tcp) {
    return metrics.connections_refused(protocol, reason).value();
  }
  bool answers(TestClient& client) {
    client.send(framed(dns_message(1)));
    return until([&] { return client.is_closed() || client.received == framed(reply_to(dns_message(1))); },
                 {&client}) &&
           !client.is_closed();
  }
  // Clients of the first listener that have sent their ClientHello.
  std::vector<std::unique_ptr<TestClient>> begin_handshakes(int count) {
    std::vector<std::unique_ptr<TestClient>> clients;
    for (int i = 0; i < count; ++i) {
      clients.push_back(std::make_unique<TestClient>(endpoint(0), client_session("dot")));
      clients.back()->step();
    }
    return clients;
  }
};

TEST_F(TcpListenerTest, refuses_a_client_that_has_too_many_connections) {
  limits.connections_per_client = 2;
  start({"dns://127.0.0.1:0"});
  TestClient first(endpoint()), second(endpoint());
  ASSERT_TRUE(answers(first) && answers(second));
  TestClient third(endpoint());
  EXPECT_TRUE(until_closed(third));
  EXPECT_EQ(refused(RefusalReason::too_many_of_client), 1u);
  first.finish();
  ASSERT_TRUE(until_connections(1));
  TestClient fourth(endpoint());
  EXPECT_TRUE(answers(fourth));
}

TEST_F(TcpListenerTest, one_limit_holds_for_every_protocol) {
  limits.connections_per_client = 2;
  start({"dns://127.0.0.1:0", "tls://127.0.0.1:0", "https://127.0.0.1:0"});
  TestClient first(endpoint(0)), second(endpoint(1), client_session("dot"));
  ASSERT_TRUE(answers(first) && answers(second));
  TestClient third(endpoint(2), client_session("h2"));
  EXPECT_TRUE(until_closed(third));
  EXPECT_EQ(refused(RefusalReason::too_many_of_client, Protocol::doh), 1u);
}

TEST_F(TcpListenerTest, makes_room_by_closing_the_oldest_idle_connection) {
  limits.connections = 5;
  start({"dns://127.0.0.1:0"});
  std::vector<std::unique_ptr<TestClient>> clients;
  for (int i = 0; i < 5; ++i) {
    clients.push_back(std::make_unique<TestClient>(endpoint()));
    ASSERT_TRUE(answers(*clients.back()));
  }
  // The first one asks again, so the second is the one that has been idle for longest.
  clients[0]->received.clear();
  ASSERT_TRUE(answers(*clients[0]));
  TestClient late(endpoint());
  ASSERT_TRUE(answers(late));
  EXPECT_TRUE(until_closed(*clients[1]));
  clients[0]->received.clear();
  EXPECT_TRUE(answers(*clients[0]));
  EXPECT_EQ(closed(Protocol::tcp, CloseReason::shed), 1u);
}

TEST_F(TcpListenerTest, refuses_when_all_are_busy_and_there_is_no_room) {
  limits.connections = 1;
  start({"dns://127.0.0.1:0"});
  TestClient busy(endpoint());
  busy.send(framed(dns_message(1, 33, slow)));
  ASSERT_TRUE(until([&] { return !handler.waiting.empty(); }, {&busy}));
  TestClient late(endpoint());
  EXPECT_TRUE(until_closed(late));
  EXPECT_EQ(refused(RefusalReason::too_many), 1u);
  EXPECT_FALSE(busy.is_closed());
}

TEST_F(TcpListenerTest, gives_up_the_oldest_handshake_when_too_many_are_under_way) {
  limits.handshakes_in_progress = 3;
  start({"tls://127.0.0.1:0"});
  std::vector<std::unique_ptr<TestClient>> silent;
  for (std::size_t i = 0; i < 5; ++i) {
    silent.push_back(std::make_unique<TestClient>(endpoint()));
    silent.back()->send("\x16");
    const std::size_t expected = std::min<std::size_t>(i + 1, 3);
    ASSERT_TRUE(until(
        [&] { return server->connections() == expected && metrics.connections_taken(Protocol::dot).value() == i + 1; },
        {silent.back().get()}));
  }
  EXPECT_EQ(closed(Protocol::dot, CloseReason::handshake_timeout), 2u);
  TestClient client(endpoint(), client_session("dot"));
  EXPECT_TRUE(answers(client));
}

// A storm: more clients than may shake hands at a time, all of them honest.
TEST_F(TcpListenerTest, lets_handshakes_finish_and_others_wait_for_their_place) {
  limits.handshakes_in_progress = 1;
  start({"tls://127.0.0.1:0"});
  const auto clients = begin_handshakes(12);
  for (const auto& client : clients) client->send(framed(dns_message(1)));
  EXPECT_TRUE(until([&] { return metrics.handshakes_held_back.value() > 0; })) << "the first waits for its client";
  EXPECT_EQ(server->connections(), 1u);
  EXPECT_TRUE(until([&] {
    for (const auto& client : clients) client->step();
    return std::all_of(clients.begin(), clients.end(),
                       [](const auto& client) { return client->received == framed(reply_to(dns_message(1))); });
  }));
  EXPECT_EQ(closed(Protocol::dot, CloseReason::handshake_timeout), 0u);
}

TEST_F(TcpListenerTest, refuses_a_client_that_begins_too_many_handshakes) {
  limits.handshakes_per_second = 1;
  start({"tls://127.0.0.1:0", "dns://127.0.0.1:0"});
  TestClient first(endpoint(0), client_session("dot")), plain(endpoint(1));
  ASSERT_TRUE(answers(first));
  // More than any pace of this machine makes room for.
  std::vector<std::unique_ptr<TestClient>> many;
  for (int i = 0; i < 16; ++i) many.push_back(std::make_unique<TestClient>(endpoint(0)));
  EXPECT_TRUE(until([&] { return refused(RefusalReason::too_many_handshakes, Protocol::dot) > 0; }));
  EXPECT_TRUE(answers(plain)) << "over TCP there is none";
}

// A burst of new connections must not hold up those who only want an answer.
TEST_F(TcpListenerTest, begins_one_handshake_a_turn_and_answers_the_others_meanwhile) {
  start({"tls://127.0.0.1:0", "dns://127.0.0.1:0"});
  TestClient plain(endpoint(1));
  ASSERT_TRUE(answers(plain));
  const auto clients = begin_handshakes(6);
  const auto has_flight = [](const auto& client) {
    char octet;
    return ::recv(client->fd(), &octet, 1, MSG_PEEK | MSG_DONTWAIT) == 1;
  };
  std::size_t begun = 0;
  for (int turn = 0; turn < 100 && begun < clients.size(); ++turn) {
    plain.received.clear();
    plain.send(framed(dns_message(1)));
    plain.step();
    loop.run_once(milliseconds(1));
    plain.step();
    EXPECT_EQ(plain.received, framed(reply_to(dns_message(1))));
    const auto now_begun = static_cast<std::size_t>(std::count_if(clients.begin(), clients.end(), has_flight));
    EXPECT_LE(now_begun, begun + 1);
    EXPECT_LE(server->connections(), 1 + now_begun + 1) << "the others wait in the kernel's queue";
    begun = now_begun;
  }
  EXPECT_EQ(begun, clients.size());
  for (const auto& client : clients) EXPECT_TRUE(answers(*client));
}

TEST_F(TcpListenerTest, may_go_while_handshakes_are_under_way) {
  for (int turns = 1; turns < 8; ++turns) {
    start({"tls://127.0.0.1:0"});
    const auto clients = begin_handshakes(3);
    for (int i = 0; i < turns; ++i) loop.run_once(milliseconds(1));
    server.reset();
    EXPECT_EQ(shared->open(), 0u);
  }
}

TEST_F(TcpListenerTest, goes_on_when_descriptors_are_used_up_for_a_while) {
  start({"dns://127.0.0.1:0"});
  TestClient waiting(endpoint());
  waiting.send(framed(dns_message(1)));
  const auto& refusals = metrics.connections_refused(Protocol::tcp, RefusalReason::no_descriptors);
  rlimit before;
  getrlimit(RLIMIT_NOFILE, &before);
  const int probe = ::open("/dev/null", O_RDONLY);  // the lowest free descriptor
  ::close(probe);
  rlimit none = before;
  none.rlim_cur = static_cast<rlim_t>(probe);
  setrlimit(RLIMIT_NOFILE, &none);
  // Not through `this`: the sanitizer's check of it opens descriptors.
  const bool refused_one = until([&refusals] { return refusals.value() > 0; }, {&waiting});
  setrlimit(RLIMIT_NOFILE, &before);
  ASSERT_TRUE(refused_one);
  EXPECT_TRUE(until_received(waiting, framed(reply_to(dns_message(1)))));
}

}  // namespace
}  // namespace dragoman::serve
