// One lookup's attempts. A server that is slow is not given up when the next one is asked: whoever answers first wins.
// Lives in the coroutine of the lookup; destroying it gives all attempts up. Worker thread.
#pragma once

#include <array>
#include <coroutine>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "context.h"
#include "dragoman/upstream/forwarder.h"
#include "exchange.h"
#include "server.h"

namespace dragoman::upstream {

// What made a lookup go on.
enum class Turn : std::uint8_t {
  answered,     // outcome() has the answer
  unsatisfied,  // a server answered that it cannot (SERVFAIL, REFUSED, ...): another one may
  failed,       // a server cannot be asked
  slow,         // the patience with the latest attempt is at an end
  out_of_time,
};

// Why there is no answer, as the outside sees it.
Failure failure_of(Ending ending);

class Race final : public ExchangeOwner {
 public:
  Race(Context& context, Lookup&& lookup);
  Race(const Race&) = delete;
  Race& operator=(const Race&) = delete;

  // Asks the server, and waits `patience` before turn() says slow.
  void start(Server& server, Duration patience);
  // Ends the lookup at this time, if that is earlier than its end by the options.
  void hurry(TimePoint deadline);
  std::size_t attempts() const { return attempts_; }
  std::size_t in_flight() const;
  // Those that were asked, for the choice of the next.
  std::span<Server* const> asked() const { return {asked_.data(), asked_count_}; }
  bool has_answer() const { return best_.has_value(); }

  // co_await race.turn(): the next thing that happens.
  struct Wait {
    Race& race;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiter) noexcept { race.wait(waiter); }
    Turn await_resume() const noexcept { return race.turn_; }
  };
  Wait turn() { return {*this}; }

  // The answer, or the best there was, or why there is none.
  Outcome outcome();
  void fail(Failure failure) { failure_ = failure; }

 private:
  static constexpr std::size_t most_at_once = 3;
  static constexpr std::size_t most_remembered = 16;

  Exchange& slot();
  void wait(std::coroutine_handle<> waiter);
  void resume(Turn turn);
  void on_finished(Exchange& exchange) override;
  void on_timer();
  void note_setback(const Server* server, const Exchange& exchange, Failure failure);

  Context& context_;
  const Lookup lookup_;
  const TimePoint started_at_;
  TimePoint deadline_;
  TimePoint patience_ends_;
  net::Timer timer_;
  std::coroutine_handle<> waiter_;
  Turn turn_ = Turn::failed;
  Failure failure_ = Failure::timeout;
  std::uint8_t asked_count_ = 0;
  std::size_t attempts_ = 0;
  const Server* last_server_ = nullptr;  // who answered, or failed last
  Exchange* latest_ = nullptr;
  std::optional<dns::Answer> best_;
  std::vector<Setback> setbacks_;
  std::array<Server*, most_remembered> asked_;
  std::array<Exchange, most_at_once> exchanges_;
};

}  // namespace dragoman::upstream
