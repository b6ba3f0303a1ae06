// A fake upstream server on a thread and event loop of its own, for callers that bring their own loop.
#pragma once

#include <functional>
#include <memory>
#include <thread>

#include "dragoman/net/event_loop.h"

namespace dragoman::fakes {

template <class Server>
class OnThread {
 public:
  // `arguments` are the server's behind its loop.
  template <class... Arguments>
  explicit OnThread(Arguments&&... arguments)
      : server_(std::make_unique<Server>(loop_, std::forward<Arguments>(arguments)...)), url_(server_->url()) {
    thread_ = std::thread([this] { loop_.run(); });
  }
  ~OnThread() {
    loop_.stop();
    thread_.join();
  }
  const std::string& url() const { return url_; }

 private:
  net::EventLoop loop_;
  std::unique_ptr<Server> server_;
  std::string url_;
  std::thread thread_;
};

}  // namespace dragoman::fakes
