// One client connection: a stream, the session that speaks its protocol, and its deadlines. Performs what the session
// wants; knows nothing of DNS. An idle one holds no buffers. Worker thread only; owned by the ConnectionSet.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "connection_set.h"
#include "dragoman/net/event_loop.h"
#include "dragoman/net/stream.h"
#include "dragoman/resolve/query.h"
#include "dragoman/serve/metrics.h"
#include "dragoman/serve/options.h"
#include "session.h"

namespace dragoman::serve {

struct Context;

// What a connection to such a listener speaks.
resolve::Protocol protocol_of(Scheme scheme);

class Connection final : public net::Watcher, public resolve::ReplyTarget, public ConnectionHook {
 public:
  // `listeners` must outlive the connection. The client was admitted by ConnectionLimits; it is released at the end.
  Connection(Context& context, const Listeners& listeners, net::Stream stream, const ip::Address& client);
  ~Connection();

  void on_ready(net::Ready ready) override;
  void deliver(std::uint64_t ticket, Bytes message, const resolve::ReplyFacts& facts) override;

  // Tells the client to go; ends when everything is answered. May destroy the connection.
  void drain();
  // Ends at once. Destroys the connection.
  void shed(CloseReason reason);

  // While it shakes hands.
  TimePoint handshake_began() const;

  Place place() const { return place_; }
  void set_place(Place place) { place_ = place; }

 private:
  enum class Phase : std::uint8_t { handshaking, serving, lingering, over };

  // One turn's steps. Each may end the connection (phase over), which settle() carries out.
  void run();
  void shake_hands();
  void serve();
  void take_requests(unsigned& budget);
  std::string_view tls_name() const;
  std::size_t read_some(std::size_t most);
  void write_out();
  Bytes write_some(Bytes octets);
  void watch_output();
  void consider_end();
  void linger();
  void discard_input();
  void settle();

  bool may_read() const;
  bool may_work() const;
  bool is_quiet() const;
  std::size_t pending_octets() const { return pending_ ? pending_->size() : 0; }
  void end(CloseReason reason);
  void count_failed_handshake();
  void arm();
  static void on_timer(void* self);
  void expire();

  Context& context_;
  const Listeners& listeners_;
  net::Stream stream_;
  std::unique_ptr<Session> session_;                    // once the protocol is known
  std::unique_ptr<std::vector<std::uint8_t>> pending_;  // what the socket did not take
  net::Timer timer_;
  TimePoint read_deadline_, write_deadline_, idle_deadline_;
  resolve::Client client_;
  Place place_;
  Phase phase_;
  CloseReason reason_ = CloseReason::client;  // why, when the session comes to its end
  bool readable_ = true;                      // the socket may have more: edge-triggered
  bool input_ended_ = false;  // FIN or close_notify; what was asked before is still answered (RFC 7766 6.2.4)
  bool held_ = false;         // the session may have more requests than were taken
  bool active_ = false;       // something came in this turn
  bool progressed_ = false;   // a request was taken in this turn: the read deadline starts anew
  bool wrote_ = false;        // the client took something in this turn
  bool trimmed_ = false;
  bool watches_output_ = false;  // it did not take everything once
};

}  // namespace dragoman::serve
