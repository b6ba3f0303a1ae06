// Fragments (RFC 6146 3.4), and whose a packet is. From IPv6 the source says it, of fragments, too. From IPv4 the ports
// do, which only the first fragment has: the others meet it at a worker that addresses and identification choose, their
// rendezvous, and follow it from there. What the device steers right needs none of this.
#include <cstring>

#include "ipv4_number.h"
#include "translator_state.h"

namespace dragoman::nat64 {
namespace {

FragmentKey key_of(const Ipv6Headers& headers) {
  FragmentKey key;
  std::memcpy(key.source.data(), headers.source, 16);
  std::memcpy(key.destination.data(), headers.destination, 16);
  key.id = headers.fragment.id;
  key.protocol = headers.protocol;
  key.is_v6 = true;
  return key;
}
FragmentKey key_of(const Ipv4Headers& headers) {
  FragmentKey key;
  std::memcpy(key.source.data(), headers.source, 4);
  std::memcpy(key.destination.data(), headers.destination, 4);
  key.id = headers.fragment.id;
  key.protocol = headers.protocol;
  return key;
}

template <class Headers>
FragmentPlace place_of(const Headers& headers) {
  return {headers.fragment.offset, headers.fragment.more, headers.transport_offset, headers.transport_size};
}

// What was decided for a datagram: that it goes out with a tuple, or to another worker.
enum class Decision : std::uint8_t { to_ipv4, to_ipv6, worker };
template <class T>
Fragments::Verdict write_verdict(Decision decision, const T& value) {
  static_assert(sizeof(T) < sizeof(Fragments::Verdict) && std::is_trivially_copyable_v<T>);
  Fragments::Verdict verdict{};
  verdict[0] = static_cast<std::uint8_t>(decision);
  std::memcpy(verdict.data() + 1, &value, sizeof value);
  return verdict;
}
template <class T>
T read_verdict(const Fragments::Verdict& verdict) {
  T value;
  std::memcpy(&value, verdict.data() + 1, sizeof value);
  return value;
}
Decision decision_of(const Fragments::Verdict& verdict) { return static_cast<Decision>(verdict[0]); }

// Datagrams whose checksum covers what no single fragment has: ICMP, whose pseudo-header counts the length (RFC
// 7915 4.2, 5.2), and UDP that came without one (4.5).
bool must_be_whole(const Passage& passage, const Ipv4Headers& headers) {
  if (headers.protocol == icmp_number) return true;
  const std::uint8_t* transport = passage.packet.data + headers.transport_offset;
  return headers.protocol == udp_number && headers.fragment.is_first() && transport[6] == 0 && transport[7] == 0;
}

// All workers, and the steering program, come to the same.
unsigned rendezvous(const Ipv4Headers& headers, unsigned workers) {
  return fragment_worker(headers.source, headers.destination, static_cast<std::uint16_t>(headers.fragment.id), workers);
}

Counted counted(std::uint8_t protocol) { return protocol == tcp_number ? Counted::tcp : Counted::udp; }

}  // namespace

std::optional<unsigned> Translator::State::other_owner(const Passage& passage, const Ipv6Headers& headers) const {
  if (place.workers == 1 || passage.arrival == Arrival::handed_off) return std::nullopt;
  const std::uint8_t* subscriber = headers.source;
  Ipv6Headers embedded;
  if (headers.transport.kind == TransportKind::icmp_error && !read_embedded_ipv6(passage.packet, headers, embedded)) {
    subscriber = embedded.destination;
  }
  const unsigned owner = subscriber_worker(subscriber, subscribers.prefix_length(), place.workers);
  return owner == place.worker ? std::nullopt : std::optional(owner);
}

std::optional<unsigned> Translator::State::other_owner(const Passage& passage, const Ipv4Headers& headers) const {
  if (place.workers == 1 || passage.arrival == Arrival::handed_off || !headers.fragment.is_first()) return std::nullopt;
  const std::optional<unsigned> owner = owner_of(passage.packet, headers);
  return owner == place.worker ? std::nullopt : owner;
}

std::optional<unsigned> Translator::State::owner_of(const Packet& packet, const Ipv4Headers& headers) const {
  const std::uint32_t destination = load_u32(headers.destination);
  Ipv4Headers embedded;
  switch (headers.transport.kind) {
    case TransportKind::tcp:
      return owner_of(destination, headers.transport.destination_port, Protocol::tcp);
    case TransportKind::udp:
      return owner_of(destination, headers.transport.destination_port, Protocol::udp);
    case TransportKind::icmp_query:
      return owner_of(destination, headers.transport.destination_port, Protocol::icmp);
    case TransportKind::icmp_error:
      if (read_embedded_ipv4(packet, headers, embedded)) return std::nullopt;
      return owner_of(load_u32(embedded.source), embedded.transport.source_port,
                      embedded.protocol == tcp_number   ? Protocol::tcp
                      : embedded.protocol == udp_number ? Protocol::udp
                                                        : Protocol::icmp);
    case TransportKind::other_icmp:
    case TransportKind::other:
      break;
  }
  return std::nullopt;
}

std::optional<unsigned> Translator::State::owner_of(std::uint32_t address, std::uint16_t port,
                                                    Protocol protocol) const {
  if (const auto* entry = statics.find(address, port, protocol)) return entry->worker;
  const auto index = pool.index_of(octets_of(address));
  const auto owner = index ? pool.owner(pool.block_of(*index, port)) : std::nullopt;
  return owner && *owner < place.workers ? owner : std::nullopt;
}

void Translator::State::hand_off(const Passage& passage, unsigned worker, HandOff reason) {
  if (!passage.output.hand_off(worker, passage.packet, reason)) return count_drop(DropReason::handoff_full);
  metrics.handed_off(reason).add();
}

std::optional<FragmentOf> Translator::State::fragment_of(const Ipv6Headers& headers) {
  if (headers.fragment.is_whole()) return std::nullopt;
  return FragmentOf{key_of(headers), place_of(headers)};
}
std::optional<FragmentOf> Translator::State::fragment_of(const Ipv4Headers& headers) {
  if (headers.fragment.is_whole()) return std::nullopt;
  return FragmentOf{key_of(headers), place_of(headers)};
}

void Translator::State::hold(const Passage& passage, const FragmentOf& fragment) {
  metrics.fragments(FragmentResult::held).add();
  fragments.hold({fragment.key, passage.packet, fragment.place}, passage.now,
                 [this](DropReason reason, const Packet&) { count_drop(reason); });
}

void Translator::State::note_translated(const FragmentOf& fragment) {
  metrics.fragments(FragmentResult::translated).add();
  fragments.note_translated(fragment.key, fragment.place);
}

// False: a first fragment, which goes the way of a packet. What follows it needs nothing but its tuple.
bool Translator::State::take_fragment(Passage& passage, const Ipv6Headers& headers) {
  const FragmentOf fragment = *fragment_of(headers);
  if (headers.protocol == icmp6_number) {
    auto whole = fragments.reassemble({fragment.key, passage.packet, fragment.place}, DropReason::fragment_timeout,
                                      passage.now, [this](DropReason reason, const Packet&) { count_drop(reason); });
    if (!whole) return true;
    metrics.fragments(FragmentResult::reassembled).add();
    Passage datagram{*whole, passage.now, passage.second, passage.output, passage.arrival};
    datagram.fragment_id = headers.fragment.id;
    from_ipv6(datagram);
    return true;
  }
  if (headers.fragment.is_first()) return false;
  const Fragments::Verdict* verdict = fragments.find(fragment.key);
  if (verdict == nullptr) {
    hold(passage, fragment);
    return true;
  }
  const auto outgoing = read_verdict<Tuple4>(*verdict);
  if (const Step refusal = six_to_four(passage.packet, headers, outgoing, identification, *options)) {
    refuse(passage, headers, *refusal);
    return true;
  }
  note_translated(fragment);
  finish_to_ipv4(passage, counted(fragment.key.protocol));
  return true;
}

// After the first fragment has left, so that the others follow it.
void Translator::State::remember_first(const Passage& passage, const FragmentOf& first, const Tuple4& outgoing) {
  fragments.remember(first.key, write_verdict(Decision::to_ipv4, outgoing), passage.now,
                     [this](DropReason reason, const Packet&) { count_drop(reason); });
  note_translated(first);
  fragments.release(first.key, [&](Packet& held) {
    Passage next{held, passage.now, passage.second, passage.output, Arrival::handed_off};
    from_ipv6(next);
  });
}

bool Translator::State::take_fragment(Passage& passage, const Ipv4Headers& headers) {
  const FragmentOf fragment = *fragment_of(headers);
  const bool is_first = headers.fragment.is_first();
  if (is_first) {
    const std::optional<unsigned> owner = owner_of(passage.packet, headers);
    if (!owner) return false;  // nobody's, so that it will be refused: the others wait in vain
    if (learn_owner(passage, headers, *owner)) return true;
  }
  if (!is_first && send_to_owner(passage, headers)) return true;
  if (fragments.is_reassembling(fragment.key) ||
      ((is_first || place.workers == 1) && must_be_whole(passage, headers))) {
    reassemble(passage, headers);
    return true;
  }
  if (is_first) return false;
  const Fragments::Verdict* verdict = fragments.find(fragment.key);
  if (verdict == nullptr) {
    hold(passage, fragment);
    return true;
  }
  const auto outgoing = read_verdict<Tuple6>(*verdict);
  if (const Step refusal = four_to_six(passage.packet, headers, outgoing, *options)) {
    refuse(passage, headers, *refusal);
    return true;
  }
  note_translated(fragment);
  finish_to_ipv6(passage, headers, counted(fragment.key.protocol));
  return true;
}

// Where another worker waits for a fragment without ports: its owner if that is known, else the rendezvous.
bool Translator::State::send_to_owner(const Passage& passage, const Ipv4Headers& headers) {
  const FragmentKey key = key_of(headers);
  const Fragments::Verdict* verdict = fragments.find(key);
  if (verdict != nullptr && decision_of(*verdict) == Decision::worker) {
    hand_off(passage, read_verdict<std::uint32_t>(*verdict), HandOff::fragment);
    return true;
  }
  if (verdict != nullptr || fragments.is_reassembling(key)) return false;
  if (place.workers == 1 || passage.arrival == Arrival::handed_off) return false;
  const unsigned meeting = rendezvous(headers, place.workers);
  if (meeting == place.worker) return false;
  hand_off(passage, meeting, HandOff::fragment);
  return true;
}

void Translator::State::reassemble(Passage& passage, const Ipv4Headers& headers) {
  const FragmentOf fragment = *fragment_of(headers);
  const DropReason reason =
      headers.protocol == udp_number ? DropReason::udp_zero_checksum : DropReason::fragment_timeout;
  auto whole = fragments.reassemble({fragment.key, passage.packet, fragment.place}, reason, passage.now,
                                    [this](DropReason why, const Packet&) { count_drop(why); });
  if (!whole) return;
  metrics.fragments(FragmentResult::reassembled).add();
  Passage datagram{*whole, passage.now, passage.second, passage.output, passage.arrival, passage.is_hairpin};
  from_ipv4(datagram);
}

// A first fragment that its owner translates is shown to the rendezvous of the others, where it tells whose they are.
// True: it was shown to this worker, and that was all.
bool Translator::State::learn_owner(const Passage& passage, const Ipv4Headers& headers, unsigned owner) {
  if (place.workers == 1) return false;
  const unsigned meeting = rendezvous(headers, place.workers);
  if (owner == place.worker && meeting != place.worker) hand_off(passage, meeting, HandOff::fragment);
  if (owner == place.worker || meeting != place.worker) return false;
  const FragmentKey key = key_of(headers);
  fragments.remember(key, write_verdict(Decision::worker, std::uint32_t{owner}), passage.now,
                     [this](DropReason reason, const Packet&) { count_drop(reason); });
  fragments.release(key, [&](Packet& held) {
    Passage next{held, passage.now, passage.second, passage.output, Arrival::device};
    hand_off(next, owner, HandOff::fragment);
  });
  return true;
}

void Translator::State::remember_first(const Passage& passage, const FragmentOf& first, const Tuple6& outgoing) {
  fragments.remember(first.key, write_verdict(Decision::to_ipv6, outgoing), passage.now,
                     [this](DropReason reason, const Packet&) { count_drop(reason); });
  note_translated(first);
  fragments.release(first.key, [&](Packet& held) {
    Passage next{held, passage.now, passage.second, passage.output, Arrival::handed_off, passage.is_hairpin};
    from_ipv4(next);
  });
}

}  // namespace dragoman::nat64
