// Accepts the connections of one listener: TCP for dns://, tls:// and https://. Worker thread only.
#pragma once

#include "context.h"
#include "dragoman/net/socket.h"

namespace dragoman::serve {

class TcpListener final : public net::Watcher {
 public:
  // `listen` must outlive the connections that come in here.
  TcpListener(Context& context, const ListenOptions& listen, net::UniqueFd fd);
  ~TcpListener();
  void on_ready(net::Ready ready) override;

 private:
  void take(net::Accepted accepted);
  void refuse(RefusalReason reason);
  void pause();
  static void on_timer(void* self);

  Context& context_;
  const ListenOptions& listen_;
  net::UniqueFd fd_;
  net::Timer retry_;
};

}  // namespace dragoman::serve
