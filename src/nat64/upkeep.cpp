// What a translator does beside packets: the passing of time, a reload, and what people ask.
#include <algorithm>

#include "ipv4_number.h"
#include "translator_state.h"

namespace dragoman::nat64 {
namespace {

// Work of one expire() call: some 50 us.
constexpr std::size_t sessions_a_call = 256;
constexpr int blocks_a_call = 16;
constexpr int syns_a_call = 64;
constexpr int retired_a_call = 1024;

constexpr std::size_t most_prefixes = 256;  // Session::prefix

bool is_in(const std::vector<StaticBinding>& bindings, const StaticBinding& binding) {
  return std::find(bindings.begin(), bindings.end(), binding) != bindings.end();
}

}  // namespace

Translator::State::State(Place place_, std::shared_ptr<const Options> options_, const Shared& shared,
                         std::uint64_t secret, TimePoint start_)
    : place(place_),
      pool(shared.pool),
      budget(shared.budget),
      resolved(shared.resolved),
      counts_names(shared.counts_names),
      start(start_),
      subscribers(options_->subscriber_prefix, secret),
      blocks(shared.pool, place_.worker, secret),
      bindings(secret),
      sessions(secret),
      stored_syns(secret),
      fragments(options_->fragment_memory, options_->timeouts.fragment, secret),
      names(shared.resolved),
      identification(static_cast<std::uint16_t>(secret >> 13)),
      chance(secret ^ 0x6368616e6365ULL) {
  take_options(std::move(options_));
  for (const StaticBinding& binding : options->static_bindings) add_static(binding, 0);
}

void Translator::State::take_options(std::shared_ptr<const Options> fresh) {
  options = std::move(fresh);
  clients = {};
  for (const ip::Prefix& prefix : options->clients) clients.add(prefix, true);
  denied = {};
  for (const ip::Prefix& prefix : options->denied_destinations) denied.add(prefix, true);
  prefixes_in_force.clear();
  for (const ip::Pref64& prefix : options->prefixes) prefixes_in_force.push_back(number_prefix(prefix));
  fragments.set_limits(options->fragment_memory, options->timeouts.fragment);
}

// The one that it had, or a new one. When all are used up, that of a prefix that is in force no more: the sessions that
// it may still have could only go on from IPv4.
std::uint8_t Translator::State::number_prefix(const ip::Pref64& prefix) {
  auto found = std::find(prefixes.begin(), prefixes.end(), prefix);
  if (found == prefixes.end() && prefixes.size() < most_prefixes) found = prefixes.insert(found, prefix);
  if (found == prefixes.end()) {
    found = std::find_if(prefixes.begin(), prefixes.end(), [&](const ip::Pref64& known) {
      return std::find(options->prefixes.begin(), options->prefixes.end(), known) == options->prefixes.end();
    });
    if (found == prefixes.end()) found = prefixes.begin();  // more are configured than anybody needs
    *found = prefix;
  }
  return static_cast<std::uint8_t>(found - prefixes.begin());
}

bool Translator::expire(TimePoint now, Output& output) {
  State& state = *state_;
  const Second second = state.second_of(now);
  bool more =
      state.sessions.tick(second, sessions_a_call, [&](Index session) { state.on_deadline(session, second, output); });
  for (int i = 0; i < syns_a_call; ++i) {
    const auto syn = state.stored_syns.take_expired(second);
    if (!syn) break;
    state.tell_syn_unanswered(*syn, now, output);
    more = more || i + 1 == syns_a_call;
  }
  state.fragments.expire(now, [&](DropReason reason, const Packet&) { state.count_drop(reason); });
  more = more || state.fragments.next_expiry() <= now;
  more = state.end_retired(second, output) || more;
  return state.release_blocks(second, output) || more;
}

// Blocks that have been empty for as long as RFC 6888 REQ-8 wants.
bool Translator::State::release_blocks(Second second, Output& output) {
  const auto hold = static_cast<Second>(options->timeouts.port_hold.count());
  if (second < hold) return false;
  for (int i = 0; i < blocks_a_call; ++i) {
    const auto released = blocks.release_one(second - hold, subscribers.records());
    if (!released) return false;
    note_block(BindingEvent::Kind::block_released, released->block, subscribers.records()[released->subscriber],
               output);
    subscribers.remove_subscriber_if_idle(released->subscriber);
    metrics.subscribers.set(static_cast<std::int64_t>(subscribers.records().count()));
  }
  return true;
}

void Translator::apply(std::shared_ptr<const Options> options, TimePoint now, Output&) {
  State& state = *state_;
  const Second second = state.second_of(now);
  const std::vector<StaticBinding> before = state.options->static_bindings;
  state.take_options(std::move(options));
  state.blocks.reopen();
  const std::vector<StaticBinding>& wanted = state.options->static_bindings;
  for (const StaticBinding& binding : before) {
    if (!is_in(wanted, binding)) state.remove_static(binding, second);
  }
  for (const StaticBinding& binding : wanted) {
    if (!is_in(before, binding)) state.add_static(binding, second);
  }
}

// Whatever has its (X', x) or its (T, t) makes room: neither may be twice (RFC 6146 3.1).
void Translator::State::add_static(const StaticBinding& wanted, Second second) {
  const ip::Ipv6Octets inside = wanted.inside.address.v6();
  const std::uint32_t outside = number_of(wanted.outside.address.v4());
  drop_binding(binding_of({.protocol = wanted.protocol, .address = outside, .port = wanted.outside.port}), second);
  StaticBindings::Entry entry{subscriber_worker(inside.data(), subscribers.prefix_length(), place.workers), none};
  if (entry.worker == place.worker) {
    const Index known = subscribers.find_host(inside.data());
    if (known != none) drop_binding(bindings.find(known, wanted.inside.port, wanted.protocol), second);
    Index host = subscribers.find_host(inside.data());
    if (host == none) host = subscribers.add_host(inside.data(), subscribers.find_or_add_subscriber(inside.data()));
    entry.binding = bindings.add(host, wanted.inside.port, wanted.protocol);
    Binding& binding = bindings[entry.binding];
    binding.address = outside;
    binding.outside_port = wanted.outside.port;
    binding.is_static = true;
    if (subscribers.host(host).bindings++ == 0) subscribers.host(host).address4 = outside;
    metrics.bindings(wanted.protocol).add(1);
    metrics.subscribers.set(static_cast<std::int64_t>(subscribers.records().count()));
  }
  statics.set(outside, wanted.outside.port, wanted.protocol, entry);
}

void Translator::State::remove_static(const StaticBinding& gone, Second second) {
  const std::uint32_t outside = number_of(gone.outside.address.v4());
  const auto* entry = statics.find(outside, gone.outside.port, gone.protocol);
  if (entry == nullptr) return;
  if (entry->binding != none) return drop_binding(entry->binding, second);
  statics.remove(outside, gone.outside.port, gone.protocol);
}

// With all its sessions: its port is another's from now on, or would be found by nobody.
void Translator::State::drop_binding(Index binding, Second second) {
  if (binding == none) return;
  if (bindings[binding].sessions == 0) return end_binding(binding, second);
  retire_binding(binding, second);
  last_retired_looked_at = sessions.last();
}

// Sessions of retired bindings, some at a time. True: there are more to look at.
bool Translator::State::end_retired(Second second, Output& output) {
  for (int i = 0; i < retired_a_call && last_retired_looked_at != none; ++i, --last_retired_looked_at) {
    const Session& session = sessions[last_retired_looked_at];
    const bool is_session = session.binding != none && !session.is_permission;
    if (is_session && bindings[session.binding].is_retired) end_session(last_retired_looked_at, second, output);
  }
  return last_retired_looked_at != none;
}

const Metrics& Translator::metrics() const { return state_->metrics; }

SessionInfo Translator::State::info(const Session& session, Second second) const {
  const Binding& binding = bindings[session.binding];
  SessionInfo info;
  info.protocol = binding.protocol;
  info.inside = {ip::Address(subscribers.host(binding.host).address), binding.inside_port};
  info.outside = {ip::Address(octets_of(binding.address)), binding.outside_port};
  info.remote = {ip::Address(octets_of(session.remote)), session.remote_port};
  info.state = session.state;
  info.expires_in = seconds(session.deadline > second ? session.deadline - second : 0);
  return info;
}

std::vector<SessionInfo> Translator::sessions(std::optional<ip::Prefix> hosts, std::size_t limit, TimePoint now) const {
  SessionWalk walk{hosts, limit};
  while (go_on(walk, now)) {
  }
  return walk.found;
}

bool Translator::go_on(SessionWalk& walk, TimePoint now) const {
  constexpr Index step = 2048;
  const State& state = *state_;
  const Index end = std::min(state.sessions.last(), walk.next + step - 1);
  for (; walk.next <= end && walk.found.size() < walk.limit; ++walk.next) {
    const Session& session = state.sessions[walk.next];
    if (session.binding == none || session.is_permission || state.bindings[session.binding].is_retired) continue;
    const SessionInfo info = state.info(session, state.second_of(now));
    if (!walk.hosts || walk.hosts->contains(info.inside.address)) walk.found.push_back(info);
  }
  return walk.next <= state.sessions.last() && walk.found.size() < walk.limit;
}

SubscriberInfo Translator::State::info(const Subscriber& known, std::size_t most_blocks) const {
  SubscriberInfo info;
  info.prefix = {ip::Address(known.prefix), subscribers.prefix_length()};
  std::copy(std::begin(known.bindings), std::end(known.bindings), info.bindings.begin());
  info.sessions = known.sessions;
  info.blocks = blocks.blocks_of(known, most_blocks);
  return info;
}

std::vector<SubscriberInfo> Translator::subscribers(std::optional<ip::Prefix> prefix, std::size_t limit) const {
  const State& state = *state_;
  const Slab<Subscriber>& records = state.subscribers.records();
  std::vector<SubscriberInfo> found;
  for (Index index = 1; index <= records.last() && found.size() < limit; ++index) {
    const Subscriber& known = records[index];
    if (known.hosts == 0 && known.pairings == none) continue;
    if (!prefix || prefix->contains(ip::Address(known.prefix))) found.push_back(state.info(known, limit));
  }
  return found;
}

std::optional<SubscriberInfo> Translator::subscriber(const ip::Ipv6Octets& host, std::size_t most_blocks) const {
  const State& state = *state_;
  const Index index = state.subscribers.find_subscriber(host.data());
  if (index == none) return std::nullopt;
  return state.info(state.subscribers.records()[index], most_blocks);
}

NameTrafficReport Translator::name_traffic() const { return state_->names.report(); }

std::size_t Translator::memory() const {
  const State& state = *state_;
  return state.subscribers.memory() + state.blocks.memory() + state.bindings.memory() + state.sessions.memory() +
         state.fragments.held_octets();
}

}  // namespace dragoman::nat64
