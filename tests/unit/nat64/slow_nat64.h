// A NAT64 that is slow and obvious: RFC 6146 with std::map, for packets that are not octets but what people say of them
// (fakes::Seen). What chance or scarcity decides in the real one it is told, and says whether that may be.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "scene.h"
#include "tcp_state.h"

namespace dragoman::nat64::scene {

// A transport address: its address as text, and port; for ICMP the identifier.
using Transport4 = std::tuple<Protocol, std::string, std::uint16_t>;
using Transport6 = std::tuple<Protocol, std::string, std::uint16_t>;

inline Transport4 key_of(Protocol protocol, const ip::Endpoint& endpoint) {
  return {protocol, endpoint.address.to_text(), endpoint.port};
}
inline bool is_ping(const Seen& packet) { return packet.kind == "ping" || packet.kind == "pong"; }
inline Protocol protocol_of(const Seen& packet) {
  return packet.kind == "tcp" ? Protocol::tcp : packet.kind == "udp" ? Protocol::udp : Protocol::icmp;
}
inline std::string subscriber_of(const ip::Address& host) {
  return std::string(reinterpret_cast<const char*>(host.octets()), 8);
}

// What becomes of a packet, or of a second.
struct Outcome {
  std::vector<std::string> sent;  // as text
  std::vector<DropReason> drops;  // of the packet, and of errors about it that found no way
  bool is_stored = false;         // a SYN that waits
};

// What the real one knows alone.
class Oracle {
 public:
  virtual ~Oracle() = default;
  // no_port or session_table_full, if it said so.
  virtual std::optional<DropReason> lacks() const = 0;
  virtual bool may_lack_port(const Seen& packet) const = 0;
  virtual bool may_lack_leave(Side from) const = 0;
  // Of a new binding.
  virtual ip::Endpoint chosen_port(const Seen& packet) const = 0;
};

class SlowNat64 {
 public:
  struct Session {
    SessionState state = SessionState::open;
    std::int64_t deadline = 0;  // a second
    ip::Pref64 prefix;
    bool has_permission = false;
  };
  struct Binding {
    ip::Endpoint inside, outside;
    bool is_static = false;
    std::map<Transport4, Session> sessions;  // by remote
  };

  SlowNat64(const Options& options, const Oracle& oracle)
      : options_(options), oracle_(oracle), first_of_pool_(options.pool4.front().first) {
    take_pool();
    for (const StaticBinding& binding : options.static_bindings) add_static(binding);
  }

  Outcome from_inside(const Seen& packet, std::int64_t second);
  Outcome from_outside(const Seen& packet, std::int64_t second);
  Outcome error_from_inside(const Seen& error);
  Outcome error_from_outside(const Seen& error) const;
  Outcome expire(std::int64_t second);
  void apply(const Options& options);
  // Subscribers that have nothing: their sessions of this second are not held against them.
  void forget_all_but(const std::set<std::string>& subscribers) {
    std::erase_if(begun_, [&](const auto& entry) { return !subscribers.contains(entry.first); });
  }

  const std::map<Transport6, Binding>& bindings() const { return by_inside_; }
  bool has_owner(Protocol protocol, const ip::Endpoint& outside) const {
    return by_outside_.contains(key_of(protocol, outside));
  }
  std::size_t session_count() const;

 private:
  bool is_ours(const ip::Address& address) const;
  const ip::Pref64* prefix_of(const ip::Address& address) const;
  bool fits(const ip::Pref64& prefix, const ip::Address& remote) const;
  std::optional<DropReason> check_source(const ip::Address& source) const;
  std::optional<DropReason> check_destination(const ip::Pref64& prefix, const ip::Address& remote) const;
  std::optional<DropReason> check_limits(const ip::Address& host, std::int64_t second);
  std::size_t ports_of(const ip::Address& host, Protocol protocol) const;
  Outcome begin_from_inside(const Seen& packet, const ip::Pref64& prefix, const ip::Address& remote,
                            std::int64_t second);
  Outcome begin_from_outside(const Seen& packet, Binding* binding, const Transport4& remote, std::int64_t second);
  void begin_session(Binding& binding, const Transport4& remote, Session session, std::int64_t second);
  Outcome send_out(const Binding& binding, const Seen& packet, const ip::Address& remote, std::int64_t second);
  Outcome send_in(const Binding& binding, const ip::Pref64& prefix, const Seen& packet) const;
  Outcome refuse6(const Seen& packet, DropReason reason, int code);
  Outcome refuse4(const Seen& packet, DropReason reason, int code);
  Outcome error_into(const Seen& about, const ip::Address& teller, int code4) const;
  void advance(Session& session, Side from, const Seen& packet, std::int64_t second) const;
  std::int64_t life(Protocol protocol) const;
  void erase_binding(const Transport6& inside);
  void add_static(const StaticBinding& binding);
  void take_pool();

  struct StoredSyn {
    std::int64_t deadline;
    Seen packet;
  };
  Options options_;
  const Oracle& oracle_;
  ip::Address first_of_pool_;
  std::set<ip::Address> pool_;  // addresses that are gone included: what goes on there comes back there
  std::map<Transport6, Binding> by_inside_;
  std::map<Transport4, Transport6> by_outside_;
  std::map<std::pair<Transport4, Transport4>, StoredSyn> syns_;          // by remote and outside
  std::map<std::string, std::pair<std::int64_t, std::uint32_t>> begun_;  // by subscriber: in which second, how many
};

}  // namespace dragoman::nat64::scene
