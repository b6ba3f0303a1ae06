// One upstream server as one worker sees it: its addresses, its transports, its health, and what to do when a transport
// cannot give an answer but another way to the same server may. Worker thread.
//
//   ask -> UDP --truncated--> TCP        (RFC 1035 4.2.1, RFC 7766 5)
//             \--letter case changed--> TCP, to learn whether that was the server or a forger
//             \--cookie missing, or bad twice--> TCP   (RFC 7873 5.3)
//          FORMERR to a cookie -> once more without it
//          FORMERR, NOTIMP -> once more without EDNS (RFC 6891 7)
//          connection lost -> once more on another connection (RFC 7766 6.2.4)
//          network or timeout of an address -> the next address of the name
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "connection_pool.h"
#include "context.h"
#include "dragoman/upstream/forwarder.h"
#include "dragoman/upstream/metrics.h"
#include "exchange.h"
#include "health.h"
#include "udp_transport.h"

namespace dragoman::upstream {

class Bootstrap;

class Server final : public ExchangeOwner {
 public:
  // `bootstrap` resolves names; it is not asked when the host is an address.
  Server(Context& context, const ServerOptions& options, Bootstrap& bootstrap, ServerMetrics& metrics);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Puts the question on its way. Its owner is told how it ended at the end of a turn, never from within this call.
  void ask(Exchange& exchange, const Lookup& lookup, ExchangeOwner& owner);
  // The exchange waited longer than its asker likes; its answer is still welcome.
  void note_slow(Exchange& exchange);
  // Asks ". NS" to learn whether and how fast the server answers, unless such a question is on its way.
  void probe();

  bool is_up() const { return health_.is_up(); }
  bool has_room() const { return in_flight_ < context_.options.max_in_flight; }
  bool is_datagram() const { return options_.transport == Transport::udp; }
  const Health& health() const { return health_; }
  const ServerOptions& options() const { return options_; }
  ServerState state() const;
  // What went wrong last with a connection, in words; may be empty.
  std::string trouble() const;

  // By the agenda, when a transport is done with the exchange.
  void finished(Exchange& exchange);
  // By an exchange that is given up.
  void given_up(Exchange& exchange);
  // By the bootstrap: what the host's name means now. Empty: nothing could be learned, keep what is known.
  void set_addresses(const std::vector<ip::Address>& addresses);

 private:
  void dispatch(Exchange& exchange);
  bool goes_on(Exchange& exchange);
  bool try_next_address(Exchange& exchange);
  void conclude(Exchange& exchange);
  void record_answer(const Exchange& exchange);
  void record_failure(Exchange& exchange);
  void fail(AttemptFailure reason, bool counts_against_health);
  void use_address(std::size_t index);
  void health_changed(bool was_up, std::string_view reason);
  void on_finished(Exchange& probe) override;
  void on_probe_timer();

  Context& context_;
  const ServerOptions options_;
  ServerMetrics& metrics_;
  Health health_;
  std::vector<ip::Endpoint> endpoints_;
  std::size_t current_endpoint_ = 0;
  UdpTransport udp_;
  std::string tls_trouble_;             // why there is no TLS context
  std::optional<ConnectionPool> pool_;  // TCP, TLS or HTTPS; empty: no TLS context could be made
  Link waiting_for_address_;
  bool resolved_once_ = false;  // the bootstrap has said something, be it nothing
  bool keeps_case_ = true;
  TimePoint without_edns_until_{}, without_cookies_until_{};
  std::uint32_t in_flight_ = 0;

  Lookup probe_lookup_;
  Exchange probe_;
  net::Timer probe_timer_;  // probe on its way: its end; else, while down: the next one
};

}  // namespace dragoman::upstream
