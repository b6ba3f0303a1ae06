// What the pages of the API ask of the NAT64, as callbacks: the pages need no device, and tests none either.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "dragoman/gateway/nat64.h"
#include "dragoman/gateway/nat64_state.h"

namespace dragoman::app {

// Any thread may ask, once the NAT64 has started. All are empty where there is none.
struct Nat64Questions {
  using Work = gateway::Nat64::Work;

  std::function<unsigned()> workers{};
  std::function<void(unsigned worker, Work work)> post{};  // runs it on the worker's thread, soon
  std::function<const nat64::Metrics&(unsigned worker)> metrics{};
  std::function<const nat64::PortPool&()> pool{};
  std::function<std::int64_t()> session_limit{};
  std::function<gateway::Nat64State()> state{};
  std::function<std::string()> description{};
  std::function<std::vector<ip::Pref64>()> prefixes{};
  std::function<nat64::SubscriberLimits()> limits{};

  unsigned worker_count() const { return workers ? workers() : 0; }
};

}  // namespace dragoman::app
