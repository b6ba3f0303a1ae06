// What the client side counts. To add one: a field here and a row in describe(); then add() where it happens.
#pragma once

#include <array>
#include <cstdint>

#include "dragoman/net/stream.h"
#include "dragoman/resolve/query.h"
#include "dragoman/telemetry/metric.h"

namespace dragoman::serve {

// Why a connection ended.
enum class CloseReason : std::uint8_t {
  client,  // the client ended it
  idle,    // nothing was asked for idle_timeout
  shed,    // the oldest idle one, closed to make room
  drain,   // this server is going
  handshake_timeout,
  handshake_failed,  // not TLS, no common version, certificate refused, given up half way
  read_timeout,      // a message began and did not end
  write_timeout,     // the client takes nothing
  protocol_error,
  io_error,  // reset
};

// Why a connection was not taken at all.
enum class RefusalReason : std::uint8_t {
  too_many,
  too_many_of_client,
  too_many_handshakes,  // limits.handshakes_per_second
  no_certificate,
  no_descriptors
};

enum class HandshakeResult : std::uint8_t { full, resumed, failed };

enum class HttpVersion : std::uint8_t { http1, http2 };
enum class HttpMethod : std::uint8_t { get, head, post, other };
enum class HttpStatus : std::uint8_t {
  ok,
  bad_request,
  not_found,
  method_not_allowed,
  content_too_large,
  uri_too_long,
  unsupported_media_type,
  header_too_large,
  unavailable,
  version_not_supported,
};

// What a client did too much of on an HTTP/2 connection, which ended it with ENHANCE_YOUR_CALM (RFC 9113 10.5).
enum class H2Abuse : std::uint8_t {
  ping,
  settings,
  priority,
  priority_update,
  window_update,
  rst_stream,
  empty_data,
  header_octets,   // decoded, in one header section
  flood,           // a limit inside nghttp2: CONTINUATION frames, unread acknowledgements
  unread_replies,  // replies that its flow-control windows keep back
};

enum class UdpDrop : std::uint8_t { receive_buffer, send };

// What became of a frame that came by AF_XDP.
enum class XdpFrame : std::uint8_t {
  answered,
  late,      // waits for an upstream; the reply leaves through the UDP socket
  ignored,   // nothing to say: not a query, rate limit
  too_long,  // the reply is longer than the link, and left through the UDP socket
  invalid,   // what the kernel would have dropped: lengths, checksums, a source that nobody has
};

}  // namespace dragoman::serve

namespace dragoman::telemetry {
template <>
struct LabelValues<serve::CloseReason> {
  static constexpr std::array<const char*, 10> values{
      "client",           "idle",         "shed",          "drain",          "handshake_timeout",
      "handshake_failed", "read_timeout", "write_timeout", "protocol_error", "io_error"};
};
template <>
struct LabelValues<serve::RefusalReason> {
  static constexpr std::array<const char*, 5> values{"too_many", "too_many_of_client", "too_many_handshakes",
                                                     "no_certificate", "no_descriptors"};
};
template <>
struct LabelValues<serve::HandshakeResult> {
  static constexpr std::array<const char*, 3> values{"full", "resumed", "failed"};
};
template <>
struct LabelValues<net::TlsVersion> {
  static constexpr std::array<const char*, 3> values{"1.2", "1.3", "other"};
};
template <>
struct LabelValues<serve::HttpVersion> {
  static constexpr std::array<const char*, 2> values{"1.1", "2"};
};
template <>
struct LabelValues<serve::HttpMethod> {
  static constexpr std::array<const char*, 4> values{"GET", "HEAD", "POST", "other"};
};
template <>
struct LabelValues<serve::HttpStatus> {
  static constexpr std::array<const char*, 10> values{"200", "400", "404", "405", "413",
                                                      "414", "415", "431", "503", "505"};
};
template <>
struct LabelValues<serve::H2Abuse> {
  static constexpr std::array<const char*, 10> values{"ping",          "settings",      "priority",   "priority_update",
                                                      "window_update", "rst_stream",    "empty_data", "header_octets",
                                                      "flood",         "unread_replies"};
};
template <>
struct LabelValues<serve::UdpDrop> {
  static constexpr std::array<const char*, 2> values{"receive_buffer", "send"};
};
template <>
struct LabelValues<serve::XdpFrame> {
  static constexpr std::array<const char*, 5> values{"answered", "late", "ignored", "too_long", "invalid"};
};
}  // namespace dragoman::telemetry

namespace dragoman::serve {

struct Metrics {
  telemetry::Gauges<resolve::Protocol> connections;
  telemetry::Counters<resolve::Protocol> connections_taken;
  telemetry::Counters<resolve::Protocol, CloseReason> connections_closed;
  telemetry::Counters<resolve::Protocol, RefusalReason> connections_refused;
  telemetry::Counters<resolve::Protocol, net::TlsVersion, HandshakeResult> handshakes;
  telemetry::Histograms<resolve::Protocol> handshake_duration;
  telemetry::Counter handshakes_held_back;
  telemetry::Counters<HttpVersion, HttpMethod, HttpStatus> http_requests;
  telemetry::Counters<H2Abuse> h2_abuse;
  telemetry::Counters<UdpDrop> udp_dropped;
  telemetry::Counters<XdpFrame> xdp_frames;

  template <class Visitor>
  void describe(Visitor& visit) const {
    visit(connections, "dragoman_connections", "Client connections that are open.", "proto");
    visit(connections_taken, "dragoman_connections_accepted_total", "Client connections taken.", "proto");
    visit(connections_closed, "dragoman_connections_closed_total", "Client connections that ended, by cause.", "proto",
          "reason");
    visit(connections_refused, "dragoman_connections_refused_total", "Client connections closed without a word.",
          "proto", "reason");
    visit(handshakes, "dragoman_tls_handshakes_total", "TLS handshakes with clients.", "proto", "version", "result");
    visit(handshake_duration, "dragoman_tls_handshake_duration_seconds",
          "Time from a connection to its finished TLS handshake.", "proto");
    visit(handshakes_held_back, "dragoman_tls_handshakes_held_back_total",
          "Times that new connections were left waiting because limits.handshakes_in_progress were under way.");
    visit(http_requests, "dragoman_http_requests_total", "DNS over HTTPS requests answered.", "version", "method",
          "status");
    visit(h2_abuse, "dragoman_h2_abuse_total", "HTTP/2 connections ended because the client overdid something.",
          "kind");
    visit(udp_dropped, "dragoman_udp_dropped_total", "Datagrams lost at the UDP sockets.", "reason");
    visit(xdp_frames, "dragoman_xdp_frames_total", "Frames that were taken by AF_XDP, by what became of them.",
          "result");
  }
};

}  // namespace dragoman::serve
