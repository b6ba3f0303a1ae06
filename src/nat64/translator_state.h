// What a Translator is made of, and its steps. The steps are in several files by what they are about:
//
//   translator.cpp       from_ipv6() and from_ipv4(): the table of contents
//   filtering.cpp        RFC 6146 3.5: may this packet pass, which binding and session are its own
//   lifetimes.cpp        how sessions, bindings and hosts begin and end
//   icmp_errors.cpp      RFC 6146 3.4 and 3.6 for ICMP errors; the errors that we make
//   fragment_steps.cpp   RFC 6146 3.4: fragments, and whose they are
//   upkeep.cpp           what time, a reload and people ask for
#pragma once

#include <cstdint>
#include <memory>

#include "bindings.h"
#include "dragoman/nat64/name_traffic.h"
#include "dragoman/nat64/steering.h"
#include "dragoman/nat64/translator.h"
#include "fragmenting.h"
#include "fragments.h"
#include "headers.h"
#include "port_blocks.h"
#include "refusal.h"
#include "sessions.h"
#include "static_bindings.h"
#include "stored_syns.h"
#include "subscribers.h"
#include "tcp_state.h"
#include "translation.h"

namespace dragoman::nat64 {

// A packet on its way through the steps, and where it goes.
struct Passage {
  Packet& packet;
  TimePoint now;
  Second second;
  Output& output;
  Translator::Arrival arrival;
  bool is_hairpin = false;                     // IPv4 now, but it came from the inside (RFC 6146 3.8)
  std::optional<std::uint32_t> fragment_id{};  // of the fragments that it was put together from
};

// The incoming tuple (RFC 6146 3.4) of a packet from IPv6, without X' itself.
struct Incoming6 {
  Protocol protocol = Protocol::tcp;
  std::uint16_t inside_port = 0;
  ip::Ipv4Octets remote{};  // out of Y'
  std::uint16_t remote_port = 0;
  std::uint8_t prefix = 0;  // the number of the Pref64
};

// ... of a packet from IPv4.
struct Incoming4 {
  Protocol protocol = Protocol::tcp;
  std::uint32_t address = 0;  // T
  std::uint16_t port = 0;     // t
  std::uint32_t remote = 0;
  std::uint16_t remote_port = 0;
};

// Which datagram a fragment is of, and where it belongs there.
struct FragmentOf {
  FragmentKey key;
  FragmentPlace place;
};

// What the tables have for a packet. session: none for a packet that passes without (RFC 6146 3.5.2.2, CLOSED).
struct Found {
  Index binding = none;
  Index session = none;
};

struct Translator::State {
  State(Place place_, std::shared_ptr<const Options> options_, const Shared& shared, std::uint64_t secret,
        TimePoint start_);

  // -- translator.cpp --
  void from_ipv6(Passage& passage);
  void from_ipv4(Passage& passage);
  Step pass_ipv6(Passage& passage, const Ipv6Headers& headers);
  Step pass_ipv4(Passage& passage, const Ipv4Headers& headers);
  // The packet has become IPv4: out, or back to the inside.
  void finish_to_ipv4(Passage& passage, Counted counted);
  void finish_to_ipv6(Passage& passage, const Ipv4Headers& was, Counted counted);
  // The number of the Pref64 that holds an address, and the IPv4 address in it.
  std::optional<std::uint8_t> extract(const std::uint8_t* address, ip::Ipv4Octets& ipv4) const;
  void count_name(Index session, std::size_t octets) {
    if (counts_names && session != none) names.count(sessions[session].name, octets);
  }
  Tuple6 outgoing6(const Binding& binding, const Incoming4& incoming, std::uint8_t prefix) const;
  bool is_ours(std::uint32_t address) const;

  // -- filtering.cpp --
  Step filter_ipv6(const Passage& passage, const Ipv6Headers& headers, const Incoming6& incoming, Found& found);
  Step filter_ipv4(const Passage& passage, const Ipv4Headers& headers, const Incoming4& incoming, Found& found);
  Step begin_from_ipv6(const Passage& passage, const Ipv6Headers& headers, const Incoming6& incoming, Found& found);
  Step begin_from_ipv4(const Passage& passage, const Ipv4Headers& headers, const Incoming4& incoming, Found& found);
  Step store_syn(const Passage& passage, const Incoming4& incoming);
  Step check_sender(const std::uint8_t* source) const;
  Step check_source(const std::uint8_t* source) const;
  Step check_destination(const Passage& passage, const std::uint8_t* source, const Incoming6& incoming) const;
  bool fits_prefix(const ip::Pref64& prefix, const ip::Ipv4Octets& remote) const;
  bool was_resolved(const Passage& passage, const std::uint8_t* source, const ip::Ipv4Octets& remote) const;
  void advance_tcp(const Passage& passage, Index index, Side from, TcpFlags segment);
  Index binding_of(const Incoming4& incoming) const;

