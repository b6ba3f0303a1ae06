// Accepts the connections of one socket: TCP for dns://, tls:// and https://. Worker thread only.
#pragma once

#include "context.h"
#include "dragoman/net/socket.h"

namespace dragoman::serve {

class TcpListener final : public net::Watcher {
 public:
  // `listeners` must outlive the connections that come in here.
  TcpListener(Context& context, const Listeners& listeners, net::UniqueFd fd);
  ~TcpListener();
  void on_ready(net::Ready ready) override;

 private:
  bool is_tls() const { return listeners_.front().scheme != Scheme::dns; }
  void call_later(net::Watcher& watcher);
  void take(net::Accepted accepted);
  bool has_room_for_handshake();
  void wait_for_room();
  void refuse(RefusalReason reason);
  void pause();
  static void on_timer(void* self);

  Context& context_;
  const Listeners& listeners_;
  net::UniqueFd fd_;
  net::Timer retry_;
};

}  // namespace dragoman::serve
