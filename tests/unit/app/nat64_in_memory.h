// A NAT64 for the pages that ask it: translators in memory, and a thread of the test's own that runs what is posted.
#pragma once

#include <deque>

#include "nat64_questions.h"
#include "unit/nat64/scene.h"

namespace dragoman::app {

struct Nat64InMemory {
  explicit Nat64InMemory(nat64::Options options = nat64::scene::standard_options(), unsigned workers = 2)
      : nat64(std::move(options), workers), worker_count(workers) {}

  Nat64Questions questions() {
    return {
        .workers = [this] { return worker_count; },
        .post = [this](unsigned worker, Nat64Questions::Work work) { posted.emplace_back(worker, std::move(work)); },
        .metrics = [this](unsigned worker) -> const nat64::Metrics& { return nat64.worker(worker).metrics(); },
        .pool = [this]() -> const nat64::PortPool& { return nat64.pool; },
        .session_limit = [this] { return nat64.budget.limit(); },
        .state = [this] { return state; },
        .description = [] { return std::string("nat64: 2 queues"); },
        .prefixes = [this] { return nat64.options().prefixes; },
        .limits = [this] { return nat64.options().subscriber; }};
  }
  // Until nothing is posted any more.
  void work() {
    while (!posted.empty()) {
      auto [worker, job] = std::move(posted.front());
      posted.pop_front();
      job(nat64.worker(worker), nat64.now);
      ++turns;
    }
  }

  nat64::scene::Nat64 nat64;
  unsigned worker_count;
  gateway::Nat64State state = gateway::Nat64State::ok;
  std::deque<std::pair<unsigned, Nat64Questions::Work>> posted;
  unsigned turns = 0;
};

}  // namespace dragoman::app
