// The stateful NAT64 (RFC 6146) of one worker: packets and time in, packets and reasons out. translator.cpp is the
// table of contents: each line is one step in the RFC's word. Owned and called by one thread; other workers'
// translators share the options, the PortPool, and nothing else. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "dragoman/base/time.h"
#include "dragoman/nat64/binding_event.h"
#include "dragoman/nat64/metrics.h"
#include "dragoman/nat64/options.h"
#include "dragoman/nat64/packet.h"
#include "dragoman/nat64/port_pool.h"
#include "dragoman/nat64/session_budget.h"

namespace dragoman::nat64 {

class ResolvedAddresses;   // resolved_addresses.h
struct NameTrafficReport;  // name_traffic.h

// Where packets go: the device and the other workers, or a test.
class Output {
 public:
  virtual ~Output() = default;
  // Out of the device. The packet is valid during the call, and may be overwritten.
  virtual void send(Packet& packet) = 0;
  // To the translator of another worker, which is given a copy. False: there is no room.
  virtual bool hand_off(unsigned worker, const Packet& packet, HandOff reason) = 0;
  // Of the binding log. Must not wait.
  virtual void note(const BindingEvent& event) = 0;
};

enum class SessionState : std::uint8_t {  // RFC 6146 3.5.2.2; UDP and ICMP sessions are `open`
  open,
  v4_init,
  v6_init,
  established,
  v4_fin_rcv,
  v6_fin_rcv,
  v4_v6_fin_rcv,
  trans
};

// For people: a session as `ctl nat64 sessions` shows it.
struct SessionInfo {
  Protocol protocol = Protocol::tcp;
  ip::Endpoint inside;   // X', x
  ip::Endpoint outside;  // T, t
  ip::Endpoint remote;   // Z, z
  SessionState state = SessionState::open;
  seconds expires_in{0};
};
struct SubscriberInfo {
  ip::Prefix prefix;
  std::array<std::uint32_t, protocol_count> bindings{};
  std::uint32_t sessions = 0;
  std::vector<BlockNumber> blocks;
};

class Translator {
 public:
  struct Place {
    unsigned worker = 0;
    unsigned workers = 1;
  };
  // What all workers share; outlives the translator.
  struct Shared {
    PortPool& pool;
    SessionBudget& budget;
    const ResolvedAddresses* resolved = nullptr;  // may be null unless Options::only_resolved or counts_names
    bool counts_names = false;                    // whether traffic is counted by the name that led to it
  };
  // `secret` seeds hashes and port choice, and is to be another one for each worker.
  Translator(Place place, std::shared_ptr<const Options> options, const Shared& shared, std::uint64_t secret,
             TimePoint start);
  ~Translator();

  // Where a packet came from. What another worker handed off is not handed off again.
  enum class Arrival : std::uint8_t { device, handed_off };
  // Its octets are overwritten.
  void translate(Packet& packet, Arrival arrival, TimePoint now, Output& output);
  // Expiry of sessions, fragments, stored SYNs, resting blocks: a bounded amount of work each time. Call it at least
  // once a second, and again at once as long as it returns true.
  bool expire(TimePoint now, Output& output);
  // At a reload, after that of the pool: sessions stay, but those of static bindings that are gone, and of whatever had
  // the inside or the outside of a new one.
  void apply(std::shared_ptr<const Options> options, TimePoint now, Output& output);

  const Metrics& metrics() const;
  // Of at most `limit` sessions, of this subscriber's hosts (any, if nullopt).
  std::vector<SessionInfo> sessions(std::optional<ip::Prefix> hosts, std::size_t limit, TimePoint now) const;
  // The same in steps of some tens of microseconds, so that packets are carried between two of them: looks at the next
  // sessions, appends to `walk`, and returns whether there is more to look at.
  struct SessionWalk {
    std::optional<ip::Prefix> hosts{};
    std::size_t limit = 0;
    std::vector<SessionInfo> found{};
    std::uint32_t next = 1;
  };
  bool go_on(SessionWalk& walk, TimePoint now) const;
  // Whose host this is, with at most so many of its blocks; nullopt: nobody's that has bindings or blocks here.
  std::optional<SubscriberInfo> subscriber(const ip::Ipv6Octets& host, std::size_t most_blocks) const;
  std::vector<SubscriberInfo> subscribers(std::optional<ip::Prefix> prefix, std::size_t limit) const;
  NameTrafficReport name_traffic() const;
  std::size_t memory() const;  // octets of the tables

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace dragoman::nat64
