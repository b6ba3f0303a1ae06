// DNS over a stream: TCP (RFC 7766) and TLS (RFC 7858), pipelined, answers in any order. Worker thread.
#pragma once

#include <vector>

#include "connection.h"
#include "query_message.h"
#include "waiting.h"

namespace dragoman::upstream {

class DnsConnection final : public Connection {
 public:
  DnsConnection(Context& context, ConnectionPool& pool, net::UniqueFd fd);
  ~DnsConnection() override;

  void send(Exchange& exchange) override;
  std::size_t load() const override { return waiting_.size(); }
  bool has_room() const override;
  void abandon(Exchange& exchange) override;

 private:
  bool received(Bytes octets) override;
  void fill(std::vector<std::uint8_t>& out) override;
  void end_all(Ending ending) override;
  void read_message(Bytes message);
  void finish(Exchange& exchange, Ending ending);

  WaitingExchanges waiting_;
  std::vector<std::uint8_t> queue_;    // questions with their lengths, not yet given to the stream
  std::vector<std::uint8_t> partial_;  // the beginning of a message
  bool asked_keepalive_ = false;
  bool last_use_ = false;  // the server wants the connection closed (keepalive 0)
};

}  // namespace dragoman::upstream
