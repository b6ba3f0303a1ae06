// The resolver's inside: the steps of a query, and what they share. One per worker, worker thread only.
// pipeline.cpp has the steps that answer at once, lookup.cpp the coroutine for those that wait.
#pragma once

#include <list>
#include <memory>
#include <optional>
#include <vector>

#include "compose.h"
#include "dragoman/resolve/ipv4_only.h"
#include "dragoman/resolve/pending_reply.h"
#include "dragoman/resolve/resolver.h"
#include "inflight.h"
#include "packet_cache.h"
#include "remembering.h"
#include "reply.h"
#include "stale.h"
#include "tracing.h"

namespace dragoman::resolve {

// An answer that is owned, for steps that wait between reading and using it.
struct Fetched {
  dns::Answer answer;
  Source source = Source::upstream;
  bool is_failure = false;
  std::optional<dns::Ede> ede;
  std::optional<StaleReason> stale;
  std::uint32_t left_s = 0;

  Known known() const { return {answer.view(), source, is_failure, ede, stale, false, false, left_s}; }
};

// An answer that is here or on its way.
struct Pending {
  upstream::Lookup lookup;
  std::optional<Fetched> here;
  std::shared_ptr<Flight> flight;  // set exactly when the answer is not here
  Trace* trace = nullptr;
  TimePoint begun{};
  bool has_stale = false;  // the cache has an answer past its lifetime, for when no other comes (RFC 8767)

  bool is_here() const { return here.has_value() || flight->landed(); }
};

// A query that waits for an upstream: a copy of what its steps need, since its message is gone.
struct Miss {
  Miss(const Inquiry& asked, std::shared_ptr<const Settings> in_force, ReplyTarget& target, std::uint64_t ticket)
      : name(asked.question.name), inquiry(asked), settings(std::move(in_force)), reply(target, ticket) {
    inquiry.question.name = name;
  }

  dns::Name name;
  Inquiry inquiry;
  std::shared_ptr<const Settings> settings;  // the policy in `inquiry` belongs to them
  std::optional<dns::Name> reverse_target;   // of a PTR question for an address under a prefix of DNS64
  PendingReply reply;
  // While handle() is still on the stack the reply goes back through it, not through the target.
  HandleResult* immediate = nullptr;
  MutableBytes immediate_room;
  Task<void> task;
  std::list<std::shared_ptr<Miss>>::iterator place;
};

struct Resolver::State {
  State(net::EventLoop& event_loop, cache::AnswerCache& answer_cache, upstream::Upstream& upstream,
        std::shared_ptr<const Settings> in_force, Metrics& counters);
  // For explanations: the cache, settings and flights of `served`, which must live longer, and other counters.
  State(State& served, Metrics& counters);

  HandleResult handle(const Query& query, ReplyTarget& target, std::uint64_t ticket, MutableBytes reply);

  // The steps of handle(), in its order.
  HandleResult drop(DropReason reason);
  void count(const Inquiry& inquiry);
  HandleResult refuse(const Inquiry& inquiry, const Refusal& refusal, MutableBytes reply);
  std::optional<HandleResult> limit_rate(Inquiry& inquiry, MutableBytes reply);
  HandleResult answer_cookie_alone(const Inquiry& inquiry, MutableBytes reply);
  std::size_t number_of(const dns64::Policy& policy) const;
  void name_policies();
  bool is_eligible(const Inquiry& inquiry);
  void choose_policy(const Entrance& entrance, Inquiry& inquiry);
  std::optional<HandleResult> answer_built_in(const Inquiry& inquiry, MutableBytes reply);
  std::optional<HandleResult> answer_reverse_zone(const Inquiry& inquiry, std::optional<dns::Name>& target,
                                                  MutableBytes reply);
  // `packet` is empty when the reply is for this client alone.
  std::optional<HandleResult> answer_again(const std::optional<PacketCache::Key>& packet, const Inquiry& inquiry,
                                           MutableBytes reply);
  std::optional<HandleResult> answer_known(const std::optional<PacketCache::Key>& packet, const Inquiry& inquiry,
                                           MutableBytes reply);
  HandleResult answer_known_other(const std::optional<PacketCache::Key>& packet, const Inquiry& inquiry,
                                  const Known& known, MutableBytes reply);
  HandleResult answer_known_aaaa(const std::optional<PacketCache::Key>& packet, const Inquiry& inquiry,
                                 const AaaaFindings& found, MutableBytes reply);
  HandleResult look_up(const Inquiry& inquiry, std::optional<dns::Name> reverse, ReplyTarget& target,
                       std::uint64_t ticket, MutableBytes reply);

