// Tells when addresses of this machine come and go (rtnetlink(7)). Thread of the loop.
#pragma once

#include <functional>

#include "dragoman/net/event_loop.h"
#include "dragoman/net/socket.h"

namespace dragoman::net {

class AddressWatcher final : private Watcher {
 public:
  // `changed` is called once for what came together; what has changed is in Netlink::addresses().
  AddressWatcher(EventLoop& loop, std::function<void()> changed);
  ~AddressWatcher();

  // From now on. A second call changes nothing. An error: the kernel gives no such socket.
  Result<void> start();

 private:
  void on_ready(Ready ready) override;
  EventLoop& loop_;
  std::function<void()> changed_;
  UniqueFd fd_;
};

}  // namespace dragoman::net
