// One function decides whether a client is let in, for every protocol over TCP: ConnectionLimits, then room.
#include "tcp_listener.h"

#include "connection.h"

namespace dragoman::serve {

namespace {

constexpr int accepts_at_once = 4;
constexpr milliseconds pause_length{100};
// Where handshakes are at their bound, one that has taken this long makes room for who waits; it is least likely to
// finish. Others are let finish: in a storm of new connections, whoever is given up comes back with more work.
constexpr milliseconds handshake_patience{500};
constexpr milliseconds handshake_look{10};

}  // namespace

TcpListener::TcpListener(Context& context, const Listeners& listeners, net::UniqueFd fd)
    : context_(context), listeners_(listeners), fd_(std::move(fd)), retry_(on_timer, this) {
  context_.loop.watch_input(fd_.get(), *this);
}

TcpListener::~TcpListener() { context_.loop.unwatch(fd_.get(), *this); }

// With TLS one at a time, behind the handshakes of those who came before: whoever cannot be served yet waits in the
// kernel's queue, and not among the handshakes under way, of which the oldest would have to go.
void TcpListener::on_ready(net::Ready ready) {
  if (is_tls() && !ready.at_leisure) return context_.loop.when_at_leisure(*this);
  if (is_tls() && !has_room_for_handshake()) return wait_for_room();
  for (int i = 0; i < (is_tls() ? 1 : accepts_at_once); ++i) {
    auto accepted = net::accept_tcp(fd_.get());
    if (!accepted) return pause();
    if (!*accepted) return;
    take(std::move(**accepted));
  }
  call_later(*this);
}

// A handshake is long work.
void TcpListener::call_later(net::Watcher& watcher) {
  is_tls() ? context_.loop.when_at_leisure(watcher) : context_.loop.again(watcher);
}

void TcpListener::take(net::Accepted accepted) {
  if (context_.limits->crowded()) context_.connections.shed_oldest_idle();
  switch (context_.limits->admit(accepted.client.address)) {
    case ConnectionLimits::Verdict::admitted:
      break;
    case ConnectionLimits::Verdict::too_many:
      return refuse(RefusalReason::too_many);
    case ConnectionLimits::Verdict::too_many_of_client:
      return refuse(RefusalReason::too_many_of_client);
  }
  ssl_st* session = nullptr;
  if (is_tls()) {
    if (!context_.limits->admit_handshake(accepted.client.address, context_.loop.now())) {
      context_.limits->release(accepted.client.address);
      return refuse(RefusalReason::too_many_handshakes);
    }
    const auto alpn = listeners_.front().scheme == Scheme::tls ? net::Alpn::dot : net::Alpn::doh;
    session = context_.tls ? context_.tls->new_session(alpn) : nullptr;
    if (session == nullptr) {
      context_.limits->release(accepted.client.address);
      return refuse(RefusalReason::no_certificate);
    }
  }
  net::Stream stream =
      session == nullptr ? net::Stream(std::move(accepted.fd)) : net::Stream(std::move(accepted.fd), session, true);
  auto connection = std::make_unique<Connection>(context_, listeners_, std::move(stream), accepted.client.address);
  // What it says first has come already, mostly (TCP_DEFER_ACCEPT): not another wait for that.
  call_later(*connection);
  context_.connections.add(std::move(connection));
}

bool TcpListener::has_room_for_handshake() {
  if (context_.connections.handshakes() < context_.options.handshakes_in_progress) return true;
  return context_.connections.shed_oldest_handshake(context_.loop.now() - handshake_patience);
}

void TcpListener::wait_for_room() {
  context_.metrics.handshakes_held_back.add();
  context_.loop.set_after(retry_, handshake_look);
}

void TcpListener::refuse(RefusalReason reason) {
  context_.metrics.connections_refused(protocol_of(listeners_.front().scheme), reason).add();
}

// Descriptors are used up: give back one that does nothing, and look again soon. The kernel keeps who waits.
void TcpListener::pause() {
  refuse(RefusalReason::no_descriptors);
  context_.connections.shed_oldest_idle();
  context_.loop.set_after(retry_, pause_length);
}

void TcpListener::on_timer(void* self) { static_cast<TcpListener*>(self)->on_ready({}); }

}  // namespace dragoman::serve
