// Signals as events of a loop (signalfd), instead of code that interrupts whatever is running.
#pragma once

#include <functional>
#include <initializer_list>

#include "dragoman/net/event_loop.h"
#include "dragoman/net/socket.h"

namespace dragoman::net {

// Blocks the signals for the calling thread and all it starts from then on, so construct it before any other thread.
class Signals final : private Watcher {
 public:
  Signals(EventLoop& loop, std::initializer_list<int> signals, std::function<void(int signal)> handle);
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

 private:
  void on_ready(Ready ready) override;
  EventLoop& loop_;
  std::function<void(int)> handle_;
  UniqueFd fd_;
};

}  // namespace dragoman::net
