// Waking a thread that waits for a descriptor of its own: what a NAT64 worker sleeps on.
#pragma once

#include <atomic>

#include "dragoman/base/time.h"
#include "dragoman/net/socket.h"

namespace dragoman::net {

// signal() costs a system call only if the owner sleeps or is about to.
class Wake {
 public:
  Wake();

  // Any thread, after what it has to tell is in place.
  void signal();

  // The owner, before it sleeps: from now on signal() wakes it. It then looks once more whether there is something to do,
  // and calls wait() or stay_awake().
  void about_to_sleep() { asleep_.store(true, std::memory_order_seq_cst); }
  void stay_awake() { asleep_.store(false, std::memory_order_relaxed); }
  // Sleeps until `fd` is readable, somebody signals, or `longest` is over. Whether `fd` is readable.
  bool wait(int fd, milliseconds longest);

 private:
  UniqueFd event_;
  std::atomic<bool> asleep_{false};
};

}  // namespace dragoman::net
