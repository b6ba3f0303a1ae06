// Flights and who waits for them. Resuming a waiter may destroy it, the flight, or both: hence Retired.
#include "inflight.h"

#include "chain.h"
#include "tracing.h"

namespace dragoman::resolve {
namespace {

constexpr int max_chain_lookups = 12;  // further questions for CNAME targets, per question of a client

std::string flight_key(const upstream::Lookup& lookup) {
  const std::size_t length = lookup.name.view().length();
  std::string key(length + 3, '\0');
  dns::copy_lower_case(lookup.name, reinterpret_cast<std::uint8_t*>(key.data()));
  key[length] = static_cast<char>(static_cast<std::uint16_t>(lookup.type) >> 8);
  key[length + 1] = static_cast<char>(lookup.type);
  key[length + 2] = static_cast<char>(lookup.dnssec_ok | lookup.checking_disabled << 1);
  return key;
}

}  // namespace

cache::Key cache_key(const upstream::Lookup& lookup) {
  return {lookup.name, lookup.type, lookup.dnssec_ok, lookup.checking_disabled};
}

void Retired::add(std::shared_ptr<void> owner) {
  if (owners_->empty()) {
    loop_.at_end_of_turn([owners = owners_] {
      // Moved out first: a destructor may retire others.
      const auto leaving = std::exchange(*owners, {});
    });
  }
  owners_->push_back(std::move(owner));
}

Flights::Flights(net::EventLoop& loop, cache::AnswerCache& cache, upstream::Upstream& upstream, Metrics& metrics)
    : loop_(loop), cache_(cache), upstream_(&upstream), metrics_(metrics), retired_(loop) {}

Flights::~Flights() = default;

void Flight::note(const upstream::Lookup& asked, TimePoint begun, const upstream::Outcome& outcome) {
  if (!keeps_legs_) return;
  const TimePoint now = Clock::now();
  const dns::AnswerHead head = outcome.answer ? outcome.answer->head : dns::AnswerHead{};
  legs_.push_back({asked.name, now, now - begun, outcome.server, outcome.failure, head, outcome.setbacks});
}

std::shared_ptr<Flight> Flights::join(const upstream::Lookup& lookup, Trace* trace) {
  auto [place, is_new] = in_flight_.try_emplace(flight_key(lookup));
  if (!is_new) {
    metrics_.lookups_joined.add();
    if (trace != nullptr) tell_joined(*trace, *place->second, loop_.now());
    if (trace != nullptr) place->second->keeps_legs_ = true;
    return place->second;
  }
  auto flight = std::make_shared<Flight>(lookup, loop_.now());
  flight->keeps_legs_ = trace != nullptr;
  place->second = flight;
  metrics_.lookups_in_flight.set(static_cast<std::int64_t>(in_flight_.size()));
  flight->task_ = fly(flight);
  flight->task_.start();
  return flight;
}

Task<void> Flights::fly(std::shared_ptr<Flight> flight) {
  // The frame must not own the flight that owns the frame: land() keeps it alive until the turn is over.
  Flight* const self = flight.get();
  flight.reset();
  upstream::Outcome outcome = co_await ask_whole(*self);
  land(in_flight_.at(flight_key(self->lookup_)), std::move(outcome));
}

// Asks, and goes on for the targets of CNAMEs that the upstream left unanswered (RFC 1034 5.3.3, RFC 6147 5.1.5).
Task<upstream::Outcome> Flights::ask_whole(Flight& flight) {
  const upstream::Lookup& lookup = flight.lookup_;
  TimePoint begun = loop_.now();
  upstream::Outcome outcome = co_await upstream_->ask(lookup);
  flight.note(lookup, begun, outcome);
  for (int hop = 0; outcome.answer && hop < max_chain_lookups; ++hop) {
    const dns::Question question{lookup.name, lookup.type, dns::Class::in};
    const auto target = dangling_target(question, outcome.answer->view());
    if (!target) co_return outcome;
    metrics_.chains_followed.add();
    upstream::Lookup next = lookup;
    next.name = *target;
    begun = loop_.now();
    upstream::Outcome rest = co_await ask_target(next);
    flight.note(next, begun, rest);
    if (!rest.answer) co_return rest;
    auto whole = splice(question, outcome.answer->view(), *target, rest.answer->view());
    if (!whole) break;
    outcome.answer = std::move(*whole);
  }
  // A chain without an end is a fault of who made it.
  if (outcome.answer && dangling_target({lookup.name, lookup.type, dns::Class::in}, outcome.answer->view())) {
    outcome.answer.reset();
    outcome.failure = upstream::Failure::malformed;
  }
  co_return outcome;
}

// A chain that leads to a special name ends here: such names do not leave.
Task<upstream::Outcome> Flights::ask_target(upstream::Lookup lookup) {
  upstream::Outcome outcome;
  if (!settings_->routed.hold(lookup.name)) {
    outcome.answer = settings_->special.answer({lookup.name, lookup.type, dns::Class::in});
  }
  if (!outcome.answer) outcome = co_await upstream_->ask(lookup);
  co_return outcome;
}

void Flights::keep(const upstream::Lookup& lookup, const upstream::Outcome& outcome) {
  const cache::Key key = cache_key(lookup);
  const cache::KeyHash hash(key);
  if (outcome.answer) {
    cache_.store(key, hash, outcome.answer->view(), loop_.now());
  } else if (outcome.failure != upstream::Failure::overloaded) {
    cache_.store_failure(key, hash, loop_.now());
  }
}

void Flights::withhold(const upstream::Lookup& lookup, dns::Answer& answer) {
  if (settings_->routed.hold(lookup.name)) return;
  if (settings_->rebinding.apply({lookup.name, lookup.type, dns::Class::in}, answer)) metrics_.rebinding_blocked.add();
}

void Flights::land(const std::shared_ptr<Flight>& landing, upstream::Outcome outcome) {
  const std::shared_ptr<Flight> flight = landing;
  if (outcome.answer && settings_->rebinding.is_on()) withhold(flight->lookup_, *outcome.answer);
  keep(flight->lookup_, outcome);
  flight->outcome_ = std::move(outcome);
  in_flight_.erase(flight_key(flight->lookup_));
  metrics_.lookups_in_flight.set(static_cast<std::int64_t>(in_flight_.size()));
  retired_.add(flight);
  while (Arrival* arrival = flight->waiting_) {
    arrival->leave();
    arrival->waiter_.resume();
  }
}

Arrival::Arrival(net::EventLoop& loop, std::shared_ptr<Flight> flight, TimePoint deadline)
    : loop_(loop), flight_(std::move(flight)), deadline_(deadline) {
  timer_.bind(
      [](void* self) {
        auto* arrival = static_cast<Arrival*>(self);
        arrival->leave();
        arrival->waiter_.resume();
      },
      this);
}

Arrival::~Arrival() { leave(); }

void Arrival::await_suspend(std::coroutine_handle<> waiter) {
  waiter_ = waiter;
  next_ = flight_->waiting_;
  if (next_ != nullptr) next_->link_ = &next_;
  link_ = &flight_->waiting_;
  flight_->waiting_ = this;
  loop_.set(timer_, deadline_);
}

void Arrival::leave() {
  timer_.cancel();
  if (link_ == nullptr) return;
  *link_ = next_;
  if (next_ != nullptr) next_->link_ = link_;
  link_ = nullptr;
}

}  // namespace dragoman::resolve
