// The admin server over real loopback sockets: HTTP as written by people, probes and enemies.
#include "dragoman/admin/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <future>
#include <string>
#include <vector>

namespace dragoman::admin {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr int patience_ms = 5000;  // for something that happens at once on an idle machine

// A blocking TCP client.
class Client {
 public:
  explicit Client(const ip::Endpoint& server)
      : fd_(::socket(server.address.is_v6() ? AF_INET6 : AF_INET, SOCK_STREAM, 0)) {
    sockaddr_storage storage;
    const unsigned length = server.to_sockaddr(&storage);
    EXPECT_EQ(::connect(fd_, reinterpret_cast<const sockaddr*>(&storage), length), 0);
  }
  Client(Client&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  ~Client() {
    if (fd_ >= 0) ::close(fd_);
  }

  void send(std::string_view text) const { ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL); }
  void end_of_output() const { ::shutdown(fd_, SHUT_WR); }

  // What comes until `mark`, or until the server closes.
  std::string read_until(std::string_view mark) {
    while (mark.empty() || input_.find(mark) == std::string::npos) {
      if (!read_some()) break;
    }
    const auto found = mark.empty() ? std::string::npos : input_.find(mark);
    const std::size_t length = found == std::string::npos ? input_.size() : found + mark.size();
    std::string text = input_.substr(0, length);
    input_.erase(0, length);
    return text;
  }
  std::string read_all() { return read_until({}); }
  std::string ask(std::string_view request) {
    send(request);
    return read_all();
  }

 private:
  bool read_some() {
    pollfd waiting{fd_, POLLIN, 0};
    if (::poll(&waiting, 1, patience_ms) != 1) {
      ADD_FAILURE() << "the server neither answers nor closes";
      return false;
    }
    char buffer[4096];
    const ssize_t length = ::recv(fd_, buffer, sizeof buffer, 0);
    if (length <= 0) return false;
    input_.append(buffer, static_cast<std::size_t>(length));
    return true;
  }

  int fd_;
  std::string input_;
};

ip::Endpoint loopback() { return *ip::Endpoint::from_text("127.0.0.1:0"); }

class AdminServer : public testing::Test {
 protected:
  AdminServer() {
    catalogue_.add_callback([](telemetry::Collector& visit) { visit.counter(7, "eaten_total", "Eaten."); });
  }
  ~AdminServer() override {
    if (server_) server_->stop();
  }

  void start(Options options = {}) {
    if (options.listen.empty()) options.listen = {loopback()};
    server_ = std::make_unique<Server>(options, Pages{catalogue_, [] { return Health{false, {"draining"}}; }, api_});
    const auto started = server_->start();
    ASSERT_TRUE(started) << started.error().text();
  }
  Client connect(std::size_t listener = 0) { return Client(server_->endpoints().at(listener)); }

