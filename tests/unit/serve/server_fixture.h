// A Server on loopback with a scripted resolver behind it, and clients that are driven in the same thread.
#pragma once

#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "dragoman/resolve/pending_reply.h"
#include "dragoman/serve/metrics.h"
#include "dragoman/serve/server.h"
#include "fakes/test_certificates.h"
#include "session_driver.h"

namespace dragoman::serve {

// The mark of a query (see dns_message) says what becomes of it.
inline constexpr char fast = 'q', slow = 's', dropped = 'd', large = 'l';

inline std::string reply_to(const std::string& query, std::size_t size = 20) {
  return query.substr(0, 2) + std::string(size - 2, 'r');
}

inline std::string framed(const std::string& message) {
  std::string frame(2, '\0');
  store_u16(reinterpret_cast<std::uint8_t*>(frame.data()), static_cast<std::uint16_t>(message.size()));
  return frame + message;
}

class ScriptedHandler final : public resolve::QueryHandler {
 public:
  static constexpr std::size_t large_size = 4000;

  struct Asked {
    std::string message;
    resolve::Client client;
    std::uint16_t keepalive;
    std::string listener, path, tls_name;  // its entrance
  };
  struct Waiting {
    std::string message;
    std::unique_ptr<resolve::PendingReply> reply;
  };

  resolve::HandleResult handle(const resolve::Query& query, resolve::ReplyTarget& target, std::uint64_t ticket,
                               MutableBytes reply) override {
    const std::string message = text_of(query.message);
    const resolve::Entrance& entrance = query.entrance;
    asked.push_back({message, query.client, query.keepalive, std::string(entrance.listener), std::string(entrance.path),
                     std::string(entrance.tls_name)});
    if (message.size() < 12 || message.back() == dropped) return {};
    if (message.back() == slow) {
      waiting.push_back({message, std::make_unique<resolve::PendingReply>(target, ticket)});
      return {resolve::Handled::pending, 0, {}};
    }
    const std::string text = reply_to(message, message.back() == large ? large_size : 20);
    std::copy(text.begin(), text.end(), reply.begin());
    return {resolve::Handled::answered, text.size(), {60}};
  }

  // Answers what waits, first come first.
  void release() {
    std::vector<Waiting> ready = std::move(waiting);
    waiting.clear();
    for (Waiting& one : ready) one.reply->deliver(bytes_of(reply_to(one.message)), {60});
  }

  std::vector<Asked> asked;
  std::vector<Waiting> waiting;
};

// A TCP client, plain or TLS.
class TestClient {
 public:
  explicit TestClient(const ip::Endpoint& server) : stream_(std::move(*net::connect_tcp(server))) {}
  TestClient(const ip::Endpoint& server, ssl_st* session)
      : stream_(std::move(*net::connect_tcp(server)), session, false), is_ready_(false) {}

  // One step of what is under way.
  void step() {
    if (!is_ready_ && !is_failed_) {
      const auto state = stream_.handshake().state;
      is_ready_ = state == net::IoState::ok;
      is_failed_ = state == net::IoState::failed || state == net::IoState::closed;
    }
    if (!is_ready_) return;
    if (!unsent_.empty()) {
      const auto result = stream_.write(bytes_of(unsent_));
      if (result.state == net::IoState::ok) unsent_.erase(0, result.count);
    }
    if (!reads_) return;
    std::vector<std::uint8_t> room(65536);
    const auto result = stream_.read(room);
    if (result.state == net::IoState::ok) received.append(text_of(Bytes(room).first(result.count)));
    is_closed_ = result.state == net::IoState::closed;
    is_failed_ = is_failed_ || result.state == net::IoState::failed;
  }
  void send(const std::string& octets) { unsent_ += octets; }
  void finish() { stream_.close(); }
  void stop_reading() { reads_ = false; }
  bool is_ready() const { return is_ready_; }
  bool is_closed() const { return is_closed_ || is_failed_; }
  bool was_reset() const { return is_failed_; }
  bool has_unsent() const { return !unsent_.empty(); }
  int fd() const { return stream_.fd(); }

  std::string received;

 private:
  net::Stream stream_;
  std::string unsent_;
  bool is_ready_ = true;
  bool is_closed_ = false;
  bool is_failed_ = false;
  bool reads_ = true;
};

class ServerTest : public testing::Test {
 protected:
  // Call before start() to change limits.
  LimitOptions limits = [] {
    LimitOptions options;
    options.idle_timeout = seconds(20);
    return options;
  }();

  void start(std::initializer_list<const char*> urls) {
    shared = std::make_shared<ConnectionLimits>(limits);
    server = std::make_unique<Server>(loop, handler, shared, limits, metrics);
    server->use(tls(), seconds(1));
    for (const char* url : urls) {
      const auto opened = server->listen(*ListenOptions::from_url(url));
      ASSERT_TRUE(opened) << opened.error().text();
    }
  }
  ip::Endpoint endpoint(std::size_t index = 0) const { return server->endpoints().at(index); }

  // Turns the loop and the clients until `done`; false after some seconds.
  bool until(const std::function<bool()>& done, std::initializer_list<TestClient*> clients = {}) {
    const TimePoint end = Clock::now() + seconds(10);
    while (!done()) {
      if (Clock::now() > end) return false;
      for (TestClient* client : clients) client->step();
      loop.run_once(milliseconds(1));
    }
    return true;
  }
  bool until_received(TestClient& client, const std::string& octets) {
    return until([&] { return client.received == octets; }, {&client});
  }
  bool until_closed(TestClient& client) {
    return until([&] { return client.is_closed(); }, {&client});
  }
  bool until_connections(std::size_t count) {
    return until([&] { return server->connections() == count; });
  }

  std::shared_ptr<const net::ServerTls> tls() {
    if (!loaded) {
      const auto files = authority.issue({.names = {"dns.example"}}).save(directory, "server");
      loaded = *net::ServerTls::load({.certificates = {files}}, std::make_shared<net::TicketKeys>(seconds(3600)));
    }
    return loaded;
  }
  // `alpn`, and the name that is sent unless another one is given.
  ssl_st* client_session(const std::string& alpn, const char* server_name = "dns.example") {
    client_tls.push_back(*net::ClientTls::make(authority.save(directory), "dns.example", alpn));
    ssl_st* session = client_tls.back()->new_session();
    SSL_set_tlsext_host_name(session, server_name);
    return session;
  }
  std::uint64_t closed(resolve::Protocol protocol, CloseReason reason) {
    return metrics.connections_closed(protocol, reason).value();
  }

  test::TemporaryDirectory directory;
  test::TestAuthority authority;
  std::shared_ptr<const net::ServerTls> loaded;
  std::vector<std::shared_ptr<net::ClientTls>> client_tls;
  net::EventLoop loop;
  ScriptedHandler handler;
  Metrics metrics;
  std::shared_ptr<ConnectionLimits> shared;
  std::unique_ptr<Server> server;
};

}  // namespace dragoman::serve
