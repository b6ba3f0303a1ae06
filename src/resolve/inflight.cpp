// Flights and who waits for them. Resuming a waiter may destroy it, the flight, or both: hence Retired.
#include "inflight.h"

#include "chain.h"
#include "pertinent.h"
#include "tracing.h"

namespace dragoman::resolve {
namespace {

constexpr int max_chain_lookups = 16;         // further questions for CNAME targets, per question of a client
constexpr std::size_t max_prefetching = 256;  // at once, per worker

std::string flight_key(const upstream::Lookup& lookup) {
  const std::size_t length = lookup.name.view().length();
  std::string key(length + 3, '\0');
  dns::copy_lower_case(lookup.name, reinterpret_cast<std::uint8_t*>(key.data()));
  key[length] = static_cast<char>(static_cast<std::uint16_t>(lookup.type) >> 8);
  key[length + 1] = static_cast<char>(lookup.type);
  key[length + 2] = static_cast<char>(lookup.dnssec_ok | lookup.checking_disabled << 1);
  return key;
}

// Whether it says something of the question.
bool is_usable(const upstream::Outcome& outcome) {
  if (!outcome.answer) return false;
  const dns::Rcode rcode = outcome.answer->head.rcode;
  return rcode == dns::Rcode::noerror || rcode == dns::Rcode::nxdomain;
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
    : loop_(loop),
      cache_(cache),
      upstream_(upstream),
      metrics_(metrics),
      retired_(loop),
      validator_(loop, *this, metrics) {}

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
  const auto flight = std::make_shared<Flight>(lookup, loop_.now());
  flight->keeps_legs_ = trace != nullptr;
  place->second = flight;
  start(flight);
  return flight;
}

void Flights::prefetch(const upstream::Lookup& lookup) {
  if (prefetching_ >= max_prefetching) return metrics_.prefetches(Prefetch::shed).add();
  auto [place, is_new] = in_flight_.try_emplace(flight_key(lookup));
  if (!is_new) return;  // somebody asks already
  const auto flight = std::make_shared<Flight>(lookup, loop_.now());
  flight->is_prefetch_ = true;
  ++prefetching_;
  place->second = flight;
  start(flight);
}

void Flights::start(const std::shared_ptr<Flight>& flight) {
  metrics_.lookups_in_flight.set(static_cast<std::int64_t>(in_flight_.size()));
  flight->task_ = fly(flight);
  flight->task_.start();
}

Task<void> Flights::fly(std::shared_ptr<Flight> flight) {
  // The frame must not own the flight that owns the frame: land() keeps it alive until the turn is over.
  Flight* const self = flight.get();
  flight.reset();
  upstream::Outcome outcome = co_await ask_whole(*self, to_be_asked(self->lookup_));
  if (outcome.answer) {
    sift(self->lookup_, *outcome.answer);
    dnssec::Verdict verdict;
    if (settings_->validates()) verdict = co_await validate(*self, *outcome.answer);
    const bool is_hopeless = verdict.reason == dnssec::Reason::too_much_work;
    if (verdict.security == dnssec::Security::bogus && !is_hopeless) co_await ask_again(*self, outcome);
  }
  land(in_flight_.at(flight_key(self->lookup_)), std::move(outcome));
}

// Asks, and goes on for the targets of CNAMEs that the upstream left unanswered (RFC 1034 5.3.3, RFC 6147 5.1.5).
Task<upstream::Outcome> Flights::ask_whole(Flight& flight, upstream::Lookup lookup) {
  flight.ends_here_ = false;
  TimePoint begun = loop_.now();
  upstream::Outcome outcome = co_await upstream_.ask(lookup);
  flight.note(lookup, begun, outcome);
  for (int hop = 0; outcome.answer && hop < max_chain_lookups; ++hop) {
    const dns::Question question = lookup.question();
    const auto target = dangling_target(question, outcome.answer->view());
    if (!target) co_return outcome;
    metrics_.chains_followed.add();
    upstream::Lookup next = lookup;
    next.name = *target;
    begun = loop_.now();
    upstream::Outcome rest = co_await ask_target(flight, next);
    flight.note(next, begun, rest);
    if (!rest.answer) co_return rest;
    auto whole = splice(question, outcome.answer->view(), *target, rest.answer->view());
    if (!whole) break;
    outcome.answer = std::move(*whole);
    // The target has no such records, though no SOA says so: that is the end, too (RFC 2308 2.2).
    if (!dangling_target(next.question(), rest.answer->view())) co_return outcome;
  }
  // A chain without an end is a fault of who made it.
  if (outcome.answer && dangling_target(lookup.question(), outcome.answer->view())) {
    outcome.answer.reset();
    outcome.failure = upstream::Failure::malformed;
  }
  co_return outcome;
}

// A chain that leads to a special name ends here: such names do not leave.
Task<upstream::Outcome> Flights::ask_target(Flight& flight, upstream::Lookup lookup) {
  upstream::Outcome outcome;
  if (!settings_->routed.hold(lookup.name)) outcome.answer = settings_->special.answer(lookup.question());
  flight.ends_here_ = outcome.answer.has_value();
  if (!outcome.answer) outcome = co_await upstream_.ask(lookup);
  co_return outcome;
}

bool Flights::is_validated(const upstream::Lookup& lookup) const {
  return settings_->validates() && !lookup.checking_disabled;
}

// What we validate is asked for with its signatures, and with CD, so that an upstream which validates by other anchors
// or another clock keeps nothing back (RFC 6840 5.9).
upstream::Lookup Flights::to_be_asked(const upstream::Lookup& lookup) const {
  upstream::Lookup asked = lookup;
  asked.dnssec_ok = lookup.dnssec_ok || is_validated(lookup);
  asked.checking_disabled = lookup.checking_disabled || is_validated(lookup);
  return asked;
}

// With CD an upstream hands out what it has. Without, one that validates looks for something better at other servers of
// the zone; whatever it finds is validated here all the same (RFC 6840 5.9). Asked once: what is bogus then stays so.
Task<void> Flights::ask_again(Flight& flight, upstream::Outcome& bogus) {
  upstream::Lookup lookup = to_be_asked(flight.lookup_);
  lookup.checking_disabled = false;
  upstream::Outcome outcome = co_await ask_whole(flight, lookup);
  if (!is_usable(outcome)) co_return;
  sift(flight.lookup_, *outcome.answer);
  const dnssec::Verdict verdict = co_await validate(flight, *outcome.answer);
  if (verdict.security == dnssec::Security::bogus) co_return;
  metrics_.validations_mended.add();
  bogus = std::move(outcome);
}

// Who disables checking gets what came, but no AD that nobody here can answer for, and no signatures without DO.
Task<dnssec::Verdict> Flights::validate(Flight& flight, dns::Answer& answer) {
  if (!is_validated(flight.lookup_)) {
    answer.head.authentic = false;
    auto bare = flight.lookup_.dnssec_ok ? std::nullopt : without_signatures(flight.lookup_.question(), answer.view());
    if (bare) answer = std::move(*bare);
    co_return dnssec::Verdict{};
  }
  std::vector<Check>* const checks = flight.keeps_legs_ ? &flight.checks_ : nullptr;
  co_return co_await validator_.validate(flight.lookup_, flight.ends_here_, answer, settings_, checks);
}

// Questions of the trust chain are those of a client with DO and CD. What is asked again is not looked for in the
// cache, nor kept there: it is remembered as what it proves.
Task<std::optional<dns::Answer>> Flights::fetch(dns::Name name, dns::Type type, bool again) {
  if (again) {
    const upstream::Outcome better = co_await upstream_.ask({name, type, true, false});
    co_return is_usable(better) ? better.answer : std::nullopt;
  }
  constexpr std::chrono::minutes long_enough{5};  // each question has a time-out of its own
  const upstream::Lookup lookup{name, type, true, true};
  const cache::Key key = cache_key(lookup);
  chain_room_.resize(dns::max_message_length);
  if (const auto hit = cache_.find(key, cache::KeyHash(key), loop_.now(), chain_room_)) {
    if (hit->is_failure || hit->is_stale) co_return std::nullopt;
    const auto question_length = static_cast<std::uint16_t>(name.view().length() + 4);
    co_return dns::to_answer({hit->head, Bytes(chain_room_).first(hit->length), question_length});
  }
  const upstream::Outcome* outcome = co_await Arrival(loop_, join(lookup), loop_.now() + long_enough);
  co_return outcome != nullptr&& is_usable(*outcome) ? outcome->answer : std::nullopt;
}

// Where other questions were answered in the meantime, it is this one's fault.
cache::Fault Flights::fault_of(const Flight& flight) const {
  return last_answer_ >= flight.begun_ ? cache::Fault::question : cache::Fault::servers;
}

void Flights::note_slow(const Flight& flight) {
  const cache::Key key = cache_key(flight.lookup_);
  cache_.store_failure(key, cache::KeyHash(key), loop_.now(), fault_of(flight));
}

void Flights::keep(const Flight& flight, const upstream::Outcome& outcome) {
  const cache::Key key = cache_key(flight.lookup_);
  const cache::KeyHash hash(key);
  if (outcome.answer) {
    cache_.store(key, hash, outcome.answer->view(), loop_.now());
    if (outcome.answer->head.rcode == dns::Rcode::nxdomain) keep_denial_behind_chain(flight.lookup_, *outcome.answer);
  } else if (outcome.failure == upstream::Failure::malformed) {
    cache_.store_failure(key, hash, loop_.now(), cache::Fault::question);
  } else if (outcome.failure != upstream::Failure::overloaded) {
    cache_.store_failure(key, hash, loop_.now(), fault_of(flight));
  }
}

// What nobody asked for, and what our own rules hold back, is neither kept nor told.
void Flights::sift(const upstream::Lookup& lookup, dns::Answer& answer) {
  const dns::Question question = lookup.question();
  if (auto part = pertinent_part(question, answer.view())) answer = std::move(*part);
  if (!settings_->rebinding.is_on() || settings_->routed.hold(lookup.name)) return;
  if (settings_->rebinding.apply(question, answer)) metrics_.rebinding_blocked.add();
}

// NXDOMAIN behind CNAMEs is said of the last one's target (RFC 2308 2.1, RFC 8020 2), so that is what it is kept for;
// unless a route says that others are to be asked about that name.
void Flights::keep_denial_behind_chain(const upstream::Lookup& lookup, const dns::Answer& answer) {
  const auto denied = denied_target(lookup.question(), answer.view());
  if (!denied) return;
  const dns::NameSuffixes& routed = settings_->routed;
  if (!dns::equal(routed.longest(denied->name), routed.longest(lookup.name))) return;
  upstream::Lookup of_target = lookup;
  of_target.name = denied->name;
  const cache::Key key = cache_key(of_target);
  cache_.store(key, cache::KeyHash(key), denied->answer.view(), loop_.now());
}

void Flights::land(const std::shared_ptr<Flight>& landing, upstream::Outcome outcome) {
  const std::shared_ptr<Flight> flight = landing;
  keep(*flight, outcome);
  if (outcome.answer) last_answer_ = loop_.now();
  if (flight->is_prefetch_) {
    --prefetching_;
    metrics_.prefetches(outcome.answer ? Prefetch::refreshed : Prefetch::failed).add();
  }
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
