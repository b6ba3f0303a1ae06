// The life of a connection; see connection.h.
#include "connection.h"

#include <algorithm>
#include <cstring>

#include "connection_pool.h"

namespace dragoman::upstream {
namespace {

constexpr int reads_per_turn = 8;  // of 16 KiB: then the others get their turn

net::Stream make_stream(net::UniqueFd fd, net::ClientTls* tls) {
  if (tls == nullptr) return net::Stream(std::move(fd));
  return net::Stream(std::move(fd), tls->new_session(), false);
}

}  // namespace

Connection::Connection(Context& context, ConnectionPool& pool, net::UniqueFd fd)
    : context_(context),
      pool_(pool),
      stream_(make_stream(std::move(fd), pool.plan().tls.get())),
      timer_([](void* self) { static_cast<Connection*>(self)->on_timer(); }, this),
      last_heard_(context.loop.now()),
      idle_timeout_(context.options.idle_timeout) {
  context_.loop.watch(stream_.fd(), *this);
  context_.loop.set_after(timer_, context_.options.connect_timeout);
  pool_.metrics().connections.add(1);
}

Connection::~Connection() {
  if (phase_ == Phase::dead) return;
  context_.loop.unwatch(stream_.fd(), *this);
  stream_.close();
  pool_.metrics().connections.add(-1);
}

void Connection::on_ready(net::Ready ready) {
  if (ready.hung_up) stream_.expect_end();
  if (phase_ == Phase::connecting && (ready.writable || ready.hung_up)) connected();
  if (phase_ == Phase::handshaking) return handshake();
  if (phase_ != Phase::open) return;
  if (ready.readable || ready.hung_up) read();
  if (phase_ == Phase::open && ready.writable) flush();
}

void Connection::connected() {
  if (const int error = net::connect_error(stream_.fd())) {
    pool_.set_trouble(std::strerror(error));
    return die(Ending::network);
  }
  phase_ = Phase::handshaking;
}

void Connection::handshake() {
  const net::IoResult result = stream_.handshake();
  if (result.state == net::IoState::would_block) return;
  if (result.state != net::IoState::ok) {
    pool_.metrics().handshakes(HandshakeResult::failed).add();
    const bool is_closed = result.state == net::IoState::closed;
    pool_.set_trouble(is_closed ? "the server closed the connection during the handshake" : stream_.error_text());
    return die(is_closed ? Ending::network : Ending::tls);
  }
  pool_.set_trouble({});
  facts_ = stream_.facts();
  if (stream_.is_tls()) {
    pool_.metrics().handshakes(facts_.resumed ? HandshakeResult::resumed : HandshakeResult::full).add();
  }
  phase_ = Phase::open;
  heard();
  opened();
  // What the server sent together with its last handshake message is told by no further readiness.
  if (phase_ == Phase::open) read();
  if (phase_ == Phase::open) flush();
}

void Connection::read() {
  for (int i = 0; i < reads_per_turn; ++i) {
    const net::IoResult result = stream_.read(context_.octets);
    if (result.state == net::IoState::would_block) return;
    if (result.state != net::IoState::ok) return die(ending_when_lost());
    if (!received(Bytes(context_.octets).first(result.count))) return die(Ending::malformed);
    if (phase_ != Phase::open) return;
    heard();
  }
  context_.loop.again(*this);
}

void Connection::flush() {
  if (phase_ != Phase::open) return;
  for (;;) {
    if (unsent() == 0) {
      out_.clear();
      sent_ = 0;
      fill(out_);
      if (out_.empty()) return;
    }
    if (!write()) return;
  }
}

// False: to be continued when the socket is writable again, or never.
bool Connection::write() {
  const net::IoResult result = stream_.write(Bytes(out_).subspan(sent_));
  if (result.state == net::IoState::would_block) return false;
  if (result.state != net::IoState::ok) {
    die(ending_when_lost());
    return false;
  }
  sent_ += result.count;
  return true;
}

// One timer looks after all that can take too long.
void Connection::on_timer() {
  if (phase_ != Phase::open) return die(Ending::timeout);
  if (!owes_ || context_.loop.now() - owes_since_ >= context_.options.silence_timeout) return die(Ending::lost);
  if (!std::exchange(warned_, true)) seems_silent();
  context_.loop.set(timer_, owes_since_ + context_.options.silence_timeout);
}

void Connection::heard() {
  last_heard_ = owes_since_ = context_.loop.now();
  owes_ = load() != 0;
  warned_ = false;
  context_.loop.set_after(timer_, owes_ ? Duration(context_.options.silence_timeout) / 2 : idle_timeout_);
}

// The first question after the last sign of life starts the measurement of silence.
void Connection::started_waiting() {
  if (phase_ != Phase::open || std::exchange(owes_, true)) return;
  owes_since_ = context_.loop.now();
  context_.loop.set_after(timer_, Duration(context_.options.silence_timeout) / 2);
}

// A connection that ends before it ever carried anything is a server that cannot be reached.
Ending Connection::ending_when_lost() const { return phase_ == Phase::open ? Ending::lost : Ending::network; }

void Connection::die(Ending ending) {
  if (phase_ == Phase::dead) return;
  phase_ = Phase::dead;
  timer_.cancel();
  unlink();
  context_.loop.unwatch(stream_.fd(), *this);
  stream_.close();
  pool_.metrics().connections.add(-1);
  end_all(ending);
  pool_.bury(*this);
}

}  // namespace dragoman::upstream
