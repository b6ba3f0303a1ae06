// What is counted about upstream servers. Written by one worker, read by scrapes of any thread.
// To add one: a field in ServerMetrics and its row in Metrics::describe.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "dragoman/telemetry/metric.h"

namespace dragoman::upstream {

enum class RcodeLabel : std::uint8_t { noerror, formerr, servfail, nxdomain, notimp, refused, other };

// Why an attempt at a server came to nothing.
enum class AttemptFailure : std::uint8_t { timeout, network, tls, overloaded, malformed, http };

enum class HandshakeResult : std::uint8_t { full, resumed, failed };

}  // namespace dragoman::upstream

namespace dragoman::telemetry {
template <>
struct LabelValues<upstream::RcodeLabel> {
  static constexpr std::array<const char*, 7> values{"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN",
                                                     "NOTIMP",  "REFUSED", "other"};
};
template <>
struct LabelValues<upstream::AttemptFailure> {
  static constexpr std::array<const char*, 6> values{"timeout", "network", "tls", "overloaded", "malformed", "http"};
};
template <>
struct LabelValues<upstream::HandshakeResult> {
  static constexpr std::array<const char*, 3> values{"full", "resumed", "failed"};
};
}  // namespace dragoman::telemetry

namespace dragoman::upstream {

struct ServerMetrics {
  ServerMetrics(std::string_view name_of_group, std::string_view server_url) : group(name_of_group), url(server_url) {}

  const std::string group, url;
  telemetry::Flag configured;  // false: left over from before a reload, not shown
  telemetry::Flag up;
  telemetry::Counter requests;
  telemetry::Counters<RcodeLabel> responses;
  telemetry::Histogram duration;
  telemetry::Counters<AttemptFailure> failures;
  telemetry::Gauge in_flight;
  telemetry::Gauge connections;
  telemetry::Counters<HandshakeResult> handshakes;
  telemetry::Counter mismatches;

  // A server of this group and URL comes, goes, or changes. There may be several at a time, of before and after a
  // reload. Worker thread.
  void enter() {
    configured.set(++servers_ > 0);
    up.set(++servers_up_ > 0);
  }
  void leave(bool was_up) {
    configured.set(--servers_ > 0);
    if (was_up) --servers_up_;
    up.set(servers_up_ > 0);
  }
  void change(bool is_up) {
    servers_up_ += is_up ? 1 : -1;
    up.set(servers_up_ > 0);
  }

 private:
  friend class ServerRows;
  int servers_ = 0, servers_up_ = 0;
  std::atomic<ServerMetrics*> next_{nullptr};
};

// The rows of all servers that this worker ever had. Rows are added by the worker while scrapes walk, and never
// removed, so a counter outlives the reload that changed the list.
class ServerRows {
 public:
  ServerRows() = default;
  ~ServerRows() {
    for (ServerMetrics* row = first_.load(); row != nullptr;) delete std::exchange(row, row->next_.load());
  }
  ServerRows(const ServerRows&) = delete;
  ServerRows& operator=(const ServerRows&) = delete;

  // The row of this server in this group, made if it is new. Worker thread.
  ServerMetrics& row(std::string_view group, std::string_view url) {
    std::atomic<ServerMetrics*>* link = &first_;
    while (ServerMetrics* row = link->load(std::memory_order_relaxed)) {
      if (row->group == group && row->url == url) return *row;
      link = &row->next_;
    }
    auto made = std::make_unique<ServerMetrics>(group, url);
    link->store(made.get(), std::memory_order_release);
    return *made.release();
  }

  template <class Use>
  void each(Use&& use) const {
    for (const ServerMetrics* row = first_.load(std::memory_order_acquire); row != nullptr;
         row = row->next_.load(std::memory_order_acquire)) {
      if (row->configured.value()) use(*row);
    }
  }

 private:
  std::atomic<ServerMetrics*> first_{nullptr};
};

struct Metrics {
  ServerRows servers;

  template <class Visitor>
  void describe(Visitor& visit) const {
    servers.each([&](const ServerMetrics& server) {
      auto row = visit.with("group", server.group).with("server", server.url);
      row(server.up, "dragoman_upstream_up", "Whether the server answers: 1 while any worker finds so.");
      row(server.requests, "dragoman_upstream_requests_total", "Questions put to the server, probes included.");
      row(server.responses, "dragoman_upstream_responses_total", "Answers of the server.", "rcode");
      row(server.duration, "dragoman_upstream_request_duration_seconds", "Time from a question to its answer.");
      row(server.failures, "dragoman_upstream_failures_total", "Attempts that got no answer.", "reason");
      row(server.in_flight, "dragoman_upstream_inflight", "Questions that wait for an answer.");
      row(server.connections, "dragoman_upstream_connections", "Open connections (TCP, TLS, HTTPS).");
      row(server.handshakes, "dragoman_upstream_handshakes_total", "TLS handshakes with the server.", "result");
      row(server.mismatches, "dragoman_upstream_mismatches_total",
          "Responses that answer no question of ours: late, or forged.");
    });
  }
};

}  // namespace dragoman::upstream
