// Questions over HTTPS (RFC 8484, RFC 9113): the request on the wire, and servers that refuse, go away, or talk
// nonsense.
#include "http_connection.h"

#include "fakes/fake_server_http.h"
#include "fakes/fake_server_udp.h"
#include "over_tls.h"

namespace dragoman::upstream {
namespace {

using fakes::FakeHttpConnection;
using fakes::FakeHttpServer;
using fakes::HttpRequest;
using fakes::HttpResponse;
using fakes::Octets;
using fakes::reply_to;

class HttpConnectionTest : public OverTls {
 protected:
  // A server with this script, asked once.
  Outcome ask_one(FakeHttpServer::Script script) {
    FakeHttpServer server(loop, tls, std::move(script));
    forward_to({server.url("dns.example")});
    return ask();
  }

  const std::shared_ptr<const net::ServerTls> tls = server_tls({.names = {"dns.example"}});
};

TEST_F(HttpConnectionTest, brings_an_answer) {
  FakeHttpServer server(loop, tls);
  forward_to({server.url("dns.example")});
  EXPECT_EQ(word(ask()), "192.0.2.1");
  EXPECT_EQ(word(ask("b.example")), "192.0.2.1");
  EXPECT_EQ(server.connections().size(), 1u);
  EXPECT_EQ(row(0).responses(RcodeLabel::noerror).value(), 2u);
}

// RFC 8484 4.1; without content-length some servers answer 400 (Unbound #1469).
TEST_F(HttpConnectionTest, posts_a_padded_message_with_id_0) {
  FakeHttpServer server(loop, tls);
  forward_to({server.url("dns.example")});
  ask();
  const HttpRequest& request = server.asked()[0];
  EXPECT_EQ(request.fields.at(":method"), "POST");
  EXPECT_EQ(request.fields.at(":scheme"), "https");
  EXPECT_EQ(request.fields.at(":path"), "/dns-query");
  EXPECT_EQ(request.fields.at(":authority"), "dns.example:" + std::to_string(server.port()));
  EXPECT_EQ(request.fields.at("accept"), "application/dns-message");
  EXPECT_EQ(request.fields.at("content-type"), "application/dns-message");
  EXPECT_EQ(request.fields.at("content-length"), std::to_string(request.body.size()));
  EXPECT_EQ(request.body.size() % 128, 0u);
  EXPECT_EQ(load_u16(request.body.data()), 0);
}

TEST_F(HttpConnectionTest, carries_more_questions_than_the_server_takes_at_once) {
  FakeHttpServer server(loop, tls, {}, 3);
  options.max_connections = 1;
  options.attempt_timeout = seconds(1);
  forward_to({server.url("dns.example")});
  std::vector<Task<Outcome>> tasks;
  for (int i = 0; i < 50; ++i) tasks.push_back(start("n" + std::to_string(i) + ".example"));
  for (auto& task : tasks) EXPECT_EQ(word(finish(std::move(task))), "192.0.2.1");
  EXPECT_EQ(server.connections().size(), 1u);
}

// RFC 8484 5.1.
TEST_F(HttpConnectionTest, takes_the_age_of_a_cached_response_off_its_ttls) {
  const Outcome outcome = ask_one([](FakeHttpConnection& connection, std::int32_t stream, const HttpRequest& request) {
    connection.respond(stream, {.fields = {{"content-type", "application/dns-message"}, {"age", "100"}},
                                .body = reply_to(request.body, {.ttl = 300})});
  });
  ASSERT_TRUE(outcome.answer);
  EXPECT_EQ(dns::smallest_ttl(outcome.answer->view()), 200u);
}

struct BadResponse {
  const char* name;
  HttpResponse (*make)(const Octets& query);
  const char* outcome;
};

class Bad : public HttpConnectionTest, public testing::WithParamInterface<BadResponse> {};

TEST_P(Bad, response_is_a_failure) {
  const Outcome outcome = ask_one([](FakeHttpConnection& connection, std::int32_t stream, const HttpRequest& request) {
    connection.respond(stream, GetParam().make(request.body));
  });
  EXPECT_EQ(word(outcome), GetParam().outcome);
}

INSTANTIATE_TEST_SUITE_P(
    HttpConnectionTest, Bad,
    testing::Values(
        BadResponse{"status_404", [](const Octets& q) { return HttpResponse{.status = 404, .body = reply_to(q)}; },
                    "malformed"},
        BadResponse{"status_429", [](const Octets& q) { return HttpResponse{.status = 429, .body = reply_to(q)}; },
                    "overloaded"},
        BadResponse{"status_503", [](const Octets& q) { return HttpResponse{.status = 503, .body = reply_to(q)}; },
                    "overloaded"},
        BadResponse{"html",
                    [](const Octets& q) {
                      return HttpResponse{.fields = {{"content-type", "text/html"}}, .body = reply_to(q)};
                    },
                    "malformed"},
        BadResponse{"no_content_type", [](const Octets& q) { return HttpResponse{.fields = {}, .body = reply_to(q)}; },
                    "malformed"},
        BadResponse{"empty", [](const Octets&) { return HttpResponse{}; }, "malformed"},
        BadResponse{"another_question",
                    [](const Octets& q) { return HttpResponse{.body = fakes::with_other_name(reply_to(q))}; },
                    "malformed"},
        BadResponse{"longer_than_a_message",
                    [](const Octets& q) {
                      Octets body = reply_to(q);
                      body.resize(70'000);
                      return HttpResponse{.body = body};
                    },
                    "malformed"}),
    [](const auto& param) { return std::string(param.param.name); });

TEST_F(HttpConnectionTest, takes_a_large_answer) {
  const Outcome outcome = ask_one([](FakeHttpConnection& connection, std::int32_t stream, const HttpRequest& request) {
    connection.respond(stream, {.body = reply_to(request.body, {.filler = 64'900})});
  });
  ASSERT_EQ(word(outcome), "192.0.2.1");
  EXPECT_GT(outcome.answer->records.size(), 64'000u);
}

TEST_F(HttpConnectionTest, leaves_an_overloaded_server_alone_while_there_is_another) {
  FakeHttpServer busy(loop, tls, [](FakeHttpConnection& connection, std::int32_t stream, const HttpRequest&) {
    connection.respond(stream, {.status = 503});
  });
  fakes::FakeUdpServer other(loop);
  options.first_probe = seconds(10);
  forward_to({busy.url("dns.example"), other.url()});
  for (int i = 0; i < 5; ++i) EXPECT_EQ(word(ask()), "192.0.2.1");
  EXPECT_EQ(busy.asked().size(), 1u);
}

// RFC 9113 6.8, 8.7: what the server did not process may be asked again.
TEST_F(HttpConnectionTest, asks_again_elsewhere_what_a_goaway_left_unprocessed) {
  FakeHttpServer* all = nullptr;
  FakeHttpServer server(loop, tls,
                        [&](FakeHttpConnection& connection, std::int32_t stream, const HttpRequest& request) {
                          if (all->connections().size() == 1) return connection.go_away(0);
                          connection.respond(stream, {.body = reply_to(request.body)});
                        });
  all = &server;
  forward_to({server.url("dns.example")});
  EXPECT_EQ(word(ask()), "192.0.2.1");
  EXPECT_EQ(server.connections().size(), 2u);
  EXPECT_EQ(row(0).failures(AttemptFailure::http).value(), 0u);
}

TEST_F(HttpConnectionTest, asks_again_what_was_refused) {
  FakeHttpServer* all = nullptr;
  FakeHttpServer server(loop, tls,
                        [&](FakeHttpConnection& connection, std::int32_t stream, const HttpRequest& request) {
                          if (all->asked().size() == 1) return connection.reset(stream, NGHTTP2_REFUSED_STREAM);
                          connection.respond(stream, {.body = reply_to(request.body)});
                        });
  all = &server;
  forward_to({server.url("dns.example")});
  EXPECT_EQ(word(ask()), "192.0.2.1");
}

TEST_F(HttpConnectionTest, fails_when_its_stream_is_reset_for_another_reason) {
  EXPECT_EQ(word(ask_one([](FakeHttpConnection& connection, std::int32_t stream, const HttpRequest&) {
              connection.reset(stream, NGHTTP2_INTERNAL_ERROR);
            })),
            "malformed");
}

TEST_F(HttpConnectionTest, moves_its_questions_when_it_is_closed_under_them) {
  FakeHttpServer* all = nullptr;
  FakeHttpServer server(loop, tls,
                        [&](FakeHttpConnection& connection, std::int32_t stream, const HttpRequest& request) {
                          if (all->connections().size() == 1) return connection.close();
                          connection.respond(stream, {.body = reply_to(request.body)});
                        });
  all = &server;
  forward_to({server.url("dns.example")});
  EXPECT_EQ(word(ask()), "192.0.2.1");
}

TEST_F(HttpConnectionTest, survives_a_question_that_takes_long_when_pings_are_answered) {
  options.attempt_timeout = seconds(1);
  std::vector<std::pair<std::int32_t, Octets>> held;
  FakeHttpServer server(loop, tls, [&](FakeHttpConnection&, std::int32_t stream, const HttpRequest& request) {
    held.emplace_back(stream, request.body);
  });
  forward_to({server.url("dns.example")});
  Task<Outcome> task = start();
  run_for(3 * options.silence_timeout);
  ASSERT_EQ(held.size(), 1u);
  EXPECT_GE(server.connections()[0]->pings(), 1u);
  server.connections()[0]->respond(held[0].first, {.body = reply_to(held[0].second)});
  EXPECT_EQ(word(finish(std::move(task))), "192.0.2.1");
  EXPECT_EQ(server.connections().size(), 1u);
}

TEST_F(HttpConnectionTest, is_pinged_when_it_is_used_after_a_pause) {
  options.ping_after = seconds(0);
  FakeHttpServer server(loop, tls);
  forward_to({server.url("dns.example")});
  ask();
  run_for(milliseconds(10));
  ask();
  EXPECT_TRUE(run_until([&] { return server.connections()[0]->pings() == 1; }));
}

TEST_F(HttpConnectionTest, resets_the_stream_of_a_question_that_is_given_up) {
  FakeHttpServer server(loop, tls, [](FakeHttpConnection&, std::int32_t, const HttpRequest&) {});
  forward_to({server.url("dns.example")});
  {
    Task<Outcome> task = start();
    ASSERT_TRUE(run_until([&] { return server.asked().size() == 1; }));
  }
  EXPECT_TRUE(run_until([&] { return server.connections()[0]->streams_reset_by_client() == 1; }));
}

TEST_F(HttpConnectionTest, may_lose_questions_before_it_is_even_made) {
  FakeHttpServer server(loop, tls);
  forward_to({server.url("dns.example")});
  { Task<Outcome> task = start(); }
  EXPECT_EQ(word(ask()), "192.0.2.1");
  EXPECT_EQ(server.asked().size(), 1u);
}

// A server that stalls its window must not make us hold ever more (CVE-2026-33594).
TEST_F(HttpConnectionTest, holds_no_more_questions_than_the_bound) {
  options.max_in_flight = 20;
  options.attempt_timeout = seconds(2);
  options.silence_timeout = seconds(2);
  FakeHttpServer server(
      loop, tls, [](FakeHttpConnection&, std::int32_t, const HttpRequest&) {}, 1);
  forward_to({server.url("dns.example")});
  std::vector<Task<Outcome>> tasks;
  for (int i = 0; i < 20; ++i) tasks.push_back(start());
  EXPECT_EQ(word(ask()), "overloaded");
}

TEST_F(HttpConnectionTest, needs_a_server_that_speaks_http_2) {
  fakes::FakeStreamServer dot(loop, {}, tls);
  forward_to({"https://127.0.0.1:" + std::to_string(dot.port()) + "/dns-query#dns.example"});
  EXPECT_EQ(word(ask()), "tls");
}

}  // namespace
}  // namespace dragoman::upstream
