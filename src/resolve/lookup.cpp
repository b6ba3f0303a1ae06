// The life of a query that is not answered at once: one coroutine, read from top to bottom. Identical questions share
// one flight (inflight.cpp); what arrives is in the cache before anybody here sees it.
#include <algorithm>

#include "chain.h"
#include "pipeline.h"

namespace dragoman::resolve {
namespace {

constexpr int max_local_cnames = 8;

upstream::Lookup lookup_of(const Inquiry& inquiry, dns::Type type) {
  return {inquiry.question.name, type, inquiry.dnssec_ok, inquiry.checking_disabled()};
}

// RFC 8914 4.23 and following: why nobody answered.
dns::Ede explanation(upstream::Failure failure) {
  switch (failure) {
    case upstream::Failure::network:
      return dns::Ede::network_error;
    case upstream::Failure::overloaded:
      return dns::Ede::not_ready;
    case upstream::Failure::malformed:
      return dns::Ede::invalid_data;
    default:
      return dns::Ede::no_reachable_authority;
  }
}

Fetched failed(const upstream::Lookup& lookup, dns::Ede ede) {
  Fetched fetched;
  fetched.answer.head.rcode = dns::Rcode::servfail;
  fetched.answer.head.unanswered = true;
  fetched.answer.question_length = static_cast<std::uint16_t>(lookup.name.view().length() + 4);
  fetched.is_failure = true;
  fetched.ede = ede;
  return fetched;
}

Fetched copy_of(const Known& known) {
  Fetched fetched;
  fetched.answer = dns::to_answer(known.answer);
  fetched.source = known.source;
  fetched.is_failure = known.is_failure;
  fetched.ede = known.ede;
  fetched.left_s = known.left_s;
  fetched.stale = known.stale;
  return fetched;
}

bool is_failure(dns::Rcode rcode) { return rcode != dns::Rcode::noerror && rcode != dns::Rcode::nxdomain; }

}  // namespace

Task<void> Resolver::State::run(Miss& miss) {
  if (miss.reverse_target) {
    co_await answer_reverse(miss);
  } else if (miss.inquiry.synthesize) {
    co_await answer_aaaa(miss);
  } else {
    co_await answer_plain(miss);
  }
  const std::shared_ptr<Miss> self = *miss.place;
  misses.erase(miss.place);
  retired.add(self);
}

Pending Resolver::State::begin(const Settings& in_force, const upstream::Lookup& lookup, Trace* trace,
                               bool is_other_name) {
  Pending pending{lookup, {}, {}, trace, loop.now()};
  Known known;
  const dns::Question question = pending.lookup.question();
  const cache::Key key = cache_key(lookup);
  if (find_local(in_force, question, late_room, known) || find_cached(key, late_room, known) ||
      (is_other_name && find_denied(key, late_room, known)) || find_proven(in_force, question, key, late_room, known)) {
    pending.here = copy_of(known);
  } else {
    Known stale;
    pending.has_stale = find_stale(key, StaleReason::slow, late_room, stale);
  }
  if (trace != nullptr) tell_known(*trace, question, pending.here ? &known : nullptr);
  if (!pending.here) pending.flight = flights.join(lookup, trace);
  return pending;
}

// The answer, or a failure when the deadline comes first. That is remembered, so that the next client need not wait as
// long; an answer that comes late replaces it. Where there is a stale answer it serves instead, and nobody waits longer
// for a fresh one than answer_after (RFC 8767 5); the lookup goes on.
Task<Fetched> Resolver::State::arrive(const Settings& in_force, Pending pending, TimePoint deadline) {
  if (pending.here) {
    if (pending.here->source != Source::local) co_return std::move(*pending.here);
    co_return co_await follow_local(in_force, std::move(pending), deadline);
  }
  if (pending.has_stale) deadline = std::min(deadline, pending.begun + cache.options().serve_stale.answer_after);
  const upstream::Outcome* outcome = nullptr;
  if (pending.is_here() || deadline > loop.now()) outcome = co_await Arrival(loop, pending.flight, deadline);
  if (pending.trace != nullptr) tell_arrival(*pending.trace, *pending.flight);
  if (outcome == nullptr) {
    flights.note_slow(*pending.flight);
    co_return without_answer(pending, dns::Ede::no_reachable_authority, StaleReason::slow);
  }
  if (!outcome->answer) co_return without_answer(pending, explanation(outcome->failure), StaleReason::failure);
  // RFC 8767 4: an upstream that fails is no better than none.
  Known stale;
  const bool is_better_stale = pending.has_stale && is_failure(outcome->answer->head.rcode);
  if (is_better_stale && find_stale(cache_key(pending.lookup), StaleReason::failure, late_room, stale)) {
    if (pending.trace != nullptr) tell_known(*pending.trace, pending.lookup.question(), &stale);
    co_return copy_of(stale);
  }
  Fetched fetched;
  fetched.answer = *outcome->answer;
  co_return fetched;
}

// The stale answer, or else a failure.
Fetched Resolver::State::without_answer(const Pending& pending, dns::Ede ede, StaleReason reason) {
  Known stale;
  const bool is_found = pending.has_stale && find_stale(cache_key(pending.lookup), reason, late_room, stale);
  if (is_found && pending.trace != nullptr) tell_known(*pending.trace, pending.lookup.question(), &stale);
  return is_found ? copy_of(stale) : failed(pending.lookup, ede);
}

// Local CNAMEs come without their targets (RFC 1034 3.6.2): find those, wherever they are.
Task<Fetched> Resolver::State::follow_local(const Settings& in_force, Pending local, TimePoint deadline) {
  const upstream::Lookup& lookup = local.lookup;
  Fetched head = std::move(*local.here);
  const dns::Question question = lookup.question();
  for (int hop = 0; hop < max_local_cnames; ++hop) {
    const auto target = dangling_target(question, head.answer.view());
    if (!target) co_return head;
    upstream::Lookup next = lookup;
    next.name = *target;
    Pending pending = begin(in_force, next, local.trace, true);
    Fetched tail;
    if (pending.here) {
      tail = std::move(*pending.here);  // perhaps another local CNAME: the next round sees to it
    } else {
      tail = co_await arrive(in_force, std::move(pending), deadline);
    }
    if (tail.is_failure) co_return tail;
    auto whole = splice(question, head.answer.view(), *target, tail.answer.view());
    if (!whole) break;
    head.answer = std::move(*whole);
    head.source = tail.source;
    if (tail.stale) head.stale = tail.stale;
    // Nothing is there, though no SOA says so (RFC 2308 2.2).
    if (!dangling_target(next.question(), tail.answer.view())) co_return head;
  }
  co_return failed(lookup, dns::Ede::other);
}

Task<void> Resolver::State::answer_plain(Miss& miss) {
  const TimePoint deadline = loop.now() + miss.settings->lookup_deadline;
  Pending pending = begin(*miss.settings, lookup_of(miss.inquiry, miss.inquiry.question.type), miss.inquiry.trace);
  const Fetched answer = co_await arrive(*miss.settings, std::move(pending), deadline);
  ReplyWriter writer(miss.inquiry, *miss.settings, metrics, reply_room(miss));
  ReplyContent content = compose_other(miss.inquiry, *miss.settings, answer.known(), writer.records());
  note_plain(miss.inquiry, *miss.settings, answer.answer.view());
  mark_stale(answer.known(), content, metrics);
  complete(miss, writer, content, answer.source);
}

// RFC 6147 5.1: the AAAA answer decides, and the A answer is usually there by then (5.1.8). A time-out of the AAAA
// question counts as an error, that is as empty (5.1.3).
Task<void> Resolver::State::answer_aaaa(Miss& miss) {
  const Inquiry& inquiry = miss.inquiry;
  const Settings& in_force = *miss.settings;
  const TimePoint deadline = loop.now() + in_force.lookup_deadline;
  const TimePoint aaaa_deadline = loop.now() + in_force.dns64.aaaa_deadline;
  const upstream::Lookup ask_a = lookup_of(inquiry, dns::Type::a);
  std::optional<Pending> a_pending;

  Pending aaaa_pending = begin(in_force, lookup_of(inquiry, dns::Type::aaaa), inquiry.trace);
  if (in_force.dns64.a_delay.count() > 0 && aaaa_pending.flight) {
    co_await Arrival(loop, aaaa_pending.flight, loop.now() + in_force.dns64.a_delay);
  }
  if (!aaaa_pending.is_here()) a_pending = begin(in_force, ask_a, inquiry.trace);
  const Fetched aaaa = co_await arrive(in_force, std::move(aaaa_pending), aaaa_deadline);
  const auto verdict = dns64::judge_aaaa(*inquiry.policy, inquiry.question.name, aaaa.answer.view());
  Fetched a;
  if (dns64::needs_a(*inquiry.policy, verdict)) {
    if (!a_pending) a_pending = begin(in_force, ask_a, inquiry.trace);
    a = co_await arrive(in_force, std::move(*a_pending), deadline);
  }

  const AaaaFindings found{verdict, aaaa.known(), a.known()};
  if (inquiry.trace != nullptr) tell_aaaa(inquiry, in_force.dns64, found);
  ReplyWriter writer(inquiry, in_force, metrics, reply_room(miss));
  ReplyContent content = compose_aaaa(inquiry, in_force, found, writer.records());
  note_addresses(inquiry, in_force, found, content);
  mark_stale(inquiry, found, content, metrics);
  complete(miss, writer, content, Source::upstream);
}

// RFC 6147 5.3.1: a CNAME to the in-addr.arpa name, with what is found there. Where no PTR record is, or another CNAME
// (RFC 2317), no CNAME: it would promise what is not there, or make the chain longer. The denial is of our own zone.
Task<void> Resolver::State::answer_reverse(Miss& miss) {
  metrics.dns64_ptr.add();
  upstream::Lookup lookup = lookup_of(miss.inquiry, dns::Type::ptr);
  lookup.name = *miss.reverse_target;
  if (miss.inquiry.trace != nullptr) tell_reverse(miss.inquiry, lookup.name);
  Pending pending = begin(*miss.settings, lookup, miss.inquiry.trace, true);
  const Fetched found =
      co_await arrive(*miss.settings, std::move(pending), loop.now() + miss.settings->lookup_deadline);

  ReplyWriter writer(miss.inquiry, *miss.settings, metrics, reply_room(miss));
  ReplyContent content = compose_reverse(miss.inquiry, lookup.name, found.known(), writer.records());
  mark_stale(found.known(), content, metrics);
  complete(miss, writer, content, found.source);
}

void Resolver::State::complete(Miss& miss, ReplyWriter& writer, const ReplyContent& content, Source source) {
  const HandleResult result = writer.finish(content, source, std::max(Clock::now(), loop.now()));
  if (miss.immediate != nullptr) {
    *miss.immediate = result;
  } else {
    miss.reply.deliver(Bytes(late_room).first(result.length), result.facts);
  }
}

}  // namespace dragoman::resolve
