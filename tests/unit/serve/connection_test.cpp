// Connections over loopback against a scripted resolver: order, ends, deadlines, limits, TLS, drain.
#include "connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include "h2_client.h"
#include "server_fixture.h"

namespace dragoman::serve {
namespace {

using resolve::Protocol;

class ConnectionTest : public ServerTest {};

std::string query(std::uint16_t id, char mark = fast) { return dns_message(id, 33, mark); }

TEST_F(ConnectionTest, answers_over_tcp) {
  start({"dns://127.0.0.1:0"});
  TestClient client(endpoint());
  client.send(framed(query(1)) + framed(query(2)));
  EXPECT_TRUE(until_received(client, framed(reply_to(query(1))) + framed(reply_to(query(2)))));
  EXPECT_EQ(handler.asked.at(0).client.protocol, Protocol::tcp);
  EXPECT_EQ(handler.asked.at(0).client.address.to_text(), "127.0.0.1");
  EXPECT_EQ(metrics.connections(Protocol::tcp).value(), 1);
}

// RFC 7828 3.1: the idle timeout in units of 100 ms.
TEST_F(ConnectionTest, tells_the_resolver_its_idle_timeout) {
  start({"dns://127.0.0.1:0"});
  TestClient client(endpoint());
  client.send(framed(query(1)));
  ASSERT_TRUE(until_received(client, framed(reply_to(query(1)))));
  EXPECT_EQ(handler.asked.at(0).keepalive, 200);
}

// RFC 7766 6.2.1.1: a slow query does not hold up a fast one.
TEST_F(ConnectionTest, lets_a_fast_reply_overtake_a_slow_one) {
  start({"dns://127.0.0.1:0"});
  TestClient client(endpoint());
  client.send(framed(query(1, slow)) + framed(query(2)));
  ASSERT_TRUE(until_received(client, framed(reply_to(query(2)))));
  handler.release();
  EXPECT_TRUE(until_received(client, framed(reply_to(query(2))) + framed(reply_to(query(1)))));
}

TEST_F(ConnectionTest, reads_on_when_the_queries_in_flight_become_fewer) {
  limits.queries_per_connection = 2;
  start({"dns://127.0.0.1:0"});
  TestClient client(endpoint());
  std::string queries, replies;
  for (std::uint16_t id = 0; id < 5; ++id) queries += framed(query(id, slow)), replies += framed(reply_to(query(id)));
  client.send(queries);
  ASSERT_TRUE(until([&] { return handler.waiting.size() == 2; }, {&client}));
  EXPECT_TRUE(until([&] { return handler.release(), client.received == replies; }, {&client}));
}

TEST_F(ConnectionTest, answers_a_long_pipeline_without_stopping) {
  start({"dns://127.0.0.1:0"});
  TestClient client(endpoint());
  constexpr std::size_t count = 20000;
  std::string queries;
  for (std::size_t i = 0; i < count; ++i) queries += framed(query(static_cast<std::uint16_t>(i)));
  client.send(queries);
  EXPECT_TRUE(until([&] { return client.received.size() == count * 22; }, {&client}));
}

// RFC 7766 6.2.4: what was asked before the client's FIN is still answered.
TEST_F(ConnectionTest, answers_what_came_before_the_end_of_the_input) {
  start({"dns://127.0.0.1:0"});
  TestClient client(endpoint());
  client.send(framed(query(1, slow)));
  ASSERT_TRUE(until([&] { return !handler.waiting.empty(); }, {&client}));
  client.finish();
  for (int i = 0; i < 20; ++i) loop.run_once(milliseconds(1));
  EXPECT_EQ(server->connections(), 1u);
  handler.release();
  EXPECT_TRUE(until_closed(client));
  EXPECT_EQ(client.received, framed(reply_to(query(1))));
  EXPECT_TRUE(until_connections(0));
  EXPECT_EQ(closed(Protocol::tcp, CloseReason::client), 1u);
}

TEST_F(ConnectionTest, answers_queries_that_come_with_the_fin) {
  start({"dns://127.0.0.1:0"});
  TestClient client(endpoint());
  std::string queries, replies;
  for (std::uint16_t id = 0; id < 300; ++id) queries += framed(query(id)), replies += framed(reply_to(query(id)));
  client.send(queries);
  while (client.has_unsent()) client.step();
  client.finish();
  EXPECT_TRUE(until_closed(client));
  EXPECT_EQ(client.received, replies);
}

TEST_F(ConnectionTest, forgets_the_queries_of_a_client_that_is_gone) {
  start({"dns://127.0.0.1:0"});
  {
    TestClient client(endpoint());
    client.send(framed(query(1, slow)));
    ASSERT_TRUE(until([&] { return !handler.waiting.empty(); }, {&client}));
    const linger abort{1, 0};  // a reset instead of a FIN
    setsockopt(client.fd(), SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
  }
  ASSERT_TRUE(until_connections(0));
  EXPECT_FALSE(handler.waiting.at(0).reply->wanted());
  handler.release();
  EXPECT_EQ(closed(Protocol::tcp, CloseReason::io_error), 1u);
}

TEST_F(ConnectionTest, says_nothing_to_a_query_that_is_dropped) {
  start({"dns://127.0.0.1:0"});
  TestClient client(endpoint());
  client.send(framed(query(1, dropped)) + framed(query(2)));
  EXPECT_TRUE(until_received(client, framed(reply_to(query(2)))));
}

TEST_F(ConnectionTest, closes_at_a_message_too_short_to_be_one) {
  start({"dns://127.0.0.1:0"});
  TestClient client(endpoint());
  client.send(framed(query(1)) + framed("short") + std::string(5000, 'x'));
  EXPECT_TRUE(until_closed(client));
  EXPECT_EQ(client.received, framed(reply_to(query(1))));
  EXPECT_FALSE(client.was_reset());  // the reply before it arrived
  client.finish();
  EXPECT_TRUE(until_connections(0));
  EXPECT_EQ(closed(Protocol::tcp, CloseReason::protocol_error), 1u);
}

TEST_F(ConnectionTest, closes_an_idle_connection) {
  limits.idle_timeout = seconds(1);
  start({"dns://127.0.0.1:0"});
  TestClient client(endpoint());
  client.send(framed(query(1)));
  EXPECT_TRUE(until_closed(client));
  EXPECT_EQ(client.received, framed(reply_to(query(1))));
  client.finish();
  EXPECT_TRUE(until_connections(0));
  EXPECT_EQ(closed(Protocol::tcp, CloseReason::idle), 1u);
}

TEST_F(ConnectionTest, closes_a_connection_whose_message_does_not_end) {
  limits.read_timeout = seconds(1);
  start({"dns://127.0.0.1:0"});
  TestClient client(endpoint());
  client.send("\xff\xff");
  // Dribbling does not extend the time: one octet every 10 ms, and the message would have 65535.
  TimePoint next = Clock::now();
  const auto dribble = [&] {
    if (Clock::now() < next) return;
    client.send("x");
    next += milliseconds(10);
  };
  EXPECT_TRUE(until([&] { return dribble(), client.is_closed(); }, {&client}));
  EXPECT_EQ(closed(Protocol::tcp, CloseReason::read_timeout), 1u);
}

// CVE-2024-12705: a client that asks and never reads.
TEST_F(ConnectionTest, stops_reading_from_a_client_that_does_not_read) {
  limits.write_timeout = seconds(1);
  start({"dns://127.0.0.1:0"});
  TestClient client(endpoint());
  client.stop_reading();
  std::string queries;
  for (int i = 0; i < 20000; ++i) queries += framed(query(1, large));
  client.send(queries);
  ASSERT_TRUE(until([&] { return closed(Protocol::tcp, CloseReason::write_timeout) == 1; }, {&client}));
  // 20000 replies are 80 MB; what the sockets' buffers take (some MB) and max_output is all that was produced.
  EXPECT_LT(handler.asked.size(), 5000u);
  EXPECT_EQ(server->connections(), 0u);
}

TEST_F(ConnectionTest, sends_everything_to_a_client_that_reads_late) {
  start({"dns://127.0.0.1:0"});
  TestClient client(endpoint());
  constexpr std::size_t count = 3000;
  std::string queries;
  for (std::size_t i = 0; i < count; ++i) queries += framed(query(1, large));
  client.send(queries);
  EXPECT_TRUE(until([&] { return client.received.size() == count * (ScriptedHandler::large_size + 2); }, {&client}));
}

// -- TLS --

TEST_F(ConnectionTest, answers_over_dot) {
  start({"tls://127.0.0.1:0"});
  TestClient client(endpoint(), client_session("dot"));
  client.send(framed(query(1)) + framed(query(2, slow)));
  ASSERT_TRUE(until_received(client, framed(reply_to(query(1)))));
  handler.release();
  EXPECT_TRUE(until_received(client, framed(reply_to(query(1))) + framed(reply_to(query(2)))));
  EXPECT_EQ(handler.asked.at(0).client.protocol, Protocol::dot);
  EXPECT_EQ(metrics.handshakes(Protocol::dot, net::TlsVersion::tls13, HandshakeResult::full).value(), 1u);
}

TEST_F(ConnectionTest, answers_over_doh_with_http2) {
  start({"https://127.0.0.1:0/dns-query"});
  TestClient client(endpoint(), client_session("h2"));
  H2Client http;
  const std::int32_t id = http.post(query(0)), late = http.post(query(0, slow));
  client.send(http.output());
  const auto exchange = [&] {
    http.give(client.received);
    client.received.clear();
    client.send(http.output());
  };
  ASSERT_TRUE(until([&] { return exchange(), http.reply(id).is_complete; }, {&client}));
  EXPECT_EQ(http.reply(id).body, reply_to(query(0)));
  EXPECT_EQ(http.reply(id).field("cache-control"), "max-age=60");
  handler.release();
  ASSERT_TRUE(until([&] { return exchange(), http.reply(late).is_complete; }, {&client}));
  EXPECT_EQ(handler.asked.at(0).client.protocol, Protocol::doh);
}

TEST_F(ConnectionTest, forgets_the_query_of_a_stream_that_was_reset) {
  start({"https://127.0.0.1:0/dns-query"});
  TestClient client(endpoint(), client_session("h2"));
  H2Client http;
  const std::int32_t id = http.post(query(0, slow));
  http.post(query(1, slow));
  client.send(http.output());
  ASSERT_TRUE(until([&] { return handler.waiting.size() == 2; }, {&client}));
  http.reset(id);
  client.send(http.output());
  ASSERT_TRUE(until([&] { return !handler.waiting[0].reply->wanted(); }, {&client}));
  EXPECT_TRUE(handler.waiting[1].reply->wanted());
}

TEST_F(ConnectionTest, speaks_http_1_1_to_a_client_without_h2) {
  start({"https://127.0.0.1:0/dns-query"});
  TestClient client(endpoint(), client_session("http/1.1"));
  client.send("GET /nope HTTP/1.1\r\nhost: a\r\n\r\n");
  ASSERT_TRUE(until([&] { return !client.received.empty(); }, {&client}));
  EXPECT_THAT(client.received, testing::StartsWith("HTTP/1.1 404 Not Found\r\n"));
}

TEST_F(ConnectionTest, counts_a_client_that_speaks_no_tls) {
  start({"tls://127.0.0.1:0"});
  TestClient client(endpoint());
  client.send(framed(query(1)));
  EXPECT_TRUE(until_closed(client));
  EXPECT_EQ(closed(Protocol::dot, CloseReason::handshake_failed), 1u);
  EXPECT_EQ(metrics.handshakes(Protocol::dot, net::TlsVersion::other, HandshakeResult::failed).value(), 1u);
}

TEST_F(ConnectionTest, closes_a_handshake_that_does_not_end) {
  start({"https://127.0.0.1:0/dns-query"});
  TestClient client(endpoint());
  client.send("\x16\x03\x01");
  EXPECT_TRUE(until_closed(client));
  EXPECT_EQ(closed(Protocol::doh, CloseReason::handshake_timeout), 1u);
}

// CVE-2022-1183: a client may go at any octet of its handshake, by FIN or by reset.
TEST_F(ConnectionTest, bears_a_handshake_that_is_dropped_at_any_octet) {
  start({"tls://127.0.0.1:0"});
  SSL* hello_maker = client_session("dot");
  BIO* hello = BIO_new(BIO_s_mem());
  SSL_set_bio(hello_maker, BIO_new(BIO_s_mem()), hello);
  SSL_set_connect_state(hello_maker);
  SSL_do_handshake(hello_maker);
  char* text = nullptr;
  const std::string octets(text, 0);
  const auto length = static_cast<std::size_t>(BIO_get_mem_data(hello, &text));
  const std::string first_flight(text, length);
  SSL_free(hello_maker);

  for (std::size_t cut = 1; cut < first_flight.size(); cut += 1) {
    TestClient client(endpoint());
    ASSERT_EQ(::send(client.fd(), first_flight.data(), cut, 0), static_cast<ssize_t>(cut));
    const linger abort{1, 0};
    if (cut % 2 == 0) setsockopt(client.fd(), SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
  }
  EXPECT_TRUE(until([&] { return metrics.connections(Protocol::dot).value() == 0 && server->connections() == 0; }));
  TestClient client(endpoint(), client_session("dot"));
  client.send(framed(query(1)));
  EXPECT_TRUE(until_received(client, framed(reply_to(query(1)))));
  EXPECT_EQ(shared->open(), 1u);
}

TEST_F(ConnectionTest, bears_a_browser_that_drops_connections_right_after_the_handshake) {
  start({"https://127.0.0.1:0/dns-query"});
  for (int i = 0; i < 6; ++i) {
    TestClient client(endpoint(), client_session("h2"));
    ASSERT_TRUE(until([&] { return client.is_ready(); }, {&client}));
  }
  EXPECT_TRUE(until_connections(0));
}

// -- The door that a query came by --

TEST_F(ConnectionTest, tells_the_listener_of_a_query_over_tcp) {
  start({"dns://127.0.0.1:0", "dns://127.0.0.2:0"});
  for (const std::size_t index : {0u, 1u}) {
    TestClient client(endpoint(index));
    client.send(framed(query(1)));
    ASSERT_TRUE(until_received(client, framed(reply_to(query(1)))));
  }
  EXPECT_EQ(handler.asked.at(0).listener, "dns://127.0.0.1:0");
  EXPECT_EQ(handler.asked.at(1).listener, "dns://127.0.0.2:0");
  EXPECT_EQ(handler.asked.at(0).path, "");
  EXPECT_EQ(handler.asked.at(0).tls_name, "");
}

// RFC 6066 3: names are compared without case.
TEST_F(ConnectionTest, tells_the_name_that_a_client_sent_in_lower_case) {
  start({"tls://127.0.0.1:0"});
  TestClient first(endpoint(), client_session("dot", "KIDS.dns.Example"));
  first.send(framed(query(1)));
  ASSERT_TRUE(until_received(first, framed(reply_to(query(1)))));
  TestClient second(endpoint(), client_session("dot", nullptr));
  second.send(framed(query(2)));
  ASSERT_TRUE(until_received(second, framed(reply_to(query(2)))));
  EXPECT_EQ(handler.asked.at(0).tls_name, "kids.dns.example");
  EXPECT_EQ(handler.asked.at(0).listener, "tls://127.0.0.1:0");
  EXPECT_EQ(handler.asked.at(0).path, "");
  EXPECT_EQ(handler.asked.at(1).tls_name, "");
}

TEST_F(ConnectionTest, tells_the_path_and_the_name_of_a_query_over_http2) {
  start({"https://127.0.0.1:0/dns-query"});
  ASSERT_TRUE(server->listen(*ListenOptions::from_url("https://" + endpoint().to_text() + "/kids")));
  TestClient client(endpoint(), client_session("h2"));
  H2Client http;
  Fields fields = H2Client::post_fields(33);
  const std::int32_t usual = http.post(query(1));
  for (auto& [name, value] : fields) {
    if (name == ":path") value = "/kids";
  }
  const std::int32_t kids = http.post(fields, query(2));
  client.send(http.output());
  ASSERT_TRUE(
      until([&] { return http.give(std::exchange(client.received, {})) && http.reply(kids).is_complete; }, {&client}));
  EXPECT_EQ(http.reply(usual).body, reply_to(query(1)));
  EXPECT_EQ(http.reply(kids).body, reply_to(query(2)));
  ASSERT_EQ(handler.asked.size(), 2u);
  EXPECT_EQ(handler.asked[0].path, "/dns-query");
  EXPECT_EQ(handler.asked[0].listener, "https://127.0.0.1:0/dns-query");
  EXPECT_EQ(handler.asked[0].tls_name, "dns.example");
  EXPECT_EQ(handler.asked[1].path, "/kids");
  EXPECT_EQ(handler.asked[1].listener, "https://" + endpoint().to_text() + "/kids");
}

TEST_F(ConnectionTest, tells_the_path_of_a_query_over_http_1_1_without_its_query) {
  start({"https://127.0.0.1:0/dns-query"});
  ASSERT_TRUE(server->listen(*ListenOptions::from_url("https://" + endpoint().to_text() + "/kids")));
  EXPECT_EQ(server->endpoints().size(), 1u);
  TestClient client(endpoint(), client_session("http/1.1"));
  for (const char* path : {"/kids", "/dns-query", "/other"}) {
    client.send("GET " + std::string(path) +
                "?dns=AAABAAABAAAAAAAAA3d3dwdleGFtcGxlA2NvbQAAAQAB HTTP/1.1\r\nhost: a\r\n\r\n");
  }
  ASSERT_TRUE(until([&] { return client.received.find("404 Not Found") != std::string::npos; }, {&client}));
  ASSERT_EQ(handler.asked.size(), 2u);
  EXPECT_EQ(handler.asked[0].path, "/kids");
  EXPECT_EQ(handler.asked[1].path, "/dns-query");
  EXPECT_EQ(handler.asked[1].listener, "https://127.0.0.1:0/dns-query");
}

// -- Drain --

TEST_F(ConnectionTest, drains_when_everything_is_answered) {
  start({"dns://127.0.0.1:0"});
  TestClient busy(endpoint()), idle(endpoint());
  busy.send(framed(query(1, slow)));
  ASSERT_TRUE(until([&] { return !handler.waiting.empty() && server->connections() == 2; }, {&busy, &idle}));
  server->drain();
  EXPECT_TRUE(until_closed(idle));
  EXPECT_FALSE(busy.is_closed());
  // RFC 7828 3.4: 0 tells the client to go.
  busy.send(framed(query(2)));
  ASSERT_TRUE(until_received(busy, framed(reply_to(query(2)))));
  EXPECT_EQ(handler.asked.back().keepalive, 0);
  handler.release();
  EXPECT_TRUE(until_closed(busy));
  EXPECT_EQ(busy.received, framed(reply_to(query(2))) + framed(reply_to(query(1))));
  idle.finish();
  busy.finish();
  EXPECT_TRUE(until_connections(0));
  EXPECT_EQ(closed(Protocol::tcp, CloseReason::drain), 2u);
}

TEST_F(ConnectionTest, drains_http2_with_goaway_and_answers_what_is_in_flight) {
  start({"https://127.0.0.1:0/dns-query"});
  TestClient client(endpoint(), client_session("h2"));
  H2Client http;
  const std::int32_t id = http.post(query(0, slow));
  client.send(http.output());
  ASSERT_TRUE(until([&] { return !handler.waiting.empty(); }, {&client}));
  server->drain();
  const auto exchange = [&] {
    http.give(client.received);
    client.received.clear();
  };
  ASSERT_TRUE(until([&] { return exchange(), http.has_goaway(); }, {&client}));
  handler.release();
  EXPECT_TRUE(until_closed(client));
  exchange();
  EXPECT_EQ(http.reply(id).body, reply_to(query(0)));
  EXPECT_EQ(http.goaway_last_stream(), id);
}

TEST_F(ConnectionTest, ends_with_its_server) {
  start({"dns://127.0.0.1:0", "https://127.0.0.1:0"});
  TestClient plain(endpoint(0)), tls_client(endpoint(1), client_session("h2"));
  plain.send(framed(query(1, slow)));
  ASSERT_TRUE(until([&] { return !handler.waiting.empty() && tls_client.is_ready(); }, {&plain, &tls_client}));
  server.reset();
  EXPECT_FALSE(handler.waiting.at(0).reply->wanted());
  EXPECT_EQ(shared->open(), 0u);
  loop.run_once(milliseconds(1));
}

}  // namespace
}  // namespace dragoman::serve
