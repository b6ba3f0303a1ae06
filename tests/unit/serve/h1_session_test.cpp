// Requests and replies over one HTTP/1.1 connection (RFC 9112), its mistakes and its end.
#include "h1_session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <random>

#include "session_driver.h"

namespace dragoman::serve {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// 33 octets: the query of RFC 8484 4.1.1.
const std::string get_request =
    "GET /dns-query?dns=AAABAAABAAAAAAAAA3d3dwdleGFtcGxlA2NvbQAAAQAB HTTP/1.1\r\nhost: dns.example\r\n"
    "accept: application/dns-message\r\n\r\n";

std::string post_request(const std::string& body, const std::string& more = {}) {
  return "POST /dns-query HTTP/1.1\r\nhost: dns.example\r\ncontent-type: application/dns-message\r\ncontent-length: " +
         std::to_string(body.size()) + "\r\n" + more + "\r\n" + body;
}

class H1SessionTest : public testing::Test {
 protected:
  // What one request on a connection of its own gets.
  std::string status_line_of(const std::string& request) {
    H1Session fresh(dns_query, metrics);
    SessionDriver fed(fresh);
    for (const TakenRequest& taken : fed.give(request)) fed.reply(taken, "reply");
    const std::string output = fed.output();
    return output.substr(0, output.find("\r\n"));
  }

