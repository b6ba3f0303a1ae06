// Events, a pool and a writer for the tests of the binding log, and what waits in a backlog as text.
#pragma once

#include <string>
#include <vector>

#include "backlog.h"
#include "binding_encoder.h"

namespace dragoman::gateway::samples {

using Kind = nat64::BindingEvent::Kind;

inline ip::Ipv4Octets v4(const char* text) { return ip::Address::from_text(text)->v4(); }
inline ip::Ipv6Octets v6(const char* text) { return ip::Address::from_text(text)->v6(); }

// 2026-11-27T22:31:00.123Z
inline constexpr WallTime time{std::chrono::milliseconds(1795818660123)};

inline StampedEvent block(Kind kind = Kind::block_allocated) {
  StampedEvent stamped{time, {}};
  stamped.event.kind = kind;
  stamped.event.subscriber = v6("2001:db8:1::");
  stamped.event.address = v4("198.51.100.1");
  stamped.event.first_port = 1024;
  stamped.event.last_port = 1279;
  return stamped;
}

inline StampedEvent session(Kind kind = Kind::session_created) {
  StampedEvent stamped{time, {}};
  stamped.event.kind = kind;
  stamped.event.protocol = nat64::Protocol::udp;
  stamped.event.subscriber = v6("2001:db8:1::5");
  stamped.event.subscriber_length = 128;
  stamped.event.inside_port = 40000;
  stamped.event.address = v4("198.51.100.1");
  stamped.event.first_port = stamped.event.last_port = 1030;
  return stamped;
}

inline StampedEvent session_with_remote(Kind kind = Kind::session_created) {
  StampedEvent stamped = session(kind);
  stamped.event.remote = v4("192.0.2.80");
  stamped.event.remote_port = 443;
  return stamped;
}

inline StampedEvent of_kind(Kind kind) {
  StampedEvent stamped{time, {}};
  stamped.event.kind = kind;
  return stamped;
}

inline StampedEvent quota() {
  StampedEvent stamped = of_kind(Kind::quota_exceeded);
  stamped.event.subscriber = v6("2001:db8:1::");
  return stamped;
}

inline nat64::Options pool() {
  nat64::Options options;
  options.pool4 = {{v4("198.51.100.1"), v4("198.51.100.4"), 1024, 65535, false},
                   {v4("203.0.113.7"), v4("203.0.113.7"), 4096, 8191, false}};
  options.static_bindings = {{nat64::Protocol::tcp, *ip::Endpoint::from_text("[2001:db8:1::80]:80"),
                              *ip::Endpoint::from_text("198.51.100.1:8080")}};
  options.subscriber.ports = 1024;
  return options;
}

inline Writer writer() {
  Writer made{"nat1", 71, time, {}};
  made.options.instance = 7;
  made.options.ipfix_domain = 99;
  return made;
}

// Takes everything off.
inline std::vector<std::string> units(Backlog& backlog) {
  std::vector<std::string> all;
  while (!backlog.is_empty()) {
    const Bytes octets = backlog.octets().first(backlog.units().front().length);
    all.emplace_back(octets.begin(), octets.end());
    backlog.pop();
  }
  return all;
}

}  // namespace dragoman::gateway::samples
