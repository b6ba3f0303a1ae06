// One connection to a server, TCP or TLS: connecting, handshake, reading, writing, silence and idleness. What the
// octets mean is up to dns_connection (RFC 7766, RFC 7858) and http_connection (RFC 8484). Worker thread.
//
//   connecting -> handshaking -> open -> dead      (dead: its exchanges have ended, destroyed at the end of the turn)
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "context.h"
#include "dragoman/ip/address.h"
#include "dragoman/net/stream.h"
#include "dragoman/net/tls.h"
#include "dragoman/upstream/metrics.h"

namespace dragoman::upstream {

class ConnectionPool;

// What all connections to one server have in common.
struct ConnectionPlan {
  Transport transport = Transport::tcp;
  std::shared_ptr<net::ClientTls> tls;  // null: plain TCP
  std::string authority, path;          // https: as in the request's pseudo-headers
};

class Connection : public net::Watcher, public Carrier, public Flushable, public Mortal {
 public:
  Connection(Context& context, ConnectionPool& pool, net::UniqueFd fd);
  ~Connection() override;

  // Takes the exchange over; it is written at the end of the turn, or once the connection is made.
  virtual void send(Exchange& exchange) = 0;
  // Questions that wait.
  virtual std::size_t load() const = 0;
  // Whether another question may be put on it.
  virtual bool has_room() const = 0;
  // Owes an answer for so long that another connection is the better choice.
  bool is_suspect() const { return warned_; }

  void on_ready(net::Ready ready) final;
  void flush() final;

 protected:
  enum class Phase : std::uint8_t { connecting, handshaking, open, dead };

  virtual void opened() {}
  // Octets came in. False: the server broke the protocol.
  virtual bool received(Bytes octets) = 0;
  // Puts what is to be sent at the end of `out`; leaves it empty when there is nothing.
  virtual void fill(std::vector<std::uint8_t>& out) = 0;
  // A question waits and nothing was heard for half of the silence allowed.
  virtual void seems_silent() {}
  virtual void end_all(Ending ending) = 0;

  // For subclasses: a question was put on it.
  void started_waiting();
  void die(Ending ending);
  bool is_dead() const { return phase_ == Phase::dead; }
  bool is_open() const { return phase_ == Phase::open; }
  void set_idle_timeout(Duration timeout) { idle_timeout_ = timeout; }
  std::size_t unsent() const { return out_.size() - sent_; }
  TimePoint last_heard() const { return last_heard_; }
  const net::HandshakeFacts& facts() const { return facts_; }

  Context& context_;
  ConnectionPool& pool_;

 private:
  void connected();
  void handshake();
  void heard();
  void read();
  bool write();
  void on_timer();
  Ending ending_when_lost() const;

  net::Stream stream_;
  net::Timer timer_;  // connecting: its end; an answer is owed: silence; else: idleness
  net::HandshakeFacts facts_;
  std::vector<std::uint8_t> out_;
  std::size_t sent_ = 0;  // of out_
  TimePoint last_heard_{};
  TimePoint owes_since_{};  // when the first question went out after which nothing was heard
  Duration idle_timeout_;
  Phase phase_ = Phase::connecting;
  bool owes_ = false;    // also when who asked has given up: the silence tells of the connection all the same
  bool warned_ = false;  // seems_silent() was called since something was heard
};

}  // namespace dragoman::upstream
