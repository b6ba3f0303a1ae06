// Questions on their way to an upstream: each identical question goes out once, whoever waits for it (RFC 5452 5 also
// wants that: duplicates in flight make guessing ids easier). Completed answers go into the cache. Worker thread only.
#pragma once

#include <coroutine>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "dragoman/base/task.h"
#include "dragoman/cache/answer_cache.h"
#include "dragoman/net/event_loop.h"
#include "dragoman/resolve/metrics.h"
#include "dragoman/resolve/settings.h"
#include "dragoman/resolve/trace.h"
#include "dragoman/upstream/forwarder.h"
#include "validator.h"

namespace dragoman::resolve {

class Arrival;

// Where the answer of a lookup is kept; borrows its name.
cache::Key cache_key(const upstream::Lookup& lookup);

// One question to an upstream and what came of it, for explanations.
struct Leg {
  dns::Name name;
  TimePoint ended{};
  Duration elapsed{};
  std::string server;
  upstream::Failure failure = upstream::Failure::none;
  dns::AnswerHead head{};  // without a failure
  std::vector<upstream::Setback> setbacks{};
};

// One question on its way. Kept alive by who waits for it and, until it has landed, by Flights.
class Flight {
 public:
  Flight(const upstream::Lookup& lookup, TimePoint begun) : lookup_(lookup), begun_(begun) {}
  bool landed() const { return outcome_.has_value(); }
  const upstream::Outcome& outcome() const { return *outcome_; }
  const upstream::Lookup& lookup() const { return lookup_; }
  TimePoint begun() const { return begun_; }
  // Every question that was asked since somebody wanted to know; those for the targets of CNAMEs are more than one.
  const std::vector<Leg>& legs() const { return legs_; }
  // What was checked of it, since somebody wanted to know.
  const std::vector<Check>& checks() const { return checks_; }

 private:
  friend class Flights;
  friend class Arrival;
  void note(const upstream::Lookup& asked, TimePoint begun, const upstream::Outcome& outcome);

  upstream::Lookup lookup_;
  TimePoint begun_;
  bool is_prefetch_ = false;
  std::optional<upstream::Outcome> outcome_;
  bool ends_here_ = false;  // its chain of aliases led to a name that is answered here
  bool keeps_legs_ = false;
  std::vector<Leg> legs_;
  std::vector<Check> checks_;
  Arrival* waiting_ = nullptr;
  Task<void> task_;
};

// Coroutines end while their caller's frame still runs on top of them; what owns them is kept here until the turn is
// over.
class Retired {
 public:
  explicit Retired(net::EventLoop& loop) : loop_(loop) {}
  void add(std::shared_ptr<void> owner);

 private:
  net::EventLoop& loop_;
  std::shared_ptr<std::vector<std::shared_ptr<void>>> owners_ = std::make_shared<std::vector<std::shared_ptr<void>>>();
};

class Flights final : private ChainSource {
 public:
  Flights(net::EventLoop& loop, cache::AnswerCache& cache, upstream::Upstream& upstream, Metrics& metrics);
  ~Flights() override;

  // The flight of this question, started if nobody asked it yet. With a trace it remembers what it asks from now on.
  std::shared_ptr<Flight> join(const upstream::Lookup& lookup, Trace* trace = nullptr);
  // The same in the background, for an answer that is about to expire: nobody waits, so it is shed where there are too
  // many of its kind.
  void prefetch(const upstream::Lookup& lookup);
  // Somebody has waited long enough for this flight: remembered as a failure of its question, until it lands.
  void note_slow(const Flight& flight);
  // See Validator.
  Validator& validator() { return validator_; }
  // Before the first join(), and with every change: what answers are held against when they land.
  void obey(std::shared_ptr<const Settings> settings) { settings_ = std::move(settings); }

 private:
  void start(const std::shared_ptr<Flight>& flight);
  cache::Fault fault_of(const Flight& flight) const;
  Task<void> fly(std::shared_ptr<Flight> flight);
  Task<upstream::Outcome> ask_whole(Flight& flight, upstream::Lookup lookup);
  Task<void> ask_again(Flight& flight, upstream::Outcome& bogus);
  Task<upstream::Outcome> ask_target(Flight& flight, upstream::Lookup lookup);
  upstream::Lookup to_be_asked(const upstream::Lookup& lookup) const;
  bool is_validated(const upstream::Lookup& lookup) const;
  Task<dnssec::Verdict> validate(Flight& flight, dns::Answer& answer);
  Task<std::optional<dns::Answer>> fetch(dns::Name name, dns::Type type, bool again) override;
  void land(const std::shared_ptr<Flight>& flight, upstream::Outcome outcome);
  void keep(const Flight& flight, const upstream::Outcome& outcome);
  void keep_denial_behind_chain(const upstream::Lookup& lookup, const dns::Answer& answer);
  void sift(const upstream::Lookup& lookup, dns::Answer& answer);

  net::EventLoop& loop_;
  cache::AnswerCache& cache_;
  upstream::Upstream& upstream_;
  Metrics& metrics_;
  std::shared_ptr<const Settings> settings_;
  Retired retired_;
  TimePoint last_answer_{};  // when an upstream last said anything
  std::size_t prefetching_ = 0;
  std::vector<std::uint8_t> chain_room_;  // for what the cache has of a chain; empty until the first
  Validator validator_;
  std::unordered_map<std::string, std::shared_ptr<Flight>> in_flight_;
};

// co_await Arrival(loop, flight, deadline): the outcome, or null when the deadline came first (the flight goes on).
class Arrival {
 public:
  Arrival(net::EventLoop& loop, std::shared_ptr<Flight> flight, TimePoint deadline);
  ~Arrival();
  Arrival(const Arrival&) = delete;
  Arrival& operator=(const Arrival&) = delete;

  bool await_ready() const { return flight_->landed(); }
  void await_suspend(std::coroutine_handle<> waiter);
  const upstream::Outcome* await_resume() const { return flight_->landed() ? &flight_->outcome() : nullptr; }

 private:
  friend class Flights;
  void leave();

  net::EventLoop& loop_;
  std::shared_ptr<Flight> flight_;
  TimePoint deadline_;
  net::Timer timer_;
  std::coroutine_handle<> waiter_;
  Arrival* next_ = nullptr;
  Arrival** link_ = nullptr;  // what points to this one; null when not waiting
};

}  // namespace dragoman::resolve