  telemetry::Catalogue catalogue_;
  std::vector<ApiPage> api_;
  std::unique_ptr<Server> server_;
};

TEST_F(AdminServer, answers_get_with_the_page) {
  start();
  const std::string response = connect().ask("GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(response, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(response, HasSubstr("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
  EXPECT_THAT(response, EndsWith("eaten_total 7\n"));
}

TEST_F(AdminServer, answers_in_the_format_that_is_accepted) {
  start();
  const std::string response = connect().ask(
      "GET /metrics HTTP/1.1\r\nHost: a\r\nAccept: application/openmetrics-text\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(response, HasSubstr("Content-Type: application/openmetrics-text"));
  EXPECT_THAT(response, EndsWith("# EOF\n"));
}

TEST_F(AdminServer, answers_head_with_the_length_alone) {
  start();
  const std::string response = connect().ask("HEAD /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(response, HasSubstr("Content-Length: 3\r\n"));
  EXPECT_THAT(response, EndsWith("\r\n\r\n"));
}

TEST_F(AdminServer, tells_why_it_is_not_ready) {
  start();
  const std::string response = connect().ask("GET /readyz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(response, StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(response, EndsWith("not ready\ndraining\n"));
}

TEST_F(AdminServer, says_which_methods_it_allows) {
  start();
  const std::string response =
      connect().ask("POST /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi");
  EXPECT_THAT(response, StartsWith("HTTP/1.1 405 "));
  EXPECT_THAT(response, HasSubstr("Allow: GET, HEAD\r\n"));
}

TEST_F(AdminServer, keeps_the_connection_for_the_next_request) {
  start();
  Client client = connect();
  for (int i = 0; i < 3; ++i) {
    client.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_THAT(client.read_until("ok\n"), StartsWith("HTTP/1.1 200 OK\r\n"));
  }
}

TEST_F(AdminServer, answers_requests_that_come_in_one_write_in_their_order) {
  start();
  const std::string response = connect().ask(
      "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\nGET /none HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_LT(response.find("200 OK"), response.find("404 Not Found"));
  EXPECT_NE(response.find("404 Not Found"), std::string::npos);
}

TEST_F(AdminServer, closes_after_the_answer_to_http_1_0) {
  start();
  EXPECT_THAT(connect().ask("GET /healthz HTTP/1.0\r\n\r\n"), EndsWith("ok\n"));
}

TEST_F(AdminServer, understands_a_request_that_comes_octet_by_octet) {
  start();
  Client client = connect();
  for (const char c : std::string_view("GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")) {
    client.send({&c, 1});
  }
  EXPECT_THAT(client.read_all(), EndsWith("ok\n"));
}

struct BadRequest {
  const char* name;
  std::string text;
  const char* expected;  // how the answer begins; empty: closed without one
};

class AdminServerRefuses : public AdminServer, public testing::WithParamInterface<BadRequest> {};

TEST_P(AdminServerRefuses, and_says_why) {
  start();
  Client client = connect();
  client.send(GetParam().text);
  client.end_of_output();
  const std::string response = client.read_all();
  if (*GetParam().expected == 0) {
    EXPECT_EQ(response, "");
  } else {
    EXPECT_THAT(response, StartsWith(GetParam().expected));
    EXPECT_THAT(response, HasSubstr("Connection: close\r\n"));
  }
  EXPECT_THAT(connect().ask("GET /healthz HTTP/1.0\r\n\r\n"), EndsWith("ok\n"));  // and it still serves
}

const std::string get = "GET / HTTP/1.1\r\nHost: a\r\n";

INSTANTIATE_TEST_SUITE_P(
    Table, AdminServerRefuses,
    testing::Values(
        BadRequest{"a_large_header", get + "X: " + std::string(9000, 'x') + "\r\n\r\n", "HTTP/1.1 431 "},
        BadRequest{"a_header_without_end", get + "X: " + std::string(20000, 'x'), "HTTP/1.1 431 "},
        BadRequest{"many_fields",
                   get +
                       [] {
                         std::string fields;
                         for (int i = 0; i < 3000; ++i) fields += "A: b\r\n";
                         return fields;
                       }(),
                   "HTTP/1.1 431 "},
        BadRequest{"a_large_body", get + "Content-Length: 1025\r\n\r\n" + std::string(1025, 'x'), "HTTP/1.1 413 "},
        BadRequest{"a_huge_body_announced", get + "Content-Length: 99999999999\r\n\r\n", "HTTP/1.1 413 "},
        BadRequest{"a_large_chunked_body",
                   get + "Transfer-Encoding: chunked\r\n\r\n800\r\n" + std::string(2048, 'x') + "\r\n0\r\n\r\n",
                   "HTTP/1.1 413 "},
        BadRequest{"a_length_that_is_no_number", get + "Content-Length: -1\r\n\r\n", "HTTP/1.1 400 "},
        BadRequest{"two_lengths", get + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nx", "HTTP/1.1 400 "},
        BadRequest{"length_and_chunked", get + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                   "HTTP/1.1 400 "},
        BadRequest{"a_chunk_size_that_is_no_number", get + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", "HTTP/1.1 400 "},
        BadRequest{"another_version", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", "HTTP/1.1 400 "},
        BadRequest{"no_version", "GET /\r\n\r\n", "HTTP/1.1 400 "},
        BadRequest{"http_2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HTTP/1.1 400 "},
        BadRequest{"tls", std::string("\x16\x03\x01\x00\xc8\x01\x00\x00\xc4\x03\x03\r\n\r\n", 15), "HTTP/1.1 400 "},
        BadRequest{"nul_octets", std::string(64, '\0') + "\r\n\r\n", "HTTP/1.1 400 "},
        BadRequest{"a_field_without_colon", get + "nonsense\r\n\r\n", "HTTP/1.1 400 "},
        BadRequest{"a_control_in_a_field_name", get + "X\x01: y\r\n\r\n", "HTTP/1.1 400 "},
        BadRequest{"a_space_before_a_colon", get + "X : y\r\n\r\n", "HTTP/1.1 400 "},
        BadRequest{"half_a_request", "GET /met", ""},
        BadRequest{"half_a_body", get + "Content-Length: 9\r\n\r\nabc", ""}, BadRequest{"nothing", "", ""}),
    [](const auto& row) { return row.param.name; });

TEST_F(AdminServer, closes_a_connection_that_never_finishes_its_request) {
  Options options;
  options.timeout = milliseconds(50);
  start(options);
  EXPECT_EQ(connect().ask("GET /healthz HTTP/1.1\r\nHost:"), "");
}

TEST_F(AdminServer, closes_an_idle_connection) {
  Options options;
  options.timeout = milliseconds(50);
  start(options);
  EXPECT_THAT(connect().ask("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"), EndsWith("ok\n"));
}

TEST_F(AdminServer, closes_connections_beyond_its_limit_and_serves_again_when_one_has_gone) {
  Options options;
  options.connections = 2;
  start(options);
  {
    Client first = connect(), second = connect();
    for (Client* client : {&first, &second}) {
      client->send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
      EXPECT_THAT(client->read_until("ok\n"), EndsWith("ok\n"));
    }
    EXPECT_EQ(connect().read_all(), "");
  }
  // The server learns of the two closes in its own time: the first attempts may still be one too many.
  std::string response;
  for (int attempt = 0; attempt < 1000 && response.empty(); ++attempt) {
    response = connect().ask("GET /healthz HTTP/1.0\r\n\r\n");
  }
  EXPECT_THAT(response, EndsWith("ok\n"));
}

TEST_F(AdminServer, serves_on_several_addresses) {
  Options options;
  options.listen = {loopback(), *ip::Endpoint::from_text("[::1]:0")};
  start(options);
  ASSERT_EQ(server_->endpoints().size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_THAT(connect(i).ask("GET /healthz HTTP/1.0\r\n\r\n"), EndsWith("ok\n"));
  }
}

TEST_F(AdminServer, does_not_share_its_address_with_another_process) {
  start();
  Options options;
  options.listen = server_->endpoints();
  Server second(options, Pages{catalogue_, [] { return Health{}; }});
  const auto started = second.start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, ErrorCode::in_use);
  EXPECT_THAT(started.error().text(), HasSubstr(options.listen[0].to_text()));
}

TEST_F(AdminServer, listens_nowhere_when_not_told_to) {
  Server server({}, Pages{catalogue_, [] { return Health{}; }});
  EXPECT_TRUE(server.start());
  EXPECT_TRUE(server.endpoints().empty());
}

constexpr const char* get_slow = "GET /slow HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";

TEST_F(AdminServer, waits_for_a_page_that_another_thread_makes_and_serves_others_meanwhile) {
  std::promise<Reply> asked;
  api_ = {{"/slow", "", [&](const Parameters&, Reply reply) { asked.set_value(std::move(reply)); }}};
  start();
  Client waiting = connect();
  waiting.send(get_slow);
  const Reply reply = asked.get_future().get();
  EXPECT_THAT(connect().ask("GET /healthz HTTP/1.0\r\n\r\n"), EndsWith("ok\n"));
  reply({.content_type = "application/json", .body = "{}"});
  reply({.status = 500});
  const std::string response = waiting.read_all();
  EXPECT_THAT(response, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(response, HasSubstr("Content-Type: application/json\r\n"));
  EXPECT_THAT(response, EndsWith("{}"));
}

TEST_F(AdminServer, gives_up_a_page_that_nobody_makes) {
  Reply kept;
  api_ = {{"/slow", "", [&](const Parameters&, Reply reply) { kept = std::move(reply); }}};
  Options options;
  options.timeout = milliseconds(50);
  start(options);
  EXPECT_THAT(connect().ask(get_slow), StartsWith("HTTP/1.1 504 "));
  kept({.body = "too late"});
  EXPECT_THAT(connect().ask("GET /healthz HTTP/1.0\r\n\r\n"), EndsWith("ok\n"));
}

TEST_F(AdminServer, is_destroyed_while_a_page_is_still_being_made) {
  std::promise<Reply> asked;
  api_ = {{"/slow", "", [&](const Parameters&, Reply reply) { asked.set_value(std::move(reply)); }}};
  start();
  Client client = connect();
  client.send(get_slow);
  Reply reply = asked.get_future().get();
  server_->stop();
  reply({.body = "too late"});
  server_.reset();
  EXPECT_EQ(client.read_all(), "");
}

TEST_F(AdminServer, closes_open_connections_when_it_stops) {
  start();
  Client client = connect();
  client.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
  client.read_until("ok\n");
  server_.reset();
  EXPECT_EQ(client.read_all(), "");
}

}  // namespace
}  // namespace dragoman::admin