  // What is known without asking: local data, then the cache. The answer lies in `room`.
  bool find_known(const Inquiry& inquiry, dns::Type type, MutableBytes room, Known& known);
  bool find_local(const Settings& in_force, const dns::Question& question, MutableBytes room, Known& known);
  bool find_cached(const cache::Key& key, MutableBytes room, Known& known);
  bool find_denied(const cache::Key& key, MutableBytes room, Known& known);
  bool find_proven(const Settings& in_force, const dns::Question& question, const cache::Key& key, MutableBytes room,
                   Known& known);
  bool find_stale(const cache::Key& key, StaleReason reason, MutableBytes room, Known& known);
  void count_hit(const Known& known);
  // Names that were synthesized, or have AAAA records now, for the list of what still needs IPv4; and what the client
  // was answered, for the NAT64. Nothing when that cannot be told again. `former`: the packet that is to be renewed.
  std::optional<LedThroughNat64> note_addresses(const Inquiry& inquiry, const Settings& in_force,
                                                const AaaaFindings& findings, const ReplyContent& content,
                                                Packet* former = nullptr);
  nat64::DomainId count_synthetic(const Inquiry& inquiry, Packet* former);
  // The same of an answer as it is: A records for a client that makes addresses of them by itself (RFC 6877).
  std::optional<LedThroughNat64> note_plain(const Inquiry& inquiry, const Settings& in_force,
                                            const dns::AnswerView& answer);
  TimePoint clock_for_hit();
  std::optional<PacketCache::Key> packet_key(Bytes message, const Inquiry& inquiry) const;
  void keep_packet(const std::optional<PacketCache::Key>& packet, const Inquiry& inquiry, Bytes reply,
                   const PacketFacts& facts);
  void count_repeated(const Packet& packet);

  // lookup.cpp
  Task<void> run(Miss& miss);
  Task<void> answer_plain(Miss& miss);
  Task<void> answer_aaaa(Miss& miss);
  Task<void> answer_reverse(Miss& miss);
  // `is_other_name`: than the one asked for, so nobody has looked whether it is known not to exist.
  Pending begin(const Settings& in_force, const upstream::Lookup& lookup, Trace* trace, bool is_other_name = false);
  Task<Fetched> arrive(const Settings& in_force, Pending pending, TimePoint deadline);
  Fetched without_answer(const Pending& pending, dns::Ede ede, StaleReason reason);
  Task<Fetched> follow_local(const Settings& in_force, Pending local, TimePoint deadline);
  MutableBytes reply_room(Miss& miss) { return miss.immediate != nullptr ? miss.immediate_room : late_room; }
  void complete(Miss& miss, ReplyWriter& writer, const ReplyContent& content, Source source);

  net::EventLoop& loop;
  cache::AnswerCache& cache;
  Metrics& metrics;
  std::shared_ptr<const Settings> settings;

  std::vector<std::uint8_t> native_room, a_room, late_room;  // 64 KiB each
  unsigned hits = 0;
  TimePoint hit_clock{};

  std::unique_ptr<Flights> own_flights;  // null in the State for explanations
  Flights& flights;
  Retired retired;
  std::list<std::shared_ptr<Miss>> misses;  // after flights: their waits end before what they wait for

  std::unique_ptr<Ipv4OnlyNames> ipv4_only;  // null in the State for explanations
  PacketCache packets;                       // off in the State for explanations
  std::uint64_t packets_since = 0;           // AnswerCache::clearings()

  // Made for the first explanation. Nobody reads its counters.
  struct Explaining;
  std::unique_ptr<Explaining> explaining;
};

struct Resolver::State::Explaining {
  explicit Explaining(State& served) : state(served, counters) {}
  Metrics counters;
  State state;
};

}  // namespace dragoman::resolve
