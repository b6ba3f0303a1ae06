// The connections to one server: few, shared by many questions (RFC 7766 6.2.1), opened on demand. Worker thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "connection.h"

namespace dragoman::upstream {

class ConnectionPool {
 public:
  ConnectionPool(Context& context, ServerMetrics& metrics, ConnectionPlan plan);
  ~ConnectionPool();

  // Where new connections go; those that exist are used on.
  void set_endpoint(const ip::Endpoint& endpoint) { endpoint_ = endpoint; }
  // The exchange ends through the agenda.
  void send(Exchange& exchange);

  std::size_t size() const { return connections_.size(); }
  const ConnectionPlan& plan() const { return plan_; }
  ServerMetrics& metrics() { return metrics_; }
  // Why the last connection could not be made, in words; empty when the last one was.
  const std::string& trouble() const { return trouble_; }
  void set_trouble(std::string text) { trouble_ = std::move(text); }

  // By a connection that is dead: to be destroyed at the end of the turn.
  void bury(Connection& connection);

 private:
  Connection* choose();
  Connection* open();

  Context& context_;
  ServerMetrics& metrics_;
  const ConnectionPlan plan_;
  ip::Endpoint endpoint_;
  std::string trouble_;
  std::vector<std::unique_ptr<Connection>> connections_;
};

}  // namespace dragoman::upstream
