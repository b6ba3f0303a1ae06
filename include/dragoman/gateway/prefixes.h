// Which NAT64 prefixes there are, and which of them carry packets: discovery (RFC 7050) and probes, on the loop of
// whoever owns this, the state of our own NAT64, and what they come to. One thread; its metrics may be read by any.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "dragoman/gateway/metrics.h"
#include "dragoman/gateway/nat64_state.h"
#include "dragoman/gateway/options.h"
#include "dragoman/ip/pref64.h"
#include "dragoman/net/event_loop.h"

namespace dragoman::gateway {

struct PrefixState {
  std::vector<ip::Pref64> discovered;  // in the order in which they are to be used
  std::vector<ip::Pref64> failed;      // nothing new passes; the one that failed last comes last, but for our own NAT64
                                       // while it is full or drains, which comes behind it
  std::vector<ip::Pref64>
      strained;  // of our own NAT64, when it is not ok: what is answered all the same is short-lived
  friend bool operator==(const PrefixState&, const PrefixState&) = default;
};

class Prefixes {
 public:
  // `on_change` runs when state() is another one than before, never from within apply().
  Prefixes(net::EventLoop& loop, std::function<void()> on_change);
  ~Prefixes();
  Prefixes(const Prefixes&) = delete;
  Prefixes& operator=(const Prefixes&) = delete;

  // At first and at every reload: probes that are still configured keep their state, discovery asks again and keeps
  // what it knows until it has an answer.
  void apply(const Options& options);

  // How our own NAT64 is now.
  void note_nat64(Nat64State nat64);

  const PrefixState& state() const;
  // False until a resolver has answered whether there are prefixes to discover; true when none are looked for.
  bool is_ready() const;
  const Metrics& metrics() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace dragoman::gateway
