// What is put off to the end of a turn: answers to hand over, connections to write to, what is dead to be destroyed.
// Transports only put things here, so no callback of theirs runs an asker's code, and nothing is destroyed under its
// own feet (dnsdist PR 14104: an answer inside nghttp2_session_mem_recv). One per forwarder, worker thread.
#pragma once

#include <memory>
#include <vector>

#include "dragoman/net/event_loop.h"
#include "exchange.h"
#include "link.h"

namespace dragoman::upstream {

// Has output to write at the end of the turn.
class Flushable : public Link {
 public:
  virtual void flush() = 0;

 protected:
  ~Flushable() = default;
};

// May be buried: destroyed at the end of the turn.
class Mortal {
 public:
  virtual ~Mortal() = default;
};

class Agenda {
 public:
  explicit Agenda(net::EventLoop& loop) : loop_(loop), self_(std::make_shared<Agenda*>(this)) {}
  ~Agenda() { *self_ = nullptr; }
  Agenda(const Agenda&) = delete;
  Agenda& operator=(const Agenda&) = delete;

  // The exchange has left its carrier and ended so.
  void finish(Exchange& exchange, Ending ending);
  void flush(Flushable& writer);
  void bury(std::unique_ptr<Mortal> dead);

 private:
  void schedule();
  void run();

  net::EventLoop& loop_;
  std::shared_ptr<Agenda*> self_;  // what the loop holds: empty when the agenda is gone before the end of the turn
  Link finished_;
  Link to_flush_;
  std::vector<std::unique_ptr<Mortal>> dead_;
  bool scheduled_ = false;
};

}  // namespace dragoman::upstream
