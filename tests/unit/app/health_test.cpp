// `dragoman health` against a scripted admin listener.
#include "commands/health.h"

#include <gtest/gtest.h>

#include <thread>

#include "cli.h"
#include "dragoman/net/event_loop.h"
#include "dragoman/net/stream.h"

namespace dragoman::app {
namespace {

// Accepts one connection on a thread of its own, reads a request, gives one answer and closes.
class OneAnswer final : net::Watcher {
 public:
  explicit OneAnswer(std::string answer) : answer_(std::move(answer)) {
    listener_ = *net::listen_tcp(*ip::Endpoint::from_text("127.0.0.1:0"), false);
    thread_ = std::thread([this] {
      loop_.watch(listener_.get(), *this);
      loop_.run();
    });
  }
  ~OneAnswer() {
    loop_.stop();
    thread_.join();
  }
  std::string url() const { return "http://" + net::local_endpoint(listener_.get()).to_text(); }
  // Only after the answer was given.
  const std::string& request() const { return request_; }

 private:
  void on_ready(net::Ready) override {
    if (!client_) accept();
    if (!client_) return;
    std::uint8_t buffer[1024];
    for (auto got = client_->read(buffer); got.state == net::IoState::ok; got = client_->read(buffer)) {
      request_.append(reinterpret_cast<const char*>(buffer), got.count);
    }
    if (answer_.empty() || request_.find("\r\n\r\n") == std::string::npos) return;
    EXPECT_EQ(client_->write({reinterpret_cast<const std::uint8_t*>(answer_.data()), answer_.size()}).count,
              answer_.size());
    loop_.unwatch(client_->fd(), *this);
    client_->close();
    client_.reset();
    answer_.clear();
  }
  void accept() {
    auto accepted = net::accept_tcp(listener_.get());
    if (!accepted || !*accepted) return;
    client_.emplace(std::move((*accepted)->fd));
    loop_.watch(client_->fd(), *this);
  }

  std::string answer_;
  std::string request_;
  net::UniqueFd listener_;
  std::optional<net::Stream> client_;
  net::EventLoop loop_;
  std::thread thread_;
};

int health(const std::string& url, bool ready = false, milliseconds timeout = milliseconds(2000)) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  const int exit_code = run_health({url, ready, timeout});
  testing::internal::GetCapturedStdout();
  testing::internal::GetCapturedStderr();
  return exit_code;
}

TEST(Health, is_well_when_the_answer_is_200) {
  OneAnswer server("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n");
  EXPECT_EQ(health(server.url()), exit_ok);
  EXPECT_EQ(server.request().find("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:"), 0u);
}

TEST(Health, asks_for_readiness_by_another_path) {
  OneAnswer server("HTTP/1.1 200 OK\r\n\r\n");
  EXPECT_EQ(health(server.url() + "/", true), exit_ok);
  EXPECT_EQ(server.request().find("GET /readyz HTTP/1.1\r\n"), 0u);
}

TEST(Health, fails_for_any_other_answer) {
  for (const char* answer :
       {"HTTP/1.1 503 Service Unavailable\r\n\r\ndraining\n", "HTTP/1.1 503", "220 mail.test\r\n", "x"}) {
    OneAnswer server(answer);
    EXPECT_EQ(health(server.url()), exit_failed) << answer;
  }
}

TEST(Health, fails_when_nobody_listens) {
  const auto bound = net::listen_tcp(*ip::Endpoint::from_text("127.0.0.1:0"), false);
  const std::string url = "http://" + net::local_endpoint(bound->get()).to_text();
  const_cast<net::UniqueFd&>(*bound) = net::UniqueFd();
  EXPECT_EQ(health(url), exit_failed);
}

TEST(Health, gives_up_on_a_server_that_says_nothing) {
  OneAnswer server("");
  EXPECT_EQ(health(server.url(), false, milliseconds(50)), exit_failed);
}

TEST(Health, wants_an_address_and_a_port) {
  for (const char* url :
       {"127.0.0.1:9153", "https://127.0.0.1:9153", "http://localhost:9153", "http://127.0.0.1", ""}) {
    EXPECT_EQ(health(url), exit_usage) << url;
  }
}

}  // namespace
}  // namespace dragoman::app
