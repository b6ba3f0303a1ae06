// Filtering and updating the tables (RFC 6146 3.5): whether a packet may pass, and which binding and session are its
// own. Whatever can be settled once is settled when a session begins (lifetimes.cpp); a packet of a session that exists
// costs three look-ups from IPv6 and two from IPv4.
#include "dragoman/base/bytes.h"
#include "ipv4_number.h"
#include "translator_state.h"

namespace dragoman::nat64 {
namespace {

constexpr IcmpError host_unreachable{3, 1, 0};
constexpr IcmpError prohibited{3, 13, 0};
constexpr IcmpError prohibited6{1, 1, 0};
constexpr IcmpError address_unreachable6{1, 3, 0};  // no resources, RFC 6146 3.5.1.1

// Nobody gets any more, or this subscriber alone.
bool is_of_all(DropReason reason) { return reason == DropReason::session_table_full; }

// Not of this network, loopback, multicast or reserved (RFC 1122 3.2.1.3, RFC 1812 5.3.7).
bool is_host(const std::uint8_t* address4) { return address4[0] != 0 && address4[0] != 127 && address4[0] < 224; }

TcpFlags flags_of(const Passage& passage, std::size_t transport_offset) {
  return tcp_flags(passage.packet.data + transport_offset);
}

}  // namespace

Step Translator::State::filter_ipv6(const Passage& passage, const Ipv6Headers& headers, const Incoming6& incoming,
                                    Found& found) {
  const Index host = subscribers.find_host(headers.source);
  if (host != none) found.binding = bindings.find(host, incoming.inside_port, incoming.protocol);
  if (found.binding != none) {
    found.session = sessions.find(found.binding, number_of(incoming.remote), incoming.remote_port);
  }
  if (found.session == none) return begin_from_ipv6(passage, headers, incoming, found);
  if (options->filtering == Filtering::address_dependent) sessions.permit(found.session);  // older than a reload
  if (sessions[found.session].prefix != incoming.prefix) {
    if (const Step refusal = check_destination(passage, headers.source, incoming)) return refusal;
    sessions[found.session].prefix = incoming.prefix;
  }
  if (incoming.protocol != Protocol::tcp) {
    refresh(found.session, lifetime(incoming.protocol), passage.second);
    return std::nullopt;
  }
  advance_tcp(passage, found.session, Side::v6, flags_of(passage, headers.transport_offset));
  return std::nullopt;
}

// 3.5.2.2: a segment of a connection that has a session.
void Translator::State::advance_tcp(const Passage& passage, Index index, Side from, TcpFlags segment) {
  const TcpStep step = next_tcp_state(sessions[index].state, from, segment);
  sessions[index].state = step.state;
  if (step.timer == TcpTimer::established) refresh(index, options->timeouts.tcp_established, passage.second);
  if (step.timer == TcpTimer::transitory) refresh(index, options->timeouts.tcp_transitory, passage.second);
}

Step Translator::State::filter_ipv4(const Passage& passage, const Ipv4Headers& headers, const Incoming4& incoming,
                                    Found& found) {
  found.binding = binding_of(incoming);
  if (found.binding != none) found.session = sessions.find(found.binding, incoming.remote, incoming.remote_port);
  if (found.session == none) return begin_from_ipv4(passage, headers, incoming, found);
  if (incoming.protocol == Protocol::tcp) {
    advance_tcp(passage, found.session, Side::v4, flags_of(passage, headers.transport_offset));
  } else if (options->inbound_refresh) {
    refresh(found.session, lifetime(incoming.protocol), passage.second);
  }
  return std::nullopt;
}

Index Translator::State::binding_of(const Incoming4& incoming) const {
  if (const auto* entry = statics.find(incoming.address, incoming.port, incoming.protocol)) return entry->binding;
  const auto index = pool.index_of(octets_of(incoming.address));
  return index ? blocks.find(*index, incoming.port, incoming.protocol) : none;
}

// What comes from IPv4 and belongs to no session yet (3.5.1, 3.5.2.2, 3.5.3): never makes a binding.
Step Translator::State::begin_from_ipv4(const Passage& passage, const Ipv4Headers& headers, const Incoming4& incoming,
                                        Found& found) {
  if (!is_host(headers.source)) return drop(DropReason::illegal_source);
  const bool is_tcp = incoming.protocol == Protocol::tcp;
  const bool is_syn = is_tcp && flags_of(passage, headers.transport_offset).syn;
  const bool is_permitted = found.binding != none && (options->filtering == Filtering::endpoint_independent ||
                                                      sessions.permits(found.binding, incoming.remote));
  if (is_syn && !options->inbound_tcp) return drop(DropReason::filtered);  // in silence, RFC 6146 3.5.2.2
  if (is_syn && !is_permitted) return store_syn(passage, incoming);
  if (found.binding == none) return drop(DropReason::no_binding, host_unreachable);
  if (!is_permitted) return drop(DropReason::filtered, prohibited);
  if (!fits_prefix(options->prefixes.front(), octets_of(incoming.remote))) {
    return drop(DropReason::denied_destination, prohibited);
  }
  if (is_tcp && !is_syn) return std::nullopt;  // passes, and leaves no trace
  Session draft;
  draft.remote = incoming.remote;
  draft.remote_port = incoming.remote_port;
  draft.prefix = prefixes_in_force.front();
  draft.state = is_tcp ? SessionState::v4_init : SessionState::open;
  // 5.3: whoever floods the outside of a binding leaves something for those inside.
  const bool is_scarce = budget.is_scarce();
  const auto reason = is_scarce ? DropReason::session_table_full : begin_session(passage, found.binding, draft, found);
  return reason ? drop(*reason, is_of_all(*reason) ? host_unreachable : prohibited) : std::nullopt;
}

// An IPv6 SYN may be on its way to meet it (3.5.2.2). The sender hears nothing until that has proved wrong.
Step Translator::State::store_syn(const Passage& passage, const Incoming4& incoming) {
  const Second deadline = passage.second + static_cast<Second>(options->timeouts.tcp_incoming_syn.count());
  const SynTuple tuple{incoming.remote, incoming.address, incoming.remote_port, incoming.port};
  switch (stored_syns.store(tuple, passage.packet, deadline)) {
    case StoredSyns::Result::stored:
      return keep();
    case StoredSyns::Result::repeated:
      return drop(DropReason::syn_unanswered);  // told once, when the first one's time is over
    case StoredSyns::Result::full:
      break;
  }
  return drop(DropReason::syn_unanswered, host_unreachable);
}

// What comes from IPv6 and belongs to no session yet. The order is: what nobody may, then what this subscriber may not.
Step Translator::State::begin_from_ipv6(const Passage& passage, const Ipv6Headers& headers, const Incoming6& incoming,
                                        Found& found) {
  if (const Step refusal = check_source(headers.source)) return refusal;
  if (const Step refusal = check_destination(passage, headers.source, incoming)) return refusal;
  const bool is_tcp = incoming.protocol == Protocol::tcp;
  if (is_tcp && !flags_of(passage, headers.transport_offset).syn) {
    if (found.binding != none) return std::nullopt;  // passes, and leaves no trace
    return drop(DropReason::tcp_without_session, prohibited6);
  }
  if (!has_leave()) return drop(DropReason::session_table_full, address_unreachable6);
  const Index binding_before = found.binding;
  if (found.binding == none) {
    if (const Step refusal = begin_binding(passage, headers.source, incoming, found.binding)) return refusal;
  }
  Session draft;
  draft.remote = number_of(incoming.remote);
  draft.remote_port = incoming.remote_port;
  draft.prefix = incoming.prefix;
  draft.state = is_tcp ? SessionState::v6_init : SessionState::open;
  if (const auto reason = begin_session(passage, found.binding, draft, found)) {
    if (binding_before == none) end_binding(found.binding, passage.second);
    return drop(*reason, is_of_all(*reason) ? address_unreachable6 : prohibited6);
  }
  if (is_tcp) {
    const Binding& binding = bindings[found.binding];
    const SynTuple crossing{draft.remote, binding.address, draft.remote_port, binding.outside_port};
    if (stored_syns.forget(crossing)) count_drop(DropReason::syn_crossed);
  }
  return std::nullopt;
}

// Sources that no packet may have (RFC 4291 2.4, 2.5.2, 2.7), and those that would loop (RFC 6146 3.5).
Step Translator::State::check_sender(const std::uint8_t* source) const {
  static constexpr std::uint8_t zeros[15] = {};
  const bool is_unspecified_or_loopback = std::memcmp(source, zeros, sizeof zeros) == 0 && source[15] <= 1;
  const bool is_link_local = source[0] == 0xfe && (source[1] & 0xc0) == 0x80;
  if (source[0] == 0xff || is_unspecified_or_loopback || is_link_local) return drop(DropReason::illegal_source);
  ip::Ipv4Octets inside{};
  return extract(source, inside) ? drop(DropReason::loop) : std::nullopt;
}

// ... and hosts that are not served.
Step Translator::State::check_source(const std::uint8_t* source) const {
  if (const Step refusal = check_sender(source)) return refusal;
  if (clients.empty()) return std::nullopt;
  ip::Ipv6Octets octets;
  std::memcpy(octets.data(), source, octets.size());
  return clients.allows(ip::Address(octets), false) ? std::nullopt : drop(DropReason::not_allowed, prohibited6);
}

Step Translator::State::check_destination(const Passage& passage, const std::uint8_t* source,
                                          const Incoming6& incoming) const {
  const ip::Ipv4Octets& remote = incoming.remote;
  const bool is_denied = !denied.empty() && denied.allows(ip::Address(remote), false) && !is_ours(number_of(remote));
  if (!is_host(remote.data()) || is_denied || !fits_prefix(prefixes[incoming.prefix], remote)) {
    return drop(DropReason::denied_destination, prohibited6);
  }
  if (options->only_resolved && !was_resolved(passage, source, remote)) {
    return drop(DropReason::not_resolved, prohibited6);
  }
  return std::nullopt;
}

// RFC 6052 3.1; what hairpins is never seen outside.
bool Translator::State::fits_prefix(const ip::Pref64& prefix, const ip::Ipv4Octets& remote) const {
  return !prefix.is_well_known() || ip::well_known_prefix_may_hold(remote, options->well_known_prefix) ||
         is_ours(number_of(remote));
}

// A DNS64 of this process answered this client with the address, or it is one of ours (hairpin).
bool Translator::State::was_resolved(const Passage& passage, const std::uint8_t* source,
                                     const ip::Ipv4Octets& remote) const {
  return is_ours(number_of(remote)) || (resolved != nullptr && resolved->was_resolved(source, remote, passage.now));
}

}  // namespace dragoman::nat64
