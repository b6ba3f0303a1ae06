// How sessions, bindings and hosts begin and end (RFC 6146 3.5, 4), and what a subscriber may have of them (RFC 6888
// REQ-4, REQ-5, REQ-11: nothing that exists is harmed when there is no more).
#include <algorithm>

#include "ipv4_number.h"
#include "translator_state.h"

namespace dragoman::nat64 {
namespace {

constexpr IcmpError prohibited6{1, 1, 0};           // policy: a limit of the subscriber
constexpr IcmpError address_unreachable6{1, 3, 0};  // no resources, RFC 6146 3.5.1.1

std::size_t row_of(Protocol protocol) { return static_cast<std::size_t>(protocol); }

}  // namespace

seconds Translator::State::lifetime(Protocol protocol) const {
  return protocol == Protocol::udp ? options->timeouts.udp : options->timeouts.icmp;
}

// The second that is under way does not count, so nothing ends early.
void Translator::State::refresh(Index session, seconds lifetime, Second second) {
  sessions.set_deadline(session, second + static_cast<Second>(lifetime.count()) + 1);
}

Step Translator::State::begin_binding(const Passage& passage, const std::uint8_t* source, const Incoming6& incoming,
                                      Index& made) {
  const Index subscriber_index = subscribers.find_or_add_subscriber(source);
  Subscriber& subscriber = subscribers.records()[subscriber_index];
  const std::uint32_t most = options->subscriber.ports;
  if (most != 0 && subscriber.bindings[row_of(incoming.protocol)] >= most) {
    note_exhausted(BindingEvent::Kind::quota_exceeded, subscriber, passage);
    return drop(DropReason::subscriber_ports, prohibited6);
  }
  Index index = subscribers.find_host(source);
  if (index == none) index = subscribers.add_host(source, subscriber_index);
  Host& host = subscribers.host(index);
  const PortRequest request{incoming.protocol, incoming.inside_port, options->parity, passage.second};
  const auto port = blocks.take(subscriber, subscriber_index, host, request);
  note_blocks(subscriber, passage.output);
  if (!port) {
    note_exhausted(BindingEvent::Kind::pool_exhausted, subscriber, passage);
    end_host_if_idle(index);
    return drop(DropReason::no_port, address_unreachable6);
  }
  if (host.bindings != 0 && host.address4 != port->address) metrics.paired_elsewhere.add();
  host.address4 = port->address;
  ++host.bindings;
  made = bindings.add(index, incoming.inside_port, incoming.protocol);
  Binding& binding = bindings[made];
  binding.address = port->address;
  binding.outside_port = port->port;
  binding.is_of_block = true;
  blocks.set(*port, incoming.protocol, made);
  ++subscriber.bindings[row_of(incoming.protocol)];
  metrics.bindings(incoming.protocol).add(1);
  metrics.subscribers.set(static_cast<std::int64_t>(subscribers.records().count()));
  return std::nullopt;
}

std::optional<DropReason> Translator::State::check_limits(const Passage& passage, Subscriber& subscriber) {
  const SubscriberLimits& limits = options->subscriber;
  if (limits.sessions != 0 && subscriber.sessions >= limits.sessions) {
    note_exhausted(BindingEvent::Kind::quota_exceeded, subscriber, passage);
    return DropReason::subscriber_sessions;
  }
  if (subscriber.rate_second != passage.second) {
    subscriber.rate_second = passage.second;
    subscriber.rate_count = 0;
  }
  if (limits.new_sessions_per_second != 0 && subscriber.rate_count >= limits.new_sessions_per_second) {
    note_exhausted(BindingEvent::Kind::quota_exceeded, subscriber, passage);
    return DropReason::subscriber_rate;
  }
  if (!has_leave()) return DropReason::session_table_full;
  return std::nullopt;
}

bool Translator::State::has_leave() {
  if (session_leave == 0) session_leave = budget.take();
  return session_leave != 0;
}

// `draft` has what the caller knows: with whom, state, prefix.
std::optional<DropReason> Translator::State::begin_session(const Passage& passage, Index binding_index,
                                                           const Session& draft, Found& found) {
  Binding& binding = bindings[binding_index];
  Subscriber& subscriber = subscribers.of(binding.host);
  if (const auto reason = check_limits(passage, subscriber)) return reason;
  const bool is_tcp = binding.protocol == Protocol::tcp;
  const seconds life = is_tcp ? options->timeouts.tcp_transitory : lifetime(binding.protocol);
  const Second deadline = passage.second + static_cast<Second>(life.count()) + 1;
  found.session = sessions.add(binding_index, draft.remote, draft.remote_port, deadline);
  Session& session = sessions[found.session];
  session.state = draft.state;
  session.prefix = draft.prefix;
  if (counts_names) session.name = names.begin(subscribers.host(binding.host).address.data(), octets_of(draft.remote));
  if (options->filtering == Filtering::address_dependent) sessions.permit(found.session);
  --session_leave;
  ++subscriber.rate_count;
  ++subscriber.sessions;
  ++binding.sessions;
  metrics.sessions(binding.protocol).add(1);
  metrics.sessions_created(binding.protocol).add();
  if (options->log_sessions) note_session(BindingEvent::Kind::session_created, session, passage.output);
  return std::nullopt;
}

void Translator::State::end_session(Index index, Second second, Output& output) {
  const Session session = sessions[index];
  Binding& binding = bindings[session.binding];
  if (options->log_sessions) note_session(BindingEvent::Kind::session_deleted, session, output);
  sessions.remove(index);
  const std::int64_t portion = budget.portion();
  if (++session_leave > 2 * portion) {
    budget.give_back(session_leave - portion);
    session_leave = portion;
  }
  --subscribers.of(binding.host).sessions;
  metrics.sessions(binding.protocol).add(-1);
  if (--binding.sessions == 0 && !binding.is_static) end_binding(session.binding, second);
}

void Translator::State::end_binding(Index index, Second second) {
  retire_binding(index, second);
  const Index host = bindings[index].host;
  bindings.forget(index);
  --subscribers.host(host).bindings;
  end_host_if_idle(host);
}

// (X', x) and (T, t) are free. Sessions that it may still have are ended by and by: end_retired().
void Translator::State::retire_binding(Index index, Second second) {
  Binding& binding = bindings[index];
  if (binding.is_retired) return;
  binding.is_retired = true;
  binding.is_static = false;
  bindings.hide(index);
  metrics.bindings(binding.protocol).add(-1);
  if (!binding.is_of_block) return statics.remove(binding.address, binding.outside_port, binding.protocol);
  const auto address = pool.index_of(octets_of(binding.address));
  blocks.give_back(*address, binding.outside_port, binding.protocol, second);
  --subscribers.of(binding.host).bindings[row_of(binding.protocol)];
}

void Translator::State::end_host_if_idle(Index host) {
  if (subscribers.host(host).bindings != 0) return;
  const Index subscriber = subscribers.host(host).subscriber;
  subscribers.remove_host(host);
  subscribers.remove_subscriber_if_idle(subscriber);
  metrics.subscribers.set(static_cast<std::int64_t>(subscribers.records().count()));
}

// RFC 6146 3.5.2.2: an established connection that was silent for TCP_EST is asked whether it lives; if it answers
// within TCP_TRANS it goes on.
void Translator::State::on_deadline(Index index, Second second, Output& output) {
  Session& session = sessions[index];
  if (session.state != SessionState::established || bindings[session.binding].is_retired) {
    return end_session(index, second, output);
  }
  session.state = SessionState::trans;
  session.deadline = second + static_cast<Second>(options->timeouts.tcp_transitory.count()) + 1;
  sessions.file_again(index);
  send_probe(session, output);
}

void Translator::State::note_blocks(const Subscriber& subscriber, Output& output) {
  for (const BlockNumber block : blocks.taken())
    note_block(BindingEvent::Kind::block_allocated, block, subscriber, output);
  blocks.taken().clear();
}

void Translator::State::note_block(BindingEvent::Kind kind, BlockNumber block, const Subscriber& subscriber,
                                   Output& output) const {
  BindingEvent event;
  event.kind = kind;
  event.subscriber = subscriber.prefix;
  event.subscriber_length = subscribers.prefix_length();
  event.address = pool.address_of(block);
  event.first_port = pool.first_port(block);
  event.last_port = static_cast<std::uint16_t>(event.first_port + pool.block_size() - 1);
  output.note(event);
}

void Translator::State::note_session(BindingEvent::Kind kind, const Session& session, Output& output) const {
  const Binding& binding = bindings[session.binding];
  BindingEvent event;
  event.kind = kind;
  event.protocol = binding.protocol;
  event.subscriber = subscribers.host(binding.host).address;
  event.subscriber_length = 128;
  event.inside_port = binding.inside_port;
  event.address = octets_of(binding.address);
  event.first_port = event.last_port = binding.outside_port;
  if (options->log_destinations) {
    event.remote = octets_of(session.remote);
    event.remote_port = session.remote_port;
  }
  output.note(event);
}

// Once a second of each kind: who is out of ports asks for each packet.
void Translator::State::note_exhausted(BindingEvent::Kind kind, const Subscriber& subscriber, const Passage& passage) {
  Second& noted = kind == BindingEvent::Kind::pool_exhausted ? noted_pool : noted_quota;
  if (noted == passage.second + 1) return;
  noted = passage.second + 1;
  BindingEvent event;
  event.kind = kind;
  event.subscriber = subscriber.prefix;
  event.subscriber_length = subscribers.prefix_length();
  passage.output.note(event);
}

}  // namespace dragoman::nat64
