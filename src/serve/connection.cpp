// A connection's turn: give the client what waits, take its requests, answer the ones that can be answered, write once.
// Budgets per turn keep one client from holding up the others; bounds on what waits keep one that does not read from
// costing memory (its queries are no longer read).
#include "connection.h"

#include <algorithm>
#include <utility>

#include "context.h"
#include "dns_stream_session.h"
#include "h1_session.h"
#include "h2_session.h"

namespace dragoman::serve {

namespace {

constexpr std::size_t octets_per_turn = 64 * 1024;
constexpr unsigned requests_per_turn = 64;
constexpr std::size_t octets_per_write = 32 * 1024;
constexpr TimePoint never = TimePoint::max();
// An idle connection gives back its buffers after this.
constexpr milliseconds trim_delay{1000};
// After our FIN the client has this long to end its side: closing with unread octets would reset the connection, and
// take with it what the client has not read (RFC 9112 9.6).
constexpr seconds linger_time{1};

std::unique_ptr<Session> make_session(Context& context, const Listeners& listeners, bool is_h2) {
  if (listeners.front().scheme != Scheme::https) {
    return std::make_unique<DnsStreamSession>(context.options.queries_per_connection);
  }
  if (is_h2) return std::make_unique<H2Session>(context.h2, listeners, context.options);
  return std::make_unique<H1Session>(listeners, context.metrics);
}

}  // namespace

resolve::Protocol protocol_of(Scheme scheme) {
  switch (scheme) {
    case Scheme::tls:
      return resolve::Protocol::dot;
    case Scheme::https:
      return resolve::Protocol::doh;
    default:
      return resolve::Protocol::tcp;
  }
}

Connection::Connection(Context& context, const Listeners& listeners, net::Stream stream, const ip::Address& client)
    : context_(context),
      listeners_(listeners),
      stream_(std::move(stream)),
      timer_(on_timer, this),
      read_deadline_(context.loop.now() + context.handshake_timeout),
      write_deadline_(never),
      idle_deadline_(context.loop.now() + context.options.idle_timeout),
      client_{client, protocol_of(listeners.front().scheme)},
      place_(stream_.is_tls() ? Place::handshaking : Place::busy),
      phase_(stream_.is_tls() ? Phase::handshaking : Phase::serving) {
  context_.metrics.connections(client_.protocol).add(1);
  context_.metrics.connections_taken(client_.protocol).add();
  if (phase_ == Phase::serving) {
    read_deadline_ = never;
    session_ = make_session(context_, listeners_, false);
  }
  stream_.allow_pauses();
  context_.loop.watch_input(stream_.fd(), *this);
  context_.loop.set(timer_, std::min(read_deadline_, idle_deadline_));
}

Connection::~Connection() {
  context_.metrics.connections(client_.protocol).add(-1);
  context_.loop.unwatch(stream_.fd(), *this);
  context_.limits->release(client_.address);
}

// -- What others call --

void Connection::on_ready(net::Ready ready) {
  readable_ = readable_ || ready.readable || ready.hung_up;
  if (ready.hung_up) stream_.expect_end();
  // A handshake takes as long as a hundred answers.
  if (phase_ == Phase::handshaking && !ready.at_leisure) return context_.loop.when_at_leisure(*this);
  run();
}

// Replies that come in the same turn leave together: the loop calls again when the others had theirs.
void Connection::deliver(std::uint64_t ticket, Bytes message, const resolve::ReplyFacts& facts) {
  if (phase_ != Phase::serving) return;
  active_ = true;
  if (message.empty()) {
    session_->no_reply(ticket);
  } else {
    session_->reply(ticket, message, facts);
  }
  context_.loop.again(*this);
}

TimePoint Connection::handshake_began() const { return read_deadline_ - context_.handshake_timeout; }

void Connection::drain() {
  if (phase_ != Phase::serving) {
    if (phase_ == Phase::handshaking) shed(CloseReason::drain);
    return;
  }
  reason_ = CloseReason::drain;
  session_->drain();
  run();
}

void Connection::shed(CloseReason reason) {
  if (phase_ == Phase::handshaking) count_failed_handshake();
  stream_.close();
  end(reason);
  settle();
}

// -- A turn --

void Connection::run() {
  if (phase_ == Phase::handshaking) shake_hands();
  if (phase_ == Phase::serving) serve();
  if (phase_ == Phase::lingering) discard_input();
  settle();
}

void Connection::shake_hands() {
  const net::IoResult result = stream_.handshake();
  if (result.state == net::IoState::would_block) {
    if (stream_.wants_output()) watch_output();
    return;
  }
  if (result.state == net::IoState::paused) return context_.loop.go_on_at_leisure(*this);
  if (result.state != net::IoState::ok) {
    count_failed_handshake();
    return end(CloseReason::handshake_failed);
  }
  const net::HandshakeFacts facts = stream_.facts();
  const auto outcome = facts.resumed ? HandshakeResult::resumed : HandshakeResult::full;
  context_.metrics.handshakes(client_.protocol, facts.version, outcome).add();
  context_.metrics.handshake_duration(client_.protocol).observe(context_.loop.now() - handshake_began());
  read_deadline_ = never;
  session_ = make_session(context_, listeners_, facts.alpn_h2);
  phase_ = Phase::serving;
  context_.connections.move(*this, Place::busy);
}

void Connection::serve() {
  std::size_t octets = octets_per_turn;
  unsigned requests = requests_per_turn;
  write_out();
  take_requests(requests);  // held in earlier turns
  while (phase_ == Phase::serving && readable_ && may_read() && octets > 0 && requests > 0) {
    octets -= read_some(octets);
    take_requests(requests);
  }
  if (phase_ == Phase::serving) write_out();
  if (phase_ == Phase::serving) consider_end();
  if (phase_ == Phase::serving && ((readable_ && may_read()) || (held_ && may_work()))) context_.loop.again(*this);
}

void Connection::take_requests(unsigned& budget) {
  if (phase_ != Phase::serving) return;
  resolve::Query query{{}, client_, context_.keepalive()};
  Request request;
  for (;;) {
    held_ = true;
    if (budget == 0 || !may_work()) break;
    held_ = session_->next_request(request);
    if (!held_) break;
    --budget;
    progressed_ = true;
    query.message = request.message;
    if (query.entrance.listener.empty()) query.entrance.tls_name = tls_name();
    query.entrance.listener = listeners_[request.listener].url;
    query.entrance.path = listeners_[request.listener].path;
    const resolve::HandleResult result = context_.handler.handle(query, *this, request.ticket, context_.reply);
    if (result.handled == resolve::Handled::answered) {
      session_->reply(request.ticket, Bytes(context_.reply).first(result.length), result.facts);
    } else if (result.handled == resolve::Handled::dropped) {
      session_->no_reply(request.ticket);
    }
  }
  session_->keep_input();
}

// Asked for anew in each turn rather than kept: most connections are idle. Valid until another's turn.
std::string_view Connection::tls_name() const {
  const std::string_view sent = stream_.server_name().substr(0, context_.tls_name.size());
  std::transform(sent.begin(), sent.end(), context_.tls_name.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return {context_.tls_name.data(), sent.size()};
}

std::size_t Connection::read_some(std::size_t most) {
  const MutableBytes room = MutableBytes(context_.input).first(std::min(most, context_.input.size()));
  const net::IoResult result = stream_.read(room);
  switch (result.state) {
    case net::IoState::ok:
      break;
    case net::IoState::would_block:
    case net::IoState::paused:  // never by read()
      readable_ = false;
      return 0;
    case net::IoState::closed:
      readable_ = false;
      input_ended_ = true;
      return 0;
    case net::IoState::failed:
      end(CloseReason::io_error);
      return 0;
  }
  active_ = true;
  readable_ = !result.drained;  // a short read emptied the socket: the next octets are a new edge
  session_->receive(room.first(result.count), context_.loop.now());
  session_->take_cancelled(context_.cancelled);
  for (const std::uint64_t ticket : context_.cancelled) forget(ticket);
  context_.cancelled.clear();
  return result.count;
}

void Connection::write_out() {
  if (pending_) {
    const Bytes rest = write_some(*pending_);
    if (phase_ == Phase::over) return;
    if (!rest.empty()) {
      pending_->erase(pending_->begin(), pending_->end() - static_cast<std::ptrdiff_t>(rest.size()));
      return;
    }
    pending_.reset();
  }
  for (bool has_more = true; has_more;) {
    context_.output.clear();
    has_more = session_->write_output(context_.output, octets_per_write);
    const Bytes rest = write_some(context_.output);
    if (phase_ == Phase::over) return;
    if (!rest.empty()) {
      pending_ = std::make_unique<std::vector<std::uint8_t>>(rest.begin(), rest.end());
      return;
    }
  }
}

// Returns what the client does not take now.
Bytes Connection::write_some(Bytes octets) {
  while (!octets.empty()) {
    const net::IoResult result = stream_.write(octets);
    if (result.state == net::IoState::would_block) {
      watch_output();
      break;
    }
    if (result.state != net::IoState::ok) {
      end(CloseReason::io_error);
      break;
    }
    wrote_ = true;
    octets = octets.subspan(result.count);
  }
  return octets;
}

void Connection::watch_output() {
  if (!std::exchange(watches_output_, true)) context_.loop.watch_output(stream_.fd());
}

// Reading goes on while the client takes what we write. Octets that HTTP/2's windows keep back do not stop it: the
// WINDOW_UPDATE that frees them must be read.
bool Connection::may_read() const {
  if (input_ended_ || !session_->wants_input()) return false;
  return !pending_ || pending_octets() + session_->waiting() <= context_.options.max_output / 2;
}

bool Connection::may_work() const { return pending_octets() + session_->waiting() <= context_.options.max_output / 2; }

bool Connection::is_quiet() const {
  return !pending_ && !held_ && session_->in_flight() == 0 && session_->waiting() == 0 && !session_->mid_message();
}

// -- The end --

void Connection::consider_end() {
  if (pending_) return;
  if (session_->finished()) {
    if (session_->failed()) reason_ = CloseReason::protocol_error;
    return linger();
  }
  const bool nothing_to_say = !held_ && session_->in_flight() == 0 && session_->waiting() == 0;
  if (input_ended_ && nothing_to_say) {
    stream_.close();
    end(CloseReason::client);
  }
}

void Connection::linger() {
  stream_.close();
  forget_all();
  session_.reset();
  if (input_ended_) return end(reason_);
  phase_ = Phase::lingering;
  read_deadline_ = context_.loop.now() + linger_time;
}

void Connection::discard_input() {
  for (std::size_t octets = octets_per_turn; octets > 0;) {
    const net::IoResult result = stream_.read(context_.input);
    if (result.state == net::IoState::would_block) return;
    if (result.state != net::IoState::ok) return end(reason_);
    octets -= std::min(octets, result.count);
  }
  context_.loop.again(*this);
}

void Connection::end(CloseReason reason) {
  phase_ = Phase::over;
  reason_ = reason;
}

void Connection::count_failed_handshake() {
  context_.metrics.handshakes(client_.protocol, net::TlsVersion::other, HandshakeResult::failed).add();
}

// After every turn: the last thing that is done, for it may destroy the connection.
void Connection::settle() {
  if (phase_ == Phase::over) {
    context_.metrics.connections_closed(client_.protocol, reason_).add();
    return context_.connections.remove(*this);
  }
  arm();
}

// -- Deadlines --

void Connection::arm() {
  const TimePoint now = context_.loop.now();
  const LimitOptions& limits = context_.options;
  if (phase_ != Phase::serving) {
    if (phase_ == Phase::lingering && place_ != Place::busy) context_.connections.move(*this, Place::busy);
    return context_.loop.set(timer_, read_deadline_);
  }
  // No extension for what dribbles in: only a complete request starts the time anew.
  if (!session_->mid_message()) {
    read_deadline_ = never;
  } else if (read_deadline_ == never || progressed_) {
    read_deadline_ = now + limits.read_timeout;
  }
  if (!pending_ && session_->waiting() == 0) {
    write_deadline_ = never;
  } else if (write_deadline_ == never || wrote_) {
    write_deadline_ = now + limits.write_timeout;
  }
  const bool quiet = is_quiet();
  if (active_ || !quiet) {
    idle_deadline_ = now + limits.idle_timeout;
    trimmed_ = false;
  }
  if (quiet != (place_ == Place::idle) || (quiet && active_)) {
    context_.connections.move(*this, quiet ? Place::idle : Place::busy);
  }
  TimePoint next = std::min(read_deadline_, write_deadline_);
  if (quiet) next = std::min(next, trimmed_ ? idle_deadline_ : std::min(idle_deadline_, now + trim_delay));
  active_ = progressed_ = wrote_ = false;
  if (next == never) {
    timer_.cancel();
  } else {
    context_.loop.set(timer_, next);
  }
}

void Connection::on_timer(void* self) { static_cast<Connection*>(self)->expire(); }

void Connection::expire() {
  const TimePoint now = context_.loop.now();
  if (phase_ == Phase::handshaking) return shed(CloseReason::handshake_timeout);
  if (phase_ == Phase::lingering) return shed(reason_);
  if (now >= write_deadline_) return shed(CloseReason::write_timeout);
  if (now >= read_deadline_) return shed(CloseReason::read_timeout);
  if (is_quiet() && now >= idle_deadline_) {
    reason_ = CloseReason::idle;
    session_->drain();
    return run();
  }
  session_->trim();
  trimmed_ = true;
  arm();
}

}  // namespace dragoman::serve
