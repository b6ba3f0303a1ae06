// Waking a thread that waits for a descriptor of its own: what a NAT64 worker sleeps on.
#pragma once

#include <atomic>

#include "dragoman/base/time.h"
#include "dragoman/net/socket.h"

namespace dragoman::net {

// signal() costs a system call only if the owner sleeps or is about to. The descriptor is registered once (epoll): that
// makes a sleep 0.2 us cheaper than poll(2), which registers it each time.
class Wake {
 public:
  // `fd` outlives this.
  explicit Wake(int fd);

  // Any thread, after what it has to tell is in place.
  void signal();

  // The owner, before it sleeps: from now on signal() wakes it. It then looks once more whether there is something to
  // do, and calls wait() or stay_awake().
  void about_to_sleep() { asleep_.store(true, std::memory_order_seq_cst); }
  void stay_awake() { asleep_.store(false, std::memory_order_relaxed); }
  // Sleeps until the descriptor is readable, somebody signals, or `longest` is over. Whether it is readable.
  bool wait(milliseconds longest);

 private:
  UniqueFd event_;
  UniqueFd both_;
  std::atomic<bool> asleep_{false};
};

}  // namespace dragoman::net
