// An admin listener that knows one answer.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <thread>

#include "dragoman/net/event_loop.h"
#include "dragoman/net/stream.h"

namespace dragoman::fakes {

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

}  // namespace dragoman::fakes
