// A question outside of any worker; see client.h.
#include "dragoman/upstream/client.h"

#include "bootstrap.h"
#include "context.h"
#include "race.h"
#include "server.h"

namespace dragoman::upstream {
namespace {

// Waits for one exchange.
class Listener final : public ExchangeOwner {
 public:
  bool is_done() const { return done_; }
  void on_finished(Exchange&) override { done_ = true; }

 private:
  bool done_ = false;
};

void describe(const Exchange& exchange, const Transcript& transcript, const Server& server, Heard& heard) {
  heard.transport = transcript.transport;
  heard.tls = transcript.facts.version;
  heard.resumed = transcript.facts.resumed;
  if (exchange.ending == Ending::answered) {
    heard.message = transcript.message;
    return;
  }
  heard.failure = failure_of(exchange.ending);
  heard.reason = server.trouble();
}

}  // namespace

Heard ask_server(const ServerOptions& options, const Options& limits, const Lookup& lookup) {
  net::EventLoop loop;
  Context context(loop, limits);
  Bootstrap bootstrap(loop, context.options);
  ServerMetrics metrics({}, options.url);
  Server server(context, options, bootstrap, metrics);
  Heard heard;
  Transcript transcript;
  Listener listener;
  Exchange exchange;
  exchange.transcript = &transcript;

  loop.run_once(milliseconds(0));  // sets the loop's clock: reading certificates took some time
  const TimePoint start = Clock::now();
  TimePoint ask_at = start;
  while (!listener.is_done() && Clock::now() < start + limits.timeout) {
    const bool may_be_lost = !exchange.is_pending() || (server.is_datagram() && !exchange.over_stream);
    if (may_be_lost && Clock::now() >= ask_at) {
      transcript.transport = options.transport;
      server.ask(exchange, lookup, listener);
      ask_at = Clock::now() + limits.attempt_timeout;
    }
    loop.run_once(milliseconds(10));
  }
  heard.elapsed = Clock::now() - start;
  if (!listener.is_done()) {
    exchange.ending = Ending::timeout;
    exchange.give_up();
  }
  describe(exchange, transcript, server, heard);
  return heard;
}

}  // namespace dragoman::upstream
