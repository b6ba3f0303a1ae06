// Asks other resolvers: chooses a server by health and latency, moves a question on when one is slow or dead, and says
// why when nobody answered. One per worker, with sockets and connections of its own. Worker thread only.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/base/task.h"
#include "dragoman/base/time.h"
#include "dragoman/dns/answer.h"
#include "dragoman/dns/name.h"
#include "dragoman/dns/types.h"
#include "dragoman/net/event_loop.h"
#include "dragoman/upstream/options.h"

namespace dragoman::upstream {

struct Metrics;

// What is asked. Always class IN, RD set.
struct Lookup {
  dns::Name name;
  dns::Type type{};
  bool dnssec_ok = false;
  bool checking_disabled = false;

  dns::Question question() const { return {name, type, dns::Class::in}; }  // borrows the name
};

// Why there is no answer; also a metric label. Each has an EDE code (RFC 8914).
enum class Failure : std::uint8_t {
  none,
  timeout,     // nobody answered in time: EDE 22
  network,     // refused, unreachable, reset: EDE 23
  tls,         // no server could be authenticated: EDE 22
  overloaded,  // too many questions in flight
  malformed,   // answers that cannot be read: EDE 24
};

// A server that was asked and did not give the answer: it failed, said that it cannot, or let us wait too long.
struct Setback {
  std::string server;
  TimePoint at{};
  Duration waited{};
  Failure failure = Failure::none;  // none: it said `rcode`
  dns::Rcode rcode = dns::Rcode::noerror;
};

struct Outcome {
  Failure failure = Failure::none;
  std::optional<dns::Answer> answer;  // set exactly when failure is none
  std::string server;                 // the URL of who answered or failed last
  Duration elapsed{};
  std::vector<Setback> setbacks{};  // on the way, in the order of time; nearly always none
};

// What /readyz, `ctl` and metrics tell of one server.
struct ServerState {
  std::string url;
  bool up = true;
  Duration latency{};  // smoothed
  std::uint32_t in_flight = 0;
  std::uint32_t connections = 0;
};

// The seam that tests replace: tests/fakes/fake_upstream.h.
class Upstream {
 public:
  virtual ~Upstream() = default;
  // Completes within options.timeout. Destroying the task gives up.
  virtual Task<Outcome> ask(Lookup lookup) = 0;
};

class Forwarder final : public Upstream {
 public:
  // Its servers are counted as those of `group`.
  Forwarder(net::EventLoop& loop, const Options& options, Metrics& metrics, std::string_view group = {});
  ~Forwarder() override;
  Task<Outcome> ask(Lookup lookup) override;
  std::vector<ServerState> servers() const;
  // False while every server is down.
  bool any_up() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace dragoman::upstream
