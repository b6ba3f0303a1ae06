// Connections that break in every way, and whom TLS trusts.
#include "connection.h"

#include "fakes/fake_server_stream.h"
#include "over_tls.h"

namespace dragoman::upstream {
namespace {

using fakes::FakeDnsConnection;
using fakes::FakeStreamServer;
using fakes::Octets;
using fakes::reply_to;

using ConnectionTest = Asking;
using ConnectionOverTls = OverTls;

TEST_F(ConnectionTest, moves_its_questions_when_it_is_closed_under_them) {
  FakeStreamServer* all = nullptr;
  FakeStreamServer server(loop, [&](FakeDnsConnection& connection, const Octets& query) {
    if (all->connections().size() == 1) return connection.close();
    connection.send(reply_to(query));
  });
  all = &server;
  forward_to({server.url()});
  std::vector<Task<Outcome>> tasks;
  for (int i = 0; i < 5; ++i) tasks.push_back(start());
  for (auto& task : tasks) EXPECT_EQ(word(finish(std::move(task))), "192.0.2.1");
  EXPECT_TRUE(forwarder->any_up());
}

TEST_F(ConnectionTest, moves_a_question_that_meets_a_connection_closed_while_idle) {
  FakeStreamServer server(loop);
  forward_to({server.url()});
  ask();
  server.connections()[0]->close();
  EXPECT_EQ(word(ask()), "192.0.2.1");
  EXPECT_EQ(row(0).failures(AttemptFailure::network).value(), 0u);
}

TEST_F(ConnectionTest, gives_up_on_a_server_that_closes_every_connection) {
  FakeStreamServer server(loop, [](FakeDnsConnection& connection, const Octets&) { connection.close(); });
  forward_to({server.url()});
  EXPECT_EQ(word(ask()), "network");
  EXPECT_EQ(server.connections().size(), 2u) << "reconnecting without end is what CVE-2023-46317 was";
}

// A NAT that forgot the connection, a server that lost its power: nothing comes, not even a reset.
TEST_F(ConnectionTest, is_left_by_its_questions_when_it_is_silent) {
  options.attempt_timeout = seconds(1);
  FakeStreamServer* all = nullptr;
  FakeStreamServer server(loop, [&](FakeDnsConnection& connection, const Octets& query) {
    if (&connection != all->connections()[0].get() || all->asked().size() == 1) connection.send(reply_to(query));
  });
  all = &server;
  forward_to({server.url()});
  EXPECT_EQ(word(ask()), "192.0.2.1");

  const Outcome outcome = ask();
  EXPECT_EQ(word(outcome), "192.0.2.1");
  EXPECT_GE(outcome.elapsed, options.silence_timeout);
  EXPECT_LT(outcome.elapsed, options.attempt_timeout);
  EXPECT_TRUE(server.connections()[0]->was_closed_by_client());
}

TEST_F(ConnectionTest, is_closed_after_silence_also_when_nobody_waits_any_more) {
  FakeStreamServer server(loop, [](FakeDnsConnection&, const Octets&) {});
  forward_to({server.url()});
  {
    Task<Outcome> task = start();
    ASSERT_TRUE(run_until([&] { return server.asked().size() == 1; }));
  }
  EXPECT_TRUE(run_until([&] { return server.connections()[0]->was_closed_by_client(); }));
}

TEST_F(ConnectionTest, is_closed_when_it_was_idle_for_long) {
  options.idle_timeout = seconds(0);
  FakeStreamServer server(loop);
  forward_to({server.url()});
  ask();
  EXPECT_TRUE(run_until([&] { return server.connections()[0]->was_closed_by_client(); }));
  EXPECT_EQ(row(0).connections.value(), 0);
}

TEST_F(ConnectionTest, is_refused_by_a_closed_port_at_once) {
  std::string url;
  {
    FakeStreamServer gone(loop);
    url = gone.url();
  }
  forward_to({url});
  const Outcome outcome = ask();
  EXPECT_EQ(word(outcome), "network");
  EXPECT_LT(outcome.elapsed, options.attempt_timeout);
}

TEST_F(ConnectionOverTls, resumes_the_session_on_the_next_connection) {
  FakeStreamServer server(loop, {}, server_tls({.names = {"dns.example"}}));
  forward_to({server.url("dns.example")});
  ask();
  server.connections()[0]->close();
  EXPECT_EQ(word(ask()), "192.0.2.1");
  EXPECT_EQ(row(0).handshakes(HandshakeResult::resumed).value(), 1u);
}

TEST_F(ConnectionOverTls, trusts_an_address_in_the_certificate_when_no_name_is_given) {
  FakeStreamServer server(loop, {}, server_tls({.names = {"dns.example"}, .addresses = {"127.0.0.1"}}));
  forward_to({server.url()});
  EXPECT_EQ(word(ask()), "192.0.2.1");
}

TEST_F(ConnectionOverTls, refuses_a_certificate_of_another_name) {
  FakeStreamServer server(loop, {}, server_tls({.names = {"other.example"}}));
  forward_to({server.url("dns.example")});
  EXPECT_EQ(word(ask()), "tls");
  EXPECT_TRUE(server.asked().empty());
  EXPECT_EQ(row(0).handshakes(HandshakeResult::failed).value(), 1u);
}

TEST_F(ConnectionOverTls, refuses_a_certificate_of_an_authority_that_it_does_not_know) {
  FakeStreamServer server(loop, {}, server_tls({.names = {"dns.example"}}));
  options.ca_file = test::TestAuthority().save(directory);
  forward_to({server.url("dns.example")});
  EXPECT_EQ(word(ask()), "tls");
}

TEST_F(ConnectionOverTls, says_tls_when_the_authorities_cannot_be_read) {
  FakeStreamServer server(loop, {}, server_tls({.names = {"dns.example"}}));
  options.ca_file = directory.path("missing.crt");
  forward_to({server.url("dns.example")});
  EXPECT_EQ(word(ask()), "tls");
}

TEST_F(ConnectionOverTls, gives_up_a_handshake_that_takes_too_long) {
  FakeStreamServer plain(loop);  // takes the ClientHello for the beginning of a message, and waits
  const std::string url = "tls://127.0.0.1:" + std::to_string(plain.port());
  options.connect_timeout = milliseconds(50);
  options.attempt_timeout = seconds(1);
  forward_to({url});
  const Outcome outcome = ask();
  EXPECT_EQ(word(outcome), "timeout");
  EXPECT_LT(outcome.elapsed, options.attempt_timeout);
}

}  // namespace
}  // namespace dragoman::upstream
