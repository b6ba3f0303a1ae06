// The life of a query. handle() is the table of contents: each line is one step and may end the query with a reason.
// Everything here answers at once and allocates nothing; look_up() starts the coroutine in lookup.cpp.
#include "pipeline.h"

#include "chain.h"
#include "dragoman/dns64/reverse.h"

namespace dragoman::resolve {

HandleResult Resolver::State::handle(const Query& query, ReplyTarget& target, std::uint64_t ticket,
                                     MutableBytes reply) {
  Inquiry inquiry;
  inquiry.received = loop.now();
  std::optional<DropReason> dropped;
  std::optional<dns::Name> reverse;

  auto refusal = read_query(query, *settings, inquiry, dropped);  // RFC 1035 4.1, RFC 6891, RFC 7873
  if (dropped) return drop(*dropped);
  count(inquiry);
  if (auto denied = admit(inquiry, *settings)) refusal = denied;  // who may ask
  if (inquiry.trace != nullptr) tell_admission(inquiry, refusal ? &*refusal : nullptr);
  if (settings->rate_limits && inquiry.trace == nullptr) {  // does it ask too much?
    if (auto excess = limit_rate(inquiry, reply)) return *excess;
  }
  if (refusal) return refuse(inquiry, *refusal, reply);
  if (inquiry.is_cookie_alone) return answer_cookie_alone(inquiry, reply);  // RFC 7873 5.4
  choose_policy(query.entrance, inquiry);                                   // DNS64 for this client?
  const auto packet = packet_key(query.message, inquiry);
  if (auto done = answer_again(packet, inquiry, reply)) return *done;          // said within this second
  if (auto done = answer_built_in(inquiry, reply)) return *done;               // RFC 8880, RFC 8482
  if (auto done = answer_reverse_zone(inquiry, reverse, reply)) return *done;  // RFC 6147 5.3.1
  if (!reverse) {
    if (auto done = answer_known(packet, inquiry, reply)) return *done;  // local data, cache, synthesis (5.1)
  }
  return look_up(inquiry, std::move(reverse), target, ticket, reply);  // ask, wait, answer later
}

HandleResult Resolver::State::drop(DropReason reason) {
  metrics.dropped(reason).add();
  return {};
}

void Resolver::State::count(const Inquiry& inquiry) {
  const Family family = inquiry.client.address.is_v6() ? Family::v6 : Family::v4;
  const QueryType type = inquiry.has_question ? query_type(inquiry.question.type) : QueryType::other;
  metrics.requests(inquiry.client.protocol, family, type).add();
  if (inquiry.dnssec_ok) metrics.dnssec_ok.add();
  if (inquiry.cookie) metrics.cookies(*inquiry.cookie).add();
}

HandleResult Resolver::State::refuse(const Inquiry& inquiry, const Refusal& refusal, MutableBytes reply) {
  metrics.refused(refusal.reason).add();
  ReplyWriter writer(inquiry, *settings, metrics, reply);
  return writer.finish({refusal.rcode, false, refusal.ede, {}}, Source::local, clock_for_hit());
}

void Resolver::State::choose_policy(const Entrance& entrance, Inquiry& inquiry) {
  const auto& [listener, path, tls_name] = entrance;
  inquiry.policy = dns64::policy_for(settings->dns64.policies, {inquiry.client.address, listener, path, tls_name});
  if (settings->is_without_dns64(inquiry.question.name)) inquiry.policy = nullptr;  // the route says so
  inquiry.synthesize = is_eligible(inquiry);
  if (inquiry.trace != nullptr) tell_policy(inquiry, *settings);
}

bool Resolver::State::is_eligible(const Inquiry& inquiry) {
  using dns64::Eligibility;
  const Eligibility eligibility =
      dns64::eligibility(inquiry.policy, inquiry.question, inquiry.dnssec_ok, inquiry.checking_disabled());
  if (eligibility == Eligibility::eligible) return true;
  if (eligibility == Eligibility::other_question || inquiry.policy == nullptr) return false;
  if (eligibility == Eligibility::checking_disabled) metrics.dns64(Dns64Result::dnssec_bypass).add();
  if (eligibility == Eligibility::excluded_name) metrics.dns64(Dns64Result::excluded_name).add();
  if (eligibility == Eligibility::no_prefix) metrics.dns64(Dns64Result::no_prefix).add();
  return false;
}

std::optional<HandleResult> Resolver::State::answer_built_in(const Inquiry& inquiry, MutableBytes reply) {
  const dns::Question& question = inquiry.question;
  if (question.type == dns::Type::any) {
    if (inquiry.trace != nullptr) tell_built_in(inquiry);
    // RFC 8482 4.2: an answer that is true, small, and ends the matter.
    static constexpr std::uint8_t rfc8482_hinfo[] = {7, 'R', 'F', 'C', '8', '4', '8', '2', 0};
    ReplyWriter writer(inquiry, *settings, metrics, reply);
    writer.records().record(dns::Section::answer, question.name, dns::Type::hinfo, 3600, rfc8482_hinfo);
    return writer.finish({}, Source::local, clock_for_hit());
  }
  if (!dns64::is_local_name(question.name, question.type, inquiry.policy)) return {};
  if (inquiry.trace != nullptr) tell_built_in(inquiry);
  ReplyWriter writer(inquiry, *settings, metrics, reply);
  const auto local = dns64::write_local(inquiry.policy, question, settings->dns64.local_ttl, writer.records());
  return writer.finish({local.rcode, false, {}, {}}, Source::local, clock_for_hit());
}

// The zones of the prefixes: nothing of them goes to an upstream, but the names that PTR questions are mapped to. Local
// data puts names into them. `target` is set when a lookup is needed.
std::optional<HandleResult> Resolver::State::answer_reverse_zone(const Inquiry& inquiry,
                                                                 std::optional<dns::Name>& target, MutableBytes reply) {
  if (inquiry.policy == nullptr) return {};
  const dns::Question& question = inquiry.question;
  const dns64::ReverseName reverse = dns64::find_reverse_name(*inquiry.policy, question.name);
  if (!dns64::is_in_reverse_zone(*inquiry.policy, reverse, question.type)) return {};
  if (settings->local.has(question.name)) return {};
  const bool is_address = reverse.place == dns64::ReverseName::Place::address;
  if (is_address && question.type == dns::Type::ptr && inquiry.policy->ptr == dns64::PtrMode::cname) {
    target = dns64::in_addr_name(reverse.address);
    return {};
  }
  if (inquiry.trace != nullptr) tell_reverse_zone(inquiry, reverse.zone);
  ReplyWriter writer(inquiry, *settings, metrics, reply);
  const dns::Rcode rcode =
      dns64::write_reverse(*inquiry.policy, reverse, question, settings->dns64.local_ttl, writer.records());
  return writer.finish({rcode, false, {}, {}}, Source::local, clock_for_hit());
}

std::optional<HandleResult> Resolver::State::answer_known(const std::optional<PacketCache::Key>& packet,
                                                          const Inquiry& inquiry, MutableBytes reply) {
  AaaaFindings found;
  Known& native = found.aaaa;
  if (!find_known(inquiry, inquiry.question.type, native_room, native)) return {};
  if (!inquiry.synthesize) return answer_known_other(packet, inquiry, native, reply);
  found.verdict = dns64::judge_aaaa(*inquiry.policy, inquiry.question.name, native.answer);
  const bool needs_a = dns64::needs_a(*inquiry.policy, found.verdict);
  if (needs_a && !find_known(inquiry, dns::Type::a, a_room, found.a)) return {};
  return answer_known_aaaa(packet, inquiry, found, reply);
}

HandleResult Resolver::State::answer_known_other(const std::optional<PacketCache::Key>& packet, const Inquiry& inquiry,
                                                 const Known& known, MutableBytes reply) {
  count_hit(known);
  ReplyWriter writer(inquiry, *settings, metrics, reply);
  ReplyContent content = compose_other(inquiry, *settings, known, writer.records());
  const auto led = note_plain(inquiry, *settings, known.answer);
  mark_stale(known, content, metrics);
  const HandleResult result = writer.finish(content, known.source, clock_for_hit());
  if (led && known.lasts()) {
    const PacketFacts facts{known.kind(), {}, reply_code(content.rcode), result.facts, *led, {}};
    keep_packet(packet, inquiry, Bytes(reply).first(result.length), facts);
  }
  return result;
}

HandleResult Resolver::State::answer_known_aaaa(const std::optional<PacketCache::Key>& packet, const Inquiry& inquiry,
                                                const AaaaFindings& found, MutableBytes reply) {
  const auto& [verdict, native, a] = found;
  const bool needs_a = dns64::needs_a(*inquiry.policy, verdict);
  const bool is_stale = native.stale || (needs_a && a.stale);
  const CacheHit hit = !needs_a ? native.kind() : is_stale ? CacheHit::stale : CacheHit::dns64;
  if (native.source == Source::cache) metrics.cache_hits(hit).add();
  if (inquiry.trace != nullptr) tell_aaaa(inquiry, settings->dns64, found);
  ReplyWriter writer(inquiry, *settings, metrics, reply);
  ReplyContent content = compose_aaaa(inquiry, *settings, found, writer.records());
  const auto led = note_addresses(inquiry, *settings, found, content, packet ? packets.find(*packet) : nullptr);
  mark_stale(inquiry, found, content, metrics);
  const HandleResult result = writer.finish(content, native.source, clock_for_hit());
  if (led && native.lasts() && (!needs_a || a.lasts())) {
    PacketFacts facts{hit, content.dns64, reply_code(content.rcode), result.facts, *led, {}};
    if (content.dns64 == Dns64Result::synthesized) facts.counts_for = ipv4_only->place_of(number_of(*inquiry.policy));
    keep_packet(packet, inquiry, Bytes(reply).first(result.length), facts);
  }
  return result;
}

HandleResult Resolver::State::look_up(const Inquiry& inquiry, std::optional<dns::Name> reverse, ReplyTarget& target,
                                      std::uint64_t ticket, MutableBytes reply) {
  if (misses.size() >= settings->max_in_flight) {
    return refuse(inquiry, {RefusalReason::overload, dns::Rcode::servfail, dns::Ede::not_ready}, reply);
  }
  metrics.cache_misses.add();
  HandleResult result{Handled::pending, 0, {}};
  auto miss = std::make_shared<Miss>(inquiry, settings, target, ticket);
  miss->reverse_target = std::move(reverse);
  miss->immediate = &result;
  miss->immediate_room = reply;
  miss->place = misses.insert(misses.end(), miss);
  miss->task = run(*miss);
  miss->task.start();
  miss->immediate = nullptr;
  return result;
}

bool Resolver::State::find_known(const Inquiry& inquiry, dns::Type type, MutableBytes room, Known& known) {
  const dns::Question question{inquiry.question.name, type, dns::Class::in};
  const bool is_local = find_local(*settings, question, room, known);
  const cache::Key key{question.name, type, inquiry.dnssec_ok, inquiry.checking_disabled()};
  // Once per query, for what the client asked: that the name does not exist would have been found then. (For the sake
  // of broken servers a policy may want A after NXDOMAIN for AAAA, which must not answer it.)
  const bool is_known = is_local || find_cached(key, room, known) ||
                        (type == inquiry.question.type && find_denied(key, room, known)) ||
                        find_proven(*settings, question, key, room, known);
  if (inquiry.trace != nullptr) tell_known(*inquiry.trace, question, is_known ? &known : nullptr);
  // A local CNAME that leads elsewhere needs a lookup.
  return is_local ? !dangling_target(question, known.answer) : is_known;
}

bool Resolver::State::find_cached(const cache::Key& key, MutableBytes room, Known& known) {
  const auto hit = cache.find(key, cache::KeyHash(key), loop.now(), room);
  if (!hit) return false;
  known.answer = {hit->head, room.first(hit->length), static_cast<std::uint16_t>(key.name.length() + 4)};
  known.source = Source::cache;
  known.is_failure = hit->is_failure;
  known.left_s = hit->remaining_s;
  if (hit->is_failure) known.ede = dns::Ede::cached_error;
  if (hit->is_stale) known.stale = StaleReason::retry;
  if (hit->is_due) flights.prefetch({key.name, key.type, key.dnssec_ok, key.checking_disabled});
  return true;
}

// RFC 2308 5, RFC 8020 2: what is known of the name, whatever it was asked for, and of the names above it. Not above
// the zone of a route: there others were asked, to whom the zone may well not exist.
// Nor for who disables checking where we check: nobody has checked that denial.
bool Resolver::State::find_denied(const cache::Key& key, MutableBytes room, Known& known) {
  if (settings->validates() && key.checking_disabled) return false;
  const auto denial = cache.find_denial(key, loop.now(), room, settings->routed.longest(key.name));
  if (!denial) return false;
  known.answer = *denial;
  known.source = Source::cache;
  known.is_failure = false;
  known.is_cut = true;
  return true;
}

bool Resolver::State::find_proven(const Settings& in_force, const dns::Question& question, const cache::Key& key,
                                  MutableBytes room, Known& known) {
  if (!in_force.validates() || key.checking_disabled) return false;
  dns::MessageWriter writer(room);
  writer.question(question.name, question.type, question.klass);
  const auto rcode = flights.validator().find_proven(question, key.dnssec_ok, in_force, writer);
  if (!rcode) return false;
  known.answer = dns::written_answer(writer, {*rcode, true});
  known.source = Source::cache;
  known.is_failure = false;
  known.is_proven = true;
  return true;
}

bool Resolver::State::find_stale(const cache::Key& key, StaleReason reason, MutableBytes room, Known& known) {
  const auto hit = cache.find_stale(key, cache::KeyHash(key), loop.now(), room);
  if (!hit) return false;
  known.answer = {hit->head, room.first(hit->length), static_cast<std::uint16_t>(key.name.length() + 4)};
  known.source = Source::cache;
  if (hit->is_stale) known.stale = reason;  // it may have been replaced by now
  return true;
}

bool Resolver::State::find_local(const Settings& in_force, const dns::Question& question, MutableBytes room,
                                 Known& known) {
  const bool may_be_special = in_force.special.may_hold(question.name);
  if (!may_be_special && !in_force.local.may_hold(question.name)) return false;  // nearly always
  dns::MessageWriter writer(room);
  writer.question(question.name, question.type, question.klass);
  dns::Rcode rcode{};
  if (!in_force.local.answer(question, writer, rcode)) {
    if (!may_be_special || in_force.routed.hold(question.name)) return false;
    if (!in_force.special.answer(question, in_force.local.has_below(question.name), writer, rcode)) return false;
    metrics.special_names.add();
  }
  known.answer = dns::written_answer(writer, {rcode, false, true});
  known.source = Source::local;
  known.is_failure = false;
  return true;
}

void Resolver::State::count_hit(const Known& known) {
  if (known.source != Source::cache) return;
  metrics.cache_hits(known.kind()).add();
}

// That a name has AAAA records is news only when an upstream says so. Policies go by their numbers, which are those of
// the settings in force: what began under former ones is not counted.
std::optional<LedThroughNat64> Resolver::State::note_addresses(const Inquiry& inquiry, const Settings& in_force,
                                                               const AaaaFindings& findings,
                                                               const ReplyContent& content, Packet* former) {
  if (ipv4_only == nullptr) return {};
  using dns64::AaaaVerdict;
  const bool has_aaaa = findings.verdict == AaaaVerdict::native || findings.verdict == AaaaVerdict::filtered;
  const bool is_synthetic = content.ede == dns::Ede::synthesized;
  nat64::DomainId domain = nat64::no_domain;
  if (&in_force == settings.get()) {
    if (!has_aaaa && is_synthetic) {
      domain = count_synthetic(inquiry, former);
    } else if (has_aaaa && findings.aaaa.source == Source::upstream) {
      ipv4_only->got_aaaa(inquiry.question.name, std::time(nullptr));
    }
  }
  if (!is_synthetic || !in_force.resolved) return LedThroughNat64();
  return remember(*in_force.resolved, inquiry, findings.a.answer, domain, metrics);
}

// A packet counts by itself, and knows the domain. Returns the number of that, if the NAT64 gives it one.
nat64::DomainId Resolver::State::count_synthetic(const Inquiry& inquiry, Packet* former) {
  nat64::DomainNames* const names = settings->resolved ? &settings->resolved->names() : nullptr;
  if (former != nullptr && former->facts.counts_for) {
    const nat64::DomainId domain = former->facts.led.domain;
    if (names == nullptr || names->use(domain, inquiry.received)) {
      ++former->repeated;
      ipv4_only->has_no_aaaa(inquiry.question.name);
      return domain;
    }
  }
  const Ipv4OnlyNames::Domain counted = ipv4_only->synthesized(inquiry.question.name, number_of(*inquiry.policy));
  return names == nullptr ? nat64::no_domain : id_of(counted, *names, inquiry.received);
}

std::optional<LedThroughNat64> Resolver::State::note_plain(const Inquiry& inquiry, const Settings& in_force,
                                                           const dns::AnswerView& answer) {
  const bool may_lead_through_nat64 = inquiry.question.type == dns::Type::a && inquiry.policy != nullptr;
  if (!in_force.resolved || !may_lead_through_nat64 || ipv4_only == nullptr) return LedThroughNat64();
  return remember(*in_force.resolved, inquiry, answer, nat64::no_domain, metrics);
}

// Of the settings in force.
std::size_t Resolver::State::number_of(const dns64::Policy& policy) const {
  return static_cast<std::size_t>(&policy - settings->dns64.policies.data());
}

void Resolver::State::name_policies() {
  std::vector<std::string> names;
  for (const dns64::Policy& policy : settings->dns64.policies) names.push_back(policy.name);
  ipv4_only->set_policies(names);
}

// Reading the clock costs as much as finding the answer: hits of one turn share a reading, renewed every 16.
TimePoint Resolver::State::clock_for_hit() {
  if (hits++ % 16 == 0 || hit_clock < loop.now()) hit_clock = std::max(Clock::now(), loop.now());
  return hit_clock;
}

Resolver::State::State(net::EventLoop& event_loop, cache::AnswerCache& answer_cache, upstream::Upstream& upstream,
                       std::shared_ptr<const Settings> in_force, Metrics& counters)
    : loop(event_loop),
      cache(answer_cache),
      metrics(counters),
      settings(std::move(in_force)),
      native_room(dns::max_message_length),
      a_room(dns::max_message_length),
      late_room(dns::max_message_length),
      own_flights(std::make_unique<Flights>(event_loop, answer_cache, upstream, counters)),
      flights(*own_flights),
      retired(event_loop),
      ipv4_only(std::make_unique<Ipv4OnlyNames>()),
      packets(cache.options().packets, [this](const Packet& packet) { count_repeated(packet); }) {
  flights.obey(settings);
  name_policies();
}

Resolver::State::State(State& served, Metrics& counters)
    : loop(served.loop),
      cache(served.cache),
      metrics(counters),
      settings(served.settings),
      native_room(dns::max_message_length),
      a_room(dns::max_message_length),
      late_room(dns::max_message_length),
      flights(served.flights),
      retired(served.loop),
      packets(0, {}) {}

Resolver::Resolver(net::EventLoop& loop, cache::AnswerCache& cache, upstream::Upstream& upstream,
                   std::shared_ptr<const Settings> settings, Metrics& metrics)
    : state_(std::make_unique<State>(loop, cache, upstream, std::move(settings), metrics)) {}

Resolver::~Resolver() = default;

HandleResult Resolver::handle(const Query& query, ReplyTarget& target, std::uint64_t ticket, MutableBytes reply) {
  return state_->handle(query, target, ticket, reply);
}

HandleResult Resolver::explain(const Query& query, ReplyTarget& target, std::uint64_t ticket, MutableBytes reply) {
  auto& explaining = state_->explaining;
  if (!explaining) explaining = std::make_unique<State::Explaining>(*state_);
  explaining->state.settings = state_->settings;
  return explaining->state.handle(query, target, ticket, reply);
}

void Resolver::apply(std::shared_ptr<const Settings> settings) {
  const Settings& former = *state_->settings;
  const bool filters_anew = settings->rebinding != former.rebinding;
  const bool judges_anew = settings->judges_otherwise_than(former);
  state_->packets.forget_all();
  state_->settings = settings;
  state_->flights.obey(std::move(settings));
  state_->name_policies();
  if (judges_anew) state_->flights.validator().forget();
  // What another filter let pass must not come out of the cache. The last worker to hear of it clears it last.
  if (filters_anew || judges_anew) state_->cache.clear();
}

Ipv4OnlyReport Resolver::ipv4_only() const {
  state_->packets.tell_all();
  return state_->ipv4_only->report();
}

std::size_t Resolver::in_flight() const {
  return state_->misses.size() + (state_->explaining ? state_->explaining->state.misses.size() : 0);
}

}  // namespace dragoman::resolve
