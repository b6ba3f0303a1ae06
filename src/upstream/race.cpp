// The attempts of a lookup and what becomes of them; see race.h.
#include "race.h"

#include <algorithm>

namespace dragoman::upstream {
namespace {

// RCODEs by which a server speaks of itself and not of the name.
bool says_it_cannot(dns::Rcode rcode) {
  switch (rcode) {
    case dns::Rcode::servfail:
    case dns::Rcode::refused:
    case dns::Rcode::notimp:
    case dns::Rcode::formerr:
    case dns::Rcode::badvers:
      return true;
    default:
      return false;
  }
}

}  // namespace

Failure failure_of(Ending ending) {
  switch (ending) {
    case Ending::timeout:
      return Failure::timeout;
    case Ending::tls:
      return Failure::tls;
    case Ending::overloaded:
      return Failure::overloaded;
    case Ending::lost:
    case Ending::network:
      return Failure::network;
    default:
      return Failure::malformed;
  }
}

Race::Race(Context& context, Lookup&& lookup)
    : context_(context),
      lookup_(std::move(lookup)),
      started_at_(context.loop.now()),
      deadline_(started_at_ + context.options.timeout),
      patience_ends_(deadline_),
      timer_([](void* self) { static_cast<Race*>(self)->on_timer(); }, this) {}

void Race::start(Server& server, Duration patience) {
  Exchange& exchange = slot();
  ++attempts_;
  const bool is_new = std::find(asked().begin(), asked().end(), &server) == asked().end();
  if (is_new && asked_count_ < most_remembered) asked_[asked_count_++] = &server;
  patience_ends_ = context_.loop.now() + patience;
  last_server_ = &server;
  latest_ = &exchange;
  server.ask(exchange, lookup_, *this);
}

// A free place, or that of the attempt that has waited longest.
Exchange& Race::slot() {
  Exchange* oldest = &exchanges_[0];
  for (Exchange& exchange : exchanges_) {
    if (!exchange.is_pending()) return exchange;
    if (exchange.asked_at < oldest->asked_at) oldest = &exchange;
  }
  oldest->give_up();
  return *oldest;
}

void Race::hurry(TimePoint deadline) { deadline_ = std::min(deadline_, deadline); }

std::size_t Race::in_flight() const {
  const auto pending = [](const Exchange& exchange) { return exchange.is_pending(); };
  return static_cast<std::size_t>(std::count_if(exchanges_.begin(), exchanges_.end(), pending));
}

void Race::wait(std::coroutine_handle<> waiter) {
  waiter_ = waiter;
  context_.loop.set(timer_, std::min(patience_ends_, deadline_));
}

// The last thing that a callback does: the lookup may end, and this with it.
void Race::resume(Turn turn) {
  turn_ = turn;
  timer_.cancel();
  waiter_.resume();
}

void Race::note_setback(const Server* server, const Exchange& exchange, Failure failure) {
  const TimePoint now = context_.loop.now();
  setbacks_.push_back({server->options().url, now, now - exchange.asked_at, failure, exchange.answer.head.rcode});
}

void Race::on_finished(Exchange& exchange) {
  last_server_ = exchange.last_server;
  if (exchange.ending != Ending::answered) {
    failure_ = failure_of(exchange.ending);
    note_setback(last_server_, exchange, failure_);
    return resume(Turn::failed);
  }
  const bool satisfies = !says_it_cannot(exchange.answer.head.rcode);
  if (!satisfies) note_setback(last_server_, exchange, Failure::none);
  // Among answers that say no, the first stands: a SERVFAIL is not made better by a REFUSED.
  if (satisfies || !best_) best_ = std::move(exchange.answer);
  resume(satisfies ? Turn::answered : Turn::unsatisfied);
}

void Race::on_timer() {
  if (latest_ != nullptr && latest_->is_pending() && !latest_->counted_slow) {
    note_setback(latest_->server, *latest_, Failure::timeout);
    latest_->server->note_slow(*latest_);
  }
  patience_ends_ = deadline_;
  failure_ = Failure::timeout;
  resume(context_.loop.now() >= deadline_ ? Turn::out_of_time : Turn::slow);
}

Outcome Race::outcome() {
  Outcome outcome;
  outcome.answer = std::move(best_);
  outcome.failure = outcome.answer ? Failure::none : failure_;
  if (last_server_ != nullptr) outcome.server = last_server_->options().url;
  outcome.elapsed = context_.loop.now() - started_at_;
  outcome.setbacks = std::move(setbacks_);
  return outcome;
}

}  // namespace dragoman::upstream
