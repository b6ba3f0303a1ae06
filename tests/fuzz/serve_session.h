// Drives a client session with the octets of a fuzzer, in pieces that the first octet chooses, answering each query by
// its last octet: at once, later, or not at all. Checks what must hold of every session, whatever a client sends.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "../../src/serve/session.h"
#include "dragoman/serve/options.h"
#include "fuzz/check.h"

namespace dragoman::fuzz {

inline const serve::Listeners dns_query{*serve::ListenOptions::from_url("https://127.0.0.1/dns-query")};

class SessionRun {
 public:
  explicit SessionRun(serve::Session& session) : session_(session) {}

  // Returns the queries that came out.
  std::vector<std::string> run(Bytes input, std::size_t piece) {
    while (!input.empty() && !session_.finished()) {
      const std::size_t count = std::min(piece, input.size());
      turn(input.first(count));
      input = input.subspan(count);
    }
    answer_the_rest();
    return std::move(queries_);
  }

 private:
  void turn(Bytes octets) {
    // A buffer of its own: the session may not look at it after keep_input().
    const std::vector<std::uint8_t> buffer(octets.begin(), octets.end());
    if (session_.wants_input()) session_.receive(buffer, now_);
    now_ += milliseconds(1);
    take_cancelled();
    take_requests();
    session_.keep_input();
    write();
  }

  void take_requests() {
    serve::Request request;
    while (session_.next_request(request)) {
      check(request.message.size() >= 12, "a query has a header");
      queries_.emplace_back(request.message.begin(), request.message.end());
      switch (request.message.back() % 4) {
        case 0:
          session_.no_reply(request.ticket);
          break;
        case 1:
          late_.push_back(request.ticket);
          break;
        default:
          session_.reply(request.ticket, reply_, {60});
      }
      check(session_.in_flight() == late_.size(), "what is in flight is what was not answered");
    }
  }

  void take_cancelled() {
    std::vector<std::uint64_t> cancelled;
    session_.take_cancelled(cancelled);
    for (const std::uint64_t ticket : cancelled) {
      check(std::erase(late_, ticket) == 1, "only what is in flight can be cancelled");
    }
  }

  void answer_the_rest() {
    for (int round = 0; round < 1000 && !late_.empty(); ++round) {
      for (const std::uint64_t ticket : late_) session_.reply(ticket, reply_, {1});
      late_.clear();
      check(session_.in_flight() == 0, "everything is answered");
      take_requests();
      write();
    }
    session_.drain();
    write();
    session_.trim();
  }

  void write() {
    constexpr std::size_t limit = 4096;
    for (bool has_more = true; has_more;) {
      std::vector<std::uint8_t> out;
      has_more = session_.write_output(out, limit);
      check(out.size() <= limit + 16384 + 9, "output keeps its limit but for one frame");
      check(!has_more || !out.empty(), "more means that something came");
    }
    take_cancelled();
  }

  serve::Session& session_;
  TimePoint now_{std::chrono::hours(1)};
  std::vector<std::string> queries_;
  std::vector<std::uint64_t> late_;
  const std::vector<std::uint8_t> reply_ = std::vector<std::uint8_t>(100, 'r');
};

}  // namespace dragoman::fuzz
