// Who had an address and a port at a time, by the binding log: reads JSON lines and RFC 5424 syslog as binding_log.h
// writes them, of any length, and remembers only what is about that port. It says what makes its answer doubtful, for
// somebody may go to court with it. Pure but for memory; one thread.
//
//   BindingHistory history({.address = ..., .port = ..., .from = ..., .to = ...});
//   for (each file) { for (each piece of it) history.read(piece); history.end_file(); }
//   history.answer();
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/base/wall_time.h"
#include "dragoman/ip/address.h"
#include "dragoman/nat64/options.h"

namespace dragoman::gateway {

struct BindingQuestion {
  ip::Ipv4Octets address{};
  std::uint16_t port = 0;                   // or identifier
  std::optional<nat64::Protocol> protocol;  // nullopt: any
  WallTime from{};                          // at any time from here ...
  WallTime to{};                            // ... until just before here
};

struct Holding {
  enum class Kind : std::uint8_t { block, session, static_binding };
  enum class End : std::uint8_t {
    open,       // the log ends first
    released,   // the log says so
    replaced,   // somebody else has the port from then on; the log does not say when this one lost it
    restarted,  // the NAT64 started again; this one lost the port after `seen` and before that
    stopped,    // the NAT64 stopped
  };
  Kind kind = Kind::block;
  std::string holder;                       // "2001:db8:1::/64"; of others "[2001:db8:1::5]:40000"
  std::optional<nat64::Protocol> protocol;  // not of a block
  std::string remote;                       // of a session, if the log has it
  std::uint16_t first_port = 0, last_port = 0;

  bool has_begin = true;  // else its begin is missing in the log: it began somewhere after `from`
  WallTime from{};
  WallTime until{};       // of End::open: when the log ends
  WallTime seen{};        // of End::restarted: the last the log has of the time before
  End end = End::open;
};

// What makes an answer doubtful.
struct BindingDoubt {
  enum class Kind : std::uint8_t {
    lost,          // `count` events are missing between the times
    down,          // the NAT64 ended between the times, without saying so
    begins_later,  // the log begins at `until`, and does not say who had what then
    ends_before,   // the log ends at `since`
    damaged,       // `count` lines cannot be read
    many_hosts,    // JSON lines of several NAT64s: ask each one's log alone
  };
  Kind kind = Kind::lost;
  WallTime since{}, until{};
  std::uint64_t count = 0;
  // Lost after the time in question: only when the holding ended is doubtful.
  bool about_end_only = false;
};

struct BindingAnswer {
  std::vector<Holding> holdings;  // in order of their begin
  std::vector<BindingDoubt> doubts;
  // When there is none: the last one before, and the next one after.
  std::optional<Holding> before, after;
  std::optional<bool> is_in_pool;  // as the log last told the pool; nullopt: it never did

  std::uint64_t lines = 0;  // of a binding log; 0: what was read is none
  WallTime log_begins{}, log_ends{};
};

class BindingHistory {
 public:
  explicit BindingHistory(const BindingQuestion& question);
  ~BindingHistory();

  // The next octets of a file; lines may be cut anywhere. Files of one log may come in any order.
  void read(std::string_view octets);
  void end_file();

  BindingAnswer answer() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace dragoman::gateway