  Metrics metrics;
  H1Session session{dns_query, metrics};
  SessionDriver driver{session};
};

TEST_F(H1SessionTest, answers_a_get) {
  const auto taken = driver.give(get_request);
  ASSERT_EQ(taken.size(), 1u);
  EXPECT_EQ(taken[0].message.size(), 33u);
  driver.reply(taken[0], "the reply", 77);
  EXPECT_EQ(driver.output(),
            "HTTP/1.1 200 OK\r\ncontent-type: application/dns-message\r\ncontent-length: 9\r\n"
            "cache-control: max-age=77\r\n\r\nthe reply");
  EXPECT_EQ(metrics.http_requests(HttpVersion::http1, HttpMethod::get, HttpStatus::ok).value(), 1u);
}

TEST_F(H1SessionTest, answers_a_head_without_the_body) {
  const auto taken = driver.give("HEAD" + get_request.substr(3));
  ASSERT_EQ(taken.size(), 1u);
  driver.reply(taken[0], "the reply");
  EXPECT_THAT(driver.output(), AllOf(HasSubstr("content-length: 9\r\n"), EndsWith("\r\n\r\n")));
}

TEST_F(H1SessionTest, answers_a_post) {
  const auto taken = driver.give(post_request(dns_message(0, 128)));
  ASSERT_EQ(taken.size(), 1u);
  EXPECT_EQ(taken[0].message, dns_message(0, 128));
}

TEST_F(H1SessionTest, understands_a_request_that_comes_one_octet_at_a_time) {
  const auto taken = driver.give_slowly(post_request(dns_message(0)));
  ASSERT_EQ(taken.size(), 1u);
  EXPECT_EQ(taken[0].message, dns_message(0));
}

TEST_F(H1SessionTest, understands_a_chunked_body_in_any_split) {
  const std::string request =
      "POST /dns-query HTTP/1.1\r\nhost: a\r\ncontent-type: application/dns-message\r\ntransfer-encoding: "
      "chunked\r\n\r\n"
      "5\r\n01234\r\nA\r\n56789abcde\r\n1\r\nf\r\n0\r\n\r\n";
  std::mt19937 random(2);
  for (int round = 0; round < 200; ++round) {
    H1Session fresh(dns_query, metrics);
    SessionDriver fed(fresh);
    std::vector<TakenRequest> taken;
    for (std::size_t at = 0; at < request.size();) {
      const std::size_t count = std::min<std::size_t>(1 + random() % 40, request.size() - at);
      ASSERT_TRUE(fed.give(std::string_view(request).substr(at, count), taken));
      at += count;
    }
    ASSERT_EQ(taken.size(), 1u);
    ASSERT_EQ(taken[0].message, "0123456789abcdef");
  }
}

TEST_F(H1SessionTest, answers_pipelined_requests_in_order) {
  std::vector<TakenRequest> taken = driver.give(get_request + post_request(dns_message(2)) + get_request);
  ASSERT_EQ(taken.size(), 1u);
  EXPECT_FALSE(session.wants_input());
  driver.reply(taken[0], "first");
  taken = driver.take();
  ASSERT_EQ(taken.size(), 1u);
  EXPECT_EQ(taken[0].message, dns_message(2));
  driver.reply(taken[0], "second");
  taken = driver.take();
  ASSERT_EQ(taken.size(), 1u);
  driver.reply(taken[0], "third");
  const std::string output = driver.output();
  EXPECT_LT(output.find("first"), output.find("second"));
  EXPECT_LT(output.find("second"), output.find("third"));
  EXPECT_TRUE(session.wants_input());
  EXPECT_FALSE(session.finished());
}

TEST_F(H1SessionTest, gives_the_status_that_names_the_mistake) {
  struct Row {
    std::string request;
    const char* status_line;
  };
  const std::string end = "\r\nhost: a\r\n\r\n";
  const std::string dns = "dns=AAABAAABAAAAAAAAA3d3dwdleGFtcGxlA2NvbQAAAQAB";
  const Row rows[] = {
      {get_request, "HTTP/1.1 200 OK"},
      {"GET /dns-query HTTP/1.1" + end, "HTTP/1.1 400 Bad Request"},
      {"GET /nope?" + dns + " HTTP/1.1" + end, "HTTP/1.1 404 Not Found"},
      {"GET / HTTP/1.1" + end, "HTTP/1.1 404 Not Found"},
      {"OPTIONS /dns-query HTTP/1.1" + end, "HTTP/1.1 405 Method Not Allowed"},
      {"PUT /dns-query HTTP/1.1" + end, "HTTP/1.1 405 Method Not Allowed"},
      {"POST /dns-query HTTP/1.1\r\ncontent-length: 20" + end + std::string(20, 'x'),
       "HTTP/1.1 415 Unsupported Media Type"},
      {"POST /dns-query HTTP/1.1\r\ncontent-type: application/dns-message\r\ncontent-length: 65536" + end,
       "HTTP/1.1 413 Content Too Large"},
      {"POST /dns-query HTTP/1.1\r\ncontent-type: application/dns-message\r\ncontent-length: 0" + end,
       "HTTP/1.1 400 Bad Request"},
      {"GET /dns-query?dns=" + std::string(5000, 'A') + " HTTP/1.1" + end, "HTTP/1.1 414 URI Too Long"},
      {"GET /dns-query?" + dns + " HTTP/1.1\r\nx: " + std::string(9000, 'x') + end,
       "HTTP/1.1 431 Request Header Fields Too Large"},
      {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HTTP/1.1 505 HTTP Version Not Supported"},
      {"GET /dns-query HTTP/3.0" + end, "HTTP/1.1 505 HTTP Version Not Supported"},
      {"\x16\x03\x01\x02\x05", "HTTP/1.1 400 Bad Request"},
      {"GET /dns-query\r\n\r\n", "HTTP/1.1 400 Bad Request"},
      {"GET /dns-query?" + dns + " HTTP/1.1\r\nbroken header\r\n\r\n", "HTTP/1.1 400 Bad Request"},
      {"POST /dns-query HTTP/1.1\r\ncontent-length: 1\r\ntransfer-encoding: chunked" + end, "HTTP/1.1 400 Bad Request"},
      {"POST /dns-query HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2" + end, "HTTP/1.1 400 Bad Request"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.request.substr(0, 80));
    EXPECT_EQ(status_line_of(row.request), row.status_line);
  }
}

TEST_F(H1SessionTest, tells_which_methods_there_are) {
  driver.give("DELETE /dns-query HTTP/1.1\r\nhost: a\r\n\r\n");
  EXPECT_THAT(driver.output(), HasSubstr("\r\nallow: GET, HEAD, POST\r\n"));
}

TEST_F(H1SessionTest, refuses_a_body_that_grows_too_large_in_chunks) {
  std::vector<TakenRequest> taken;
  driver.give(
      "POST /dns-query HTTP/1.1\r\nhost: a\r\ncontent-type: application/dns-message\r\n"
      "transfer-encoding: chunked\r\n\r\n",
      taken);
  const std::string chunk = "8000\r\n" + std::string(0x8000, 'x') + "\r\n";
  EXPECT_TRUE(driver.give(chunk, taken));
  EXPECT_FALSE(driver.give(chunk, taken));
  EXPECT_THAT(driver.output(), StartsWith("HTTP/1.1 413"));
  EXPECT_TRUE(session.finished());
}

TEST_F(H1SessionTest, refuses_more_than_64_fields) {
  std::string request = "GET /dns-query?dns=AAABAAABAAAAAAAAA3d3dwdleGFtcGxlA2NvbQAAAQAB HTTP/1.1\r\n";
  for (int i = 0; i < 65; ++i) request += "a: b\r\n";
  EXPECT_EQ(status_line_of(request + "\r\n"), "HTTP/1.1 431 Request Header Fields Too Large");
}

TEST_F(H1SessionTest, invites_a_client_that_waits_to_send_its_body) {
  const std::string request = post_request(dns_message(0), "expect: 100-continue\r\n");
  const std::size_t head = request.find("\r\n\r\n") + 4;
  driver.give(request.substr(0, head));
  EXPECT_EQ(driver.output(), "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(driver.give(request.substr(head)).size(), 1u);
}

TEST_F(H1SessionTest, refuses_before_the_body_what_would_be_refused_after_it) {
  driver.give(
      "POST /nope HTTP/1.1\r\nhost: a\r\ncontent-type: application/dns-message\r\ncontent-length: 50\r\n"
      "expect: 100-continue\r\n\r\n");
  EXPECT_THAT(driver.output(), StartsWith("HTTP/1.1 404"));
  EXPECT_TRUE(session.finished());
}

TEST_F(H1SessionTest, keeps_the_connection_after_a_mistake_that_ends_where_the_request_ends) {
  driver.give("GET /nope HTTP/1.1\r\nhost: a\r\n\r\n");
  EXPECT_THAT(driver.output(), Not(HasSubstr("connection: close")));
  EXPECT_FALSE(session.finished());
  EXPECT_EQ(driver.give(get_request).size(), 1u);
}

TEST_F(H1SessionTest, closes_when_the_client_wants_it) {
  const auto taken = driver.give(
      "GET /dns-query?dns=AAABAAABAAAAAAAAA3d3dwdleGFtcGxlA2NvbQAAAQAB HTTP/1.1\r\n"
      "connection: close\r\n\r\n" +
      get_request);
  ASSERT_EQ(taken.size(), 1u);
  EXPECT_FALSE(session.finished());
  driver.reply(taken[0], "reply");
  EXPECT_THAT(driver.output(), HasSubstr("\r\nconnection: close\r\n"));
  EXPECT_TRUE(session.finished());
  EXPECT_TRUE(driver.take().empty());
  EXPECT_FALSE(session.failed());
}

TEST_F(H1SessionTest, closes_after_http_1_0_unless_asked_to_stay) {
  const std::string line = "GET /dns-query?dns=AAABAAABAAAAAAAAA3d3dwdleGFtcGxlA2NvbQAAAQAB HTTP/1.0\r\n";
  auto taken = driver.give(line + "connection: keep-alive\r\n\r\n");
  ASSERT_EQ(taken.size(), 1u);
  driver.reply(taken[0], "reply");
  EXPECT_THAT(driver.output(), HasSubstr("\r\nconnection: keep-alive\r\n"));
  EXPECT_FALSE(session.finished());
  taken = driver.give(line + "\r\n");
  ASSERT_EQ(taken.size(), 1u);
  driver.reply(taken[0], "reply");
  EXPECT_THAT(driver.output(), HasSubstr("\r\nconnection: close\r\n"));
  EXPECT_TRUE(session.finished());
}

TEST_F(H1SessionTest, answers_400_when_the_resolver_has_nothing_to_say) {
  const auto taken = driver.give(get_request);
  session.no_reply(taken.at(0).ticket);
  EXPECT_THAT(driver.output(), StartsWith("HTTP/1.1 400"));
}

TEST_F(H1SessionTest, drains_after_the_request_in_flight) {
  const auto taken = driver.give(get_request);
  session.drain();
  EXPECT_FALSE(session.finished());
  driver.reply(taken.at(0), "reply");
  EXPECT_THAT(driver.output(), HasSubstr("\r\nconnection: close\r\n"));
  EXPECT_TRUE(session.finished());
}

TEST_F(H1SessionTest, drains_at_once_between_requests) {
  session.drain();
  EXPECT_TRUE(session.finished());
  EXPECT_FALSE(session.failed());
}

TEST_F(H1SessionTest, is_mid_message_while_a_request_is_incomplete) {
  EXPECT_FALSE(session.mid_message());
  driver.give(get_request.substr(0, 20));
  EXPECT_TRUE(session.mid_message());
  driver.give(get_request.substr(20));
  EXPECT_FALSE(session.mid_message());
  EXPECT_EQ(session.in_flight(), 1u);
}

}  // namespace
}  // namespace dragoman::serve
