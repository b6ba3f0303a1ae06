// Questions over TCP (RFC 7766) and TLS (RFC 7858): framing, pipelining and what is in a question.
#include "dns_connection.h"

#include "fakes/fake_server_stream.h"
#include "over_tls.h"

namespace dragoman::upstream {
namespace {

using fakes::FakeDnsConnection;
using fakes::FakeStreamServer;
using fakes::Octets;
using fakes::reply_to;

using DnsConnectionTest = Asking;
using DnsOverTls = OverTls;

TEST_F(DnsConnectionTest, brings_an_answer) {
  FakeStreamServer server(loop);
  forward_to({server.url()});
  EXPECT_EQ(word(ask()), "192.0.2.1");
  EXPECT_EQ(row(0).connections.value(), 1);
}

TEST_F(DnsConnectionTest, carries_many_questions_and_takes_their_answers_in_any_order) {
  std::vector<Octets> held;
  FakeStreamServer server(loop, [&](FakeDnsConnection& connection, const Octets& query) {
    held.push_back(query);
    if (held.size() < 20) return;
    for (std::size_t i = held.size(); i-- > 0;) {
      const std::uint8_t number = fakes::parsed(held[i]).question().name.first_label()[0];
      connection.send(reply_to(held[i], {.address = "192.0.2." + std::to_string(number)}));
    }
  });
  forward_to({server.url()});
  std::vector<Task<Outcome>> tasks;
  for (char c = 'a'; c < 'a' + 20; ++c) tasks.push_back(start(std::string(1, c) + ".example"));
  for (std::size_t i = 0; i < 20; ++i) {
    EXPECT_EQ(word(finish(std::move(tasks[i]))), "192.0.2." + std::to_string('a' + i));
  }
  EXPECT_EQ(server.connections().size(), 1u);
}

TEST_F(DnsConnectionTest, puts_an_answer_together_that_comes_octet_by_octet) {
  FakeStreamServer server(loop, [](FakeDnsConnection& connection, const Octets& query) {
    for (const std::uint8_t octet : FakeDnsConnection::framed(reply_to(query))) connection.write(Bytes(&octet, 1));
  });
  forward_to({server.url()});
  EXPECT_EQ(word(ask()), "192.0.2.1");
}

TEST_F(DnsConnectionTest, takes_the_largest_message_there_can_be) {
  FakeStreamServer server(loop, [](FakeDnsConnection& connection, const Octets& query) {
    connection.send(reply_to(query, {.filler = 64'900}));
  });
  forward_to({server.url()});
  const Outcome outcome = ask();
  ASSERT_EQ(word(outcome), "192.0.2.1");
  EXPECT_GT(outcome.answer->records.size(), 64'000u);
}

TEST_F(DnsConnectionTest, is_left_when_half_a_message_is_all_that_comes) {
  options.attempt_timeout = seconds(1);
  FakeStreamServer* all = nullptr;
  FakeStreamServer server(loop, [&](FakeDnsConnection& connection, const Octets& query) {
    Octets frame = FakeDnsConnection::framed(reply_to(query));
    if (all->connections().size() == 1) frame.resize(frame.size() / 2);
    connection.write(frame);
  });
  all = &server;
  forward_to({server.url()});
  EXPECT_EQ(word(ask()), "192.0.2.1");
  EXPECT_EQ(server.connections().size(), 2u);
}

TEST_F(DnsConnectionTest, ends_when_a_length_is_too_short_for_a_message) {
  FakeStreamServer server(loop, [&](FakeDnsConnection& connection, const Octets&) {
    connection.write(Octets{0, 3, 1, 2, 3});
  });
  forward_to({server.url()});
  EXPECT_EQ(word(ask()), "malformed");
}

TEST_F(DnsConnectionTest, ignores_answers_that_nobody_asked_for) {
  FakeStreamServer server(loop, [&](FakeDnsConnection& connection, const Octets& query) {
    const Octets other = reply_to(query, {.address = "203.0.113.66"});
    connection.send(fakes::with_id(other, static_cast<std::uint16_t>(load_u16(query.data()) + 1)));
    connection.send(fakes::with_other_name(other));
    connection.send(reply_to(query));
    connection.send(other);
  });
  forward_to({server.url()});
  EXPECT_EQ(word(ask()), "192.0.2.1");
  run_for(milliseconds(5));
  EXPECT_EQ(row(0).mismatches.value(), 3u);
}

// RFC 7828 3.3.2; and 3.4: zero asks for the connection to be closed.
TEST_F(DnsConnectionTest, is_closed_when_the_server_says_how_long_it_waits) {
  FakeStreamServer server(loop, [&](FakeDnsConnection& connection, const Octets& query) {
    connection.send(reply_to(query, {.keepalive = 0}));
  });
  forward_to({server.url()});
  ask();
  EXPECT_TRUE(fakes::parsed(server.asked()[0]).edns()->find(dns::EdnsOptionCode::tcp_keepalive)->empty());
  EXPECT_TRUE(run_until([&] { return server.connections()[0]->was_closed_by_client(); }));
}

TEST_F(DnsOverTls, brings_an_answer_and_pads_the_question) {
  FakeStreamServer server(loop, {}, server_tls({.names = {"dns.example"}}));
  forward_to({server.url("dns.example")});
  for (const char* name : {"a.example", "a-longer-name.with-many.labels-in-it.example.com"}) {
    EXPECT_EQ(word(ask(name)), "192.0.2.1");
    EXPECT_EQ(server.asked().back().size() % 128, 0u);
    EXPECT_TRUE(fakes::parsed(server.asked().back()).edns()->find(dns::EdnsOptionCode::padding));
  }
  EXPECT_EQ(row(0).handshakes(HandshakeResult::full).value(), 1u);
}

}  // namespace
}  // namespace dragoman::upstream