  // -- lifetimes.cpp --
  // `draft`: remote, remote_port, state and prefix. The result: why there is none.
  std::optional<DropReason> begin_session(const Passage& passage, Index binding, const Session& draft, Found& found);
  Step begin_binding(const Passage& passage, const std::uint8_t* source, const Incoming6& incoming, Index& binding);
  std::optional<DropReason> check_limits(const Passage& passage, Subscriber& subscriber);
  bool has_leave();
  void end_session(Index session, Second second, Output& output);
  void end_binding(Index binding, Second second);
  void retire_binding(Index binding, Second second);
  void end_host_if_idle(Index host);
  void on_deadline(Index session, Second second, Output& output);
  void refresh(Index session, seconds lifetime, Second second);
  seconds lifetime(Protocol protocol) const;
  void note_blocks(const Subscriber& subscriber, Output& output);
  void note_block(BindingEvent::Kind kind, BlockNumber block, const Subscriber& subscriber, Output& output) const;
  void note_session(BindingEvent::Kind kind, const Session& session, Output& output) const;
  void note_exhausted(BindingEvent::Kind kind, const Subscriber& subscriber, const Passage& passage);

  // -- icmp_errors.cpp --
  Step pass_error_ipv6(Passage& passage, const Ipv6Headers& headers);
  Step pass_error_ipv4(Passage& passage, const Ipv4Headers& headers);
  void refuse(Passage& passage, const Ipv6Headers& headers, const Refusal& refusal);
  void refuse(Passage& passage, const Ipv4Headers& headers, const Refusal& refusal);
  ip::Ipv4Octets error_source(const Ipv6Headers& headers, const Binding& binding);
  bool may_tell(Second second);
  void tell_syn_unanswered(const StoredSyns::Syn& syn, TimePoint now, Output& output);
  void send_probe(const Session& session, Output& output);
  void count_drop(DropReason reason) { metrics.drops(reason).add(); }

  // -- fragment_steps.cpp --
  static std::optional<FragmentOf> fragment_of(const Ipv6Headers& headers);  // nullopt: a whole packet
  static std::optional<FragmentOf> fragment_of(const Ipv4Headers& headers);
  // Whether that was all. False: a first fragment, which goes the way of a packet.
  bool take_fragment(Passage& passage, const Ipv6Headers& headers);
  bool take_fragment(Passage& passage, const Ipv4Headers& headers);
  bool send_to_owner(const Passage& passage, const Ipv4Headers& headers);
  void reassemble(Passage& passage, const Ipv4Headers& headers);
  bool learn_owner(const Passage& passage, const Ipv4Headers& headers, unsigned owner);
  void hold(const Passage& passage, const FragmentOf& fragment);
  void note_translated(const FragmentOf& fragment);
  void remember_first(const Passage& passage, const FragmentOf& first, const Tuple4& outgoing);
  void remember_first(const Passage& passage, const FragmentOf& first, const Tuple6& outgoing);
  // Whose a packet is, if another worker's, and if it is to be handed off at all.
  std::optional<unsigned> other_owner(const Passage& passage, const Ipv6Headers& headers) const;
  std::optional<unsigned> other_owner(const Passage& passage, const Ipv4Headers& headers) const;
  // The worker whose a packet's, or a port's, binding is or would be. nullopt: nobody's.
  std::optional<unsigned> owner_of(const Packet& packet, const Ipv4Headers& headers) const;
  std::optional<unsigned> owner_of(std::uint32_t address, std::uint16_t port, Protocol protocol) const;
  void hand_off(const Passage& passage, unsigned worker, HandOff reason);

  // -- upkeep.cpp --
  void take_options(std::shared_ptr<const Options> options);
  std::uint8_t number_prefix(const ip::Pref64& prefix);
  void remove_static(const StaticBinding& gone, Second second);
  void add_static(const StaticBinding& wanted, Second second);
  void drop_binding(Index binding, Second second);
  bool end_retired(Second second, Output& output);
  bool release_blocks(Second second, Output& output);
  SessionInfo info(const Session& session, Second second) const;
  SubscriberInfo info(const Subscriber& known, std::size_t most_blocks) const;

  Second second_of(TimePoint now) const {
    return now < start ? 0 : static_cast<Second>(std::chrono::duration_cast<seconds>(now - start).count());
  }

  // Fixed, or changed by apply() alone.
  Place place;
  std::shared_ptr<const Options> options;
  PortPool& pool;
  SessionBudget& budget;
  const ResolvedAddresses* resolved;
  bool counts_names;
  TimePoint start;
  ip::PrefixSet clients;
  ip::PrefixSet denied;
  // Pref64s by number: sessions name them, so they keep it when a reload removes them or changes their order.
  std::vector<ip::Pref64> prefixes;
  std::vector<std::uint8_t> prefixes_in_force;  // the options', in their order; the first is for what IPv4 begins

  // The tables.
  Subscribers subscribers;
  PortBlocks blocks;
  Bindings bindings;
  Sessions sessions;
  StaticBindings statics;
  StoredSyns stored_syns;
  Fragments fragments;
  NameTraffic names;

  Identification identification;
  Chance chance;
  Index last_retired_looked_at = none;     // while sessions of retired bindings are looked for; none: they are not
  std::int64_t session_leave = 0;          // taken from the budget and not used
  Second told_second = 0;                  // when
  std::uint32_t told_count = 0;            // so many ICMP errors were made
  Second noted_pool = 0, noted_quota = 0;  // when the log was told last, plus one
  Metrics metrics;
};

}  // namespace dragoman::nat64
