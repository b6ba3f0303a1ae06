// RFC 6146 3.5 and 3.8 once more, the slow way.
#include "slow_nat64.h"

#include <algorithm>

namespace dragoman::nat64::scene {
namespace {

bool is_syn(const Seen& packet) { return packet.kind == "tcp" && packet.flags.find('S') != std::string::npos; }

TcpFlags flags_of(const Seen& packet) {
  const auto has = [&](char letter) { return packet.flags.find(letter) != std::string::npos; };
  return {.syn = has('S'), .fin = has('F'), .rst = has('R')};
}

// A session's end: pings know no port there.
ip::Endpoint end_of(const Seen& packet, const ip::Endpoint& endpoint) {
  return {endpoint.address, is_ping(packet) ? std::uint16_t{0} : endpoint.port};
}

std::string error_text(int type, int code, const ip::Address& source, const ip::Address& destination,
                       const Seen& about) {
  return "error " + std::to_string(type) + "/" + std::to_string(code) + " " + source.to_text() + " > " +
         destination.to_text() + " about (" + about.text() + ")";
}

// RFC 7915 4.2, 5.2, as far as these tests need it.
std::pair<int, int> told_to_inside(int code4) { return {1, code4 == 1 ? 0 : code4 == 3 ? 4 : 1}; }
std::pair<int, int> told_to_outside(int code6) { return {3, code6 == 4 ? 3 : 1}; }

ip::Address embedded(const ip::Pref64& prefix, const ip::Address& address4) {
  return ip::Address(prefix.embed(address4.v4()));
}

// The same packet between other ends; of a ping both have its identifier.
Seen between(Seen packet, const ip::Endpoint& source, const ip::Endpoint& destination, std::uint16_t identifier) {
  packet.source = source;
  packet.destination = destination;
  if (is_ping(packet)) packet.source.port = packet.destination.port = identifier;
  return packet;
}

ip::Endpoint endpoint_of(const Transport4& key) { return endpoint(std::get<1>(key), std::get<2>(key)); }

}  // namespace

bool SlowNat64::is_ours(const ip::Address& address) const {
  const auto is_static = [&](const StaticBinding& binding) { return binding.outside.address == address; };
  return pool_.contains(address) ||
         std::any_of(options_.static_bindings.begin(), options_.static_bindings.end(), is_static);
}

const ip::Pref64* SlowNat64::prefix_of(const ip::Address& address) const {
  for (const ip::Pref64& prefix : options_.prefixes) {
    if (prefix.extract_any_suffix(address.octets())) return &prefix;
  }
  return nullptr;
}

bool SlowNat64::fits(const ip::Pref64& prefix, const ip::Address& remote) const {
  return !prefix.is_well_known() || is_ours(remote) ||
         ip::well_known_prefix_may_hold(remote.v4(), options_.well_known_prefix);
}

std::int64_t SlowNat64::life(Protocol protocol) const {
  return (protocol == Protocol::udp ? options_.timeouts.udp : options_.timeouts.icmp).count();
}

void SlowNat64::advance(Session& session, Side from, const Seen& packet, std::int64_t second) const {
  const TcpStep step = next_tcp_state(session.state, from, flags_of(packet));
  session.state = step.state;
  if (step.timer == TcpTimer::established) session.deadline = second + options_.timeouts.tcp_established.count() + 1;
  if (step.timer == TcpTimer::transitory) session.deadline = second + options_.timeouts.tcp_transitory.count() + 1;
}

Outcome SlowNat64::refuse6(const Seen& packet, DropReason reason, int code) {
  const ip::Address own = embedded(options_.prefixes.front(), first_of_pool_);
  return {{error_text(1, code, own, packet.source.address, packet)}, {reason}, false};
}

// An error about what the inside wrote to one of our own addresses goes to the inside, if it has a session.
Outcome SlowNat64::refuse4(const Seen& packet, DropReason reason, int code) {
  if (!is_ours(packet.destination.address)) return {{}, {reason}, false};  // not any more
  if (!is_ours(packet.source.address)) {
    return {{error_text(3, code, packet.destination.address, packet.source.address, packet)}, {reason}, false};
  }
  Outcome outcome = error_into(packet, packet.destination.address, code);
  outcome.drops.insert(outcome.drops.begin(), reason);
  return outcome;
}

// `about`: a packet of ours, IPv4.
Outcome SlowNat64::error_into(const Seen& about, const ip::Address& teller, int code4) const {
  const auto owner = by_outside_.find(key_of(protocol_of(about), about.source));
  const Outcome nobody{{}, {DropReason::icmp_error_no_session}, false};
  if (owner == by_outside_.end()) return nobody;
  const Binding& binding = by_inside_.at(owner->second);
  const auto session = binding.sessions.find(key_of(protocol_of(about), end_of(about, about.destination)));
  if (session == binding.sessions.end()) return nobody;
  const ip::Pref64& prefix = session->second.prefix;
  const ip::Endpoint remote{embedded(prefix, about.destination.address), about.destination.port};
  const auto [type, code] = told_to_inside(code4);
  const Seen original = between(about, binding.inside, remote, binding.inside.port);
  return {{error_text(type, code, embedded(prefix, teller), binding.inside.address, original)}, {}, false};
}

std::optional<DropReason> SlowNat64::check_destination(const ip::Pref64& prefix, const ip::Address& remote) const {
  const auto holds = [&](const ip::Prefix& denied) { return denied.contains(remote); };
  const auto& denied = options_.denied_destinations;
  const bool is_denied = std::any_of(denied.begin(), denied.end(), holds) && !is_ours(remote);
  if (is_denied || !fits(prefix, remote)) return DropReason::denied_destination;
  return std::nullopt;
}

std::optional<DropReason> SlowNat64::check_source(const ip::Address& source) const {
  if (prefix_of(source) != nullptr) return DropReason::loop;
  const auto holds = [&](const ip::Prefix& clients) { return clients.contains(source); };
  const auto& clients = options_.clients;
  if (!clients.empty() && std::none_of(clients.begin(), clients.end(), holds)) return DropReason::not_allowed;
  return std::nullopt;
}

std::optional<DropReason> SlowNat64::check_limits(const ip::Address& host, std::int64_t second) {
  const std::string subscriber = subscriber_of(host);
  std::size_t sessions = 0;
  for (const auto& [key, binding] : by_inside_) {
    if (subscriber_of(binding.inside.address) == subscriber) sessions += binding.sessions.size();
  }
  const SubscriberLimits& limits = options_.subscriber;
  if (limits.sessions != 0 && sessions >= limits.sessions) return DropReason::subscriber_sessions;
  auto& [when, count] = begun_[subscriber];
  if (when != second) count = 0;
  when = second;
  if (limits.new_sessions_per_second != 0 && count >= limits.new_sessions_per_second) {
    return DropReason::subscriber_rate;
  }
  return std::nullopt;
}

std::size_t SlowNat64::ports_of(const ip::Address& host, Protocol protocol) const {
  std::size_t count = 0;
  for (const auto& [key, binding] : by_inside_) {
    const bool is_its = subscriber_of(binding.inside.address) == subscriber_of(host) && std::get<0>(key) == protocol;
    count += is_its && !binding.is_static ? 1 : 0;
  }
  return count;
}

std::size_t SlowNat64::session_count() const {
  std::size_t count = 0;
  for (const auto& [key, binding] : by_inside_) count += binding.sessions.size();
  return count;
}

void SlowNat64::begin_session(Binding& binding, const Transport4& remote, Session session, std::int64_t second) {
  const bool is_tcp = std::get<0>(remote) == Protocol::tcp;
  const std::int64_t time = is_tcp ? options_.timeouts.tcp_transitory.count() : life(std::get<0>(remote));
  session.deadline = second + time + 1;
  session.has_permission = options_.filtering == Filtering::address_dependent;
  ++begun_[subscriber_of(binding.inside.address)].second;
  binding.sessions.emplace(remote, session);
}

// RFC 6146 3.5.1 to 3.5.3, from IPv6.
Outcome SlowNat64::from_inside(const Seen& packet, std::int64_t second) {
  const ip::Pref64* prefix = prefix_of(packet.destination.address);
  if (prefix == nullptr) return {{}, {DropReason::not_our_prefix}, false};
  const Protocol protocol = protocol_of(packet);
  const ip::Address remote(*prefix->extract_any_suffix(packet.destination.address.octets()));
  const Transport4 remote_key = key_of(protocol, end_of(packet, {remote, packet.destination.port}));
  const auto known = by_inside_.find(key_of(protocol, packet.source));
  if (known != by_inside_.end() && known->second.sessions.contains(remote_key)) {
    Session& session = known->second.sessions.at(remote_key);
    if (options_.filtering == Filtering::address_dependent) session.has_permission = true;
    if (session.prefix != *prefix) {
      if (const auto reason = check_destination(*prefix, remote)) return refuse6(packet, *reason, 1);
      session.prefix = *prefix;
    }
    if (protocol == Protocol::tcp) advance(session, Side::v6, packet, second);
    if (protocol != Protocol::tcp) session.deadline = second + life(protocol) + 1;
    return send_out(known->second, packet, remote, second);
  }
  if (const auto reason = check_source(packet.source.address)) {
    return *reason == DropReason::loop ? Outcome{{}, {*reason}, false} : refuse6(packet, *reason, 1);
  }
  if (const auto reason = check_destination(*prefix, remote)) return refuse6(packet, *reason, 1);
  if (protocol == Protocol::tcp && !is_syn(packet)) {
    if (known == by_inside_.end()) return refuse6(packet, DropReason::tcp_without_session, 1);
    return send_out(known->second, packet, remote, second);
  }
  return begin_from_inside(packet, *prefix, remote, second);
}

Outcome SlowNat64::begin_from_inside(const Seen& packet, const ip::Pref64& prefix, const ip::Address& remote,
                                     std::int64_t second) {
  const Protocol protocol = protocol_of(packet);
  const Transport6 inside = key_of(protocol, packet.source);
  const bool is_new = !by_inside_.contains(inside);
  const std::optional<DropReason> lacks = oracle_.lacks();
  if (lacks == DropReason::session_table_full) {
    EXPECT_TRUE(oracle_.may_lack_leave(Side::v6));
    return refuse6(packet, *lacks, 3);
  }
  const std::uint32_t most_ports = options_.subscriber.ports;
  if (is_new && most_ports != 0 && ports_of(packet.source.address, protocol) >= most_ports) {
    return refuse6(packet, DropReason::subscriber_ports, 1);
  }
  if (is_new && lacks == DropReason::no_port) {
    EXPECT_TRUE(oracle_.may_lack_port(packet));
    return refuse6(packet, *lacks, 3);
  }
  if (const auto reason = check_limits(packet.source.address, second)) return refuse6(packet, *reason, 1);
  if (is_new) {
    const ip::Endpoint outside = oracle_.chosen_port(packet);
    EXPECT_TRUE(by_outside_.emplace(key_of(protocol, outside), inside).second) << "R7 (RFC 4787 REQ-3): overloaded";
    by_inside_[inside] = {packet.source, outside, false, {}};
  }
  Binding& binding = by_inside_.at(inside);
  const SessionState state = protocol == Protocol::tcp ? SessionState::v6_init : SessionState::open;
  const ip::Endpoint remote_end = end_of(packet, {remote, packet.destination.port});
  begin_session(binding, key_of(protocol, remote_end), {state, 0, prefix, false}, second);
  Outcome outcome = send_out(binding, packet, remote, second);
  if (syns_.erase({key_of(protocol, remote_end), key_of(protocol, binding.outside)}) != 0) {
    outcome.drops.push_back(DropReason::syn_crossed);
  }
  return outcome;
}

Outcome SlowNat64::send_out(const Binding& binding, const Seen& packet, const ip::Address& remote,
                            std::int64_t second) {
  const Seen out = between(packet, binding.outside, {remote, packet.destination.port}, binding.outside.port);
  if (is_ours(remote)) return from_outside(out, second);  // 3.8
  return {{out.text()}, {}, false};
}

Outcome SlowNat64::send_in(const Binding& binding, const ip::Pref64& prefix, const Seen& packet) const {
  const ip::Endpoint source{embedded(prefix, packet.source.address), packet.source.port};
  return {{between(packet, source, binding.inside, binding.inside.port).text()}, {}, false};
}

// The same from IPv4.
Outcome SlowNat64::from_outside(const Seen& packet, std::int64_t second) {
  if (!is_ours(packet.destination.address)) return {{}, {DropReason::not_our_pool}, false};
  const Protocol protocol = protocol_of(packet);
  const auto owner = by_outside_.find(key_of(protocol, packet.destination));
  Binding* binding = owner == by_outside_.end() ? nullptr : &by_inside_.at(owner->second);
  const Transport4 remote = key_of(protocol, end_of(packet, packet.source));
  if (binding == nullptr || !binding->sessions.contains(remote)) {
    return begin_from_outside(packet, binding, remote, second);
  }
  Session& session = binding->sessions.at(remote);
  if (protocol == Protocol::tcp) advance(session, Side::v4, packet, second);
  if (protocol != Protocol::tcp && options_.inbound_refresh) session.deadline = second + life(protocol) + 1;
  return send_in(*binding, session.prefix, packet);
}

Outcome SlowNat64::begin_from_outside(const Seen& packet, Binding* binding, const Transport4& remote,
                                      std::int64_t second) {
  const auto permits = [&](const auto& entry) {
    return std::get<1>(entry.first) == std::get<1>(remote) && entry.second.has_permission;
  };
  const bool is_permitted =
      binding != nullptr && (options_.filtering == Filtering::endpoint_independent ||
                             std::any_of(binding->sessions.begin(), binding->sessions.end(), permits));
  if (is_syn(packet) && !options_.inbound_tcp) return {{}, {DropReason::filtered}, false};
  if (is_syn(packet) && !is_permitted) {
    const StoredSyn syn{second + options_.timeouts.tcp_incoming_syn.count(), packet};
    if (syns_.emplace(std::pair(remote, key_of(Protocol::tcp, packet.destination)), syn).second) return {{}, {}, true};
    return {{}, {DropReason::syn_unanswered}, false};
  }
  if (binding == nullptr) return refuse4(packet, DropReason::no_binding, 1);
  if (!is_permitted) return refuse4(packet, DropReason::filtered, 13);
  const ip::Pref64& prefix = options_.prefixes.front();
  if (!fits(prefix, packet.source.address)) return refuse4(packet, DropReason::denied_destination, 13);
  const bool is_tcp = packet.kind == "tcp";
  if (is_tcp && !is_syn(packet)) return send_in(*binding, prefix, packet);
  if (oracle_.lacks() == DropReason::session_table_full) {
    EXPECT_TRUE(oracle_.may_lack_leave(Side::v4));
    return refuse4(packet, DropReason::session_table_full, 1);
  }
  if (const auto reason = check_limits(binding->inside.address, second)) return refuse4(packet, *reason, 13);
  begin_session(*binding, remote, {is_tcp ? SessionState::v4_init : SessionState::open, 0, prefix, false}, second);
  return send_in(*binding, prefix, packet);
}

Outcome SlowNat64::error_from_inside(const Seen& error) {
  const Seen& about = *error.about;  // from Z to X'
  const ip::Pref64* prefix = prefix_of(error.destination.address);
  if (prefix == nullptr) return {{}, {DropReason::not_our_prefix}, false};
  const ip::Address remote(*prefix->extract_any_suffix(error.destination.address.octets()));
  const auto binding = by_inside_.find(key_of(protocol_of(about), about.destination));
  const ip::Endpoint end = end_of(about, {remote, about.source.port});
  if (about.source.address != error.destination.address || binding == by_inside_.end() ||
      !binding->second.sessions.contains(key_of(protocol_of(about), end))) {
    return {{}, {DropReason::icmp_error_no_session}, false};
  }
  const ip::Endpoint& outside = binding->second.outside;
  const Seen about4 = between(about, {remote, about.source.port}, outside, outside.port);
  const auto [type, code] = told_to_outside(error.icmp.code);
  if (is_ours(remote)) return error_into(about4, outside.address, code);
  return {{error_text(type, code, outside.address, remote, about4)}, {}, false};
}

Outcome SlowNat64::error_from_outside(const Seen& error) const {
  if (!is_ours(error.destination.address)) return {{}, {DropReason::not_our_pool}, false};
  if (error.about->source.address != error.destination.address) {
    return {{}, {DropReason::icmp_error_no_session}, false};
  }
  return error_into(*error.about, error.source.address, error.icmp.code);
}

Outcome SlowNat64::expire(std::int64_t second) {
  Outcome outcome;
  for (auto at = by_inside_.begin(); at != by_inside_.end();) {
    Binding& binding = at->second;
    for (auto entry = binding.sessions.begin(); entry != binding.sessions.end();) {
      Session& session = entry->second;
      if (session.deadline > second) {
        ++entry;
      } else if (session.state == SessionState::established) {
        session.state = SessionState::trans;
        session.deadline = second + options_.timeouts.tcp_transitory.count() + 1;
        Seen probe;
        probe.kind = "tcp";
        probe.flags = "A";
        probe.source = endpoint_of(entry->first);
        for (const std::string& text : send_in(binding, session.prefix, probe).sent) outcome.sent.push_back(text);
        ++entry;
      } else {
        entry = binding.sessions.erase(entry);
      }
    }
    const bool is_over = binding.sessions.empty() && !binding.is_static;
    if (is_over) by_outside_.erase(key_of(std::get<0>(at->first), binding.outside));
    at = is_over ? by_inside_.erase(at) : std::next(at);
  }
  for (auto at = syns_.begin(); at != syns_.end();) {
    if (at->second.deadline > second) {
      ++at;
      continue;
    }
    const Outcome told = refuse4(at->second.packet, DropReason::syn_unanswered, 3);
    outcome.sent.insert(outcome.sent.end(), told.sent.begin(), told.sent.end());
    outcome.drops.insert(outcome.drops.end(), told.drops.begin(), told.drops.end());
    at = syns_.erase(at);
  }
  return outcome;
}

void SlowNat64::erase_binding(const Transport6& inside) {
  const auto binding = by_inside_.find(inside);
  if (binding == by_inside_.end()) return;
  by_outside_.erase(key_of(std::get<0>(inside), binding->second.outside));
  by_inside_.erase(binding);
}

void SlowNat64::take_pool() {
  for (const PoolEntry& entry : options_.pool4) {
    for (ip::Ipv4Octets address = entry.first; address <= entry.last; ++address[3]) pool_.insert(ip::Address(address));
  }
}

void SlowNat64::apply(const Options& options) {
  const std::vector<StaticBinding> before = options_.static_bindings;
  options_ = options;
  take_pool();
  const auto is_in = [](const std::vector<StaticBinding>& all, const StaticBinding& one) {
    return std::find(all.begin(), all.end(), one) != all.end();
  };
  for (const StaticBinding& gone : before) {
    const auto owner = by_outside_.find(key_of(gone.protocol, gone.outside));
    if (!is_in(options.static_bindings, gone) && owner != by_outside_.end()) erase_binding(Transport6(owner->second));
  }
  for (const StaticBinding& wanted : options.static_bindings) {
    if (!is_in(before, wanted)) add_static(wanted);
  }
}

void SlowNat64::add_static(const StaticBinding& binding) {
  const Transport4 outside = key_of(binding.protocol, binding.outside);
  const Transport6 inside = key_of(binding.protocol, binding.inside);
  if (const auto owner = by_outside_.find(outside); owner != by_outside_.end())
    erase_binding(Transport6(owner->second));
  erase_binding(inside);
  by_inside_[inside] = {binding.inside, binding.outside, true, {}};
  by_outside_[outside] = inside;
}

}  // namespace dragoman::nat64::scene
