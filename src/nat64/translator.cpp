// The table of contents of the NAT64: from_ipv6() and from_ipv4() are the steps of RFC 6146 3.4 to 3.8 in order.
#include "dragoman/nat64/translator.h"

#include "ipv4_number.h"
#include "translator_state.h"

namespace dragoman::nat64 {
namespace {

constexpr std::uint8_t icmp_destination_unreachable = 3, icmp6_destination_unreachable = 1;
constexpr IcmpError no_such_protocol{icmp_destination_unreachable, 2, 0};
constexpr IcmpError no_such_port6{icmp6_destination_unreachable, 4, 0};

Protocol protocol_of(TransportKind kind) {
  if (kind == TransportKind::tcp) return Protocol::tcp;
  return kind == TransportKind::udp ? Protocol::udp : Protocol::icmp;
}

// Enumerators of both begin with the protocols in the same order.
Counted counted(Protocol protocol) { return static_cast<Counted>(protocol); }

// What has no ports to speak of, and why (RFC 6146 3.4, RFC 7915 4.2, 5.2).
Step without_tuple(TransportKind kind, const IcmpError& tell) {
  if (kind == TransportKind::other_icmp) return drop(DropReason::unsupported_icmp);
  if (kind == TransportKind::other) return drop(DropReason::unsupported_protocol, tell);
  return std::nullopt;
}

}  // namespace

Translator::Translator(Place place, std::shared_ptr<const Options> options, const Shared& shared, std::uint64_t secret,
                       TimePoint start)
    : state_(std::make_unique<State>(place, std::move(options), shared, secret, start)) {}
Translator::~Translator() = default;

void Translator::translate(Packet& packet, Arrival arrival, TimePoint now, Output& output) {
  Passage passage{packet, now, state_->second_of(now), output, arrival};
  const unsigned version = packet.size == 0 ? 0 : packet.data[0] >> 4;
  if (version == 6) return state_->from_ipv6(passage);
  if (version == 4) return state_->from_ipv4(passage);
  state_->count_drop(DropReason::malformed);
}

void Translator::State::from_ipv6(Passage& passage) {
  Ipv6Headers headers;
  if (const Step refusal = read_ipv6(passage.packet, headers)) return refuse(passage, headers, *refusal);
  if (passage.fragment_id) {  // RFC 7915 5.1.1: what came in pieces may leave in pieces
    headers.fragment.has_header = true;
    headers.fragment.id = *passage.fragment_id;
  }
  if (const auto owner = other_owner(passage, headers)) return hand_off(passage, *owner, HandOff::steering);
  if (!headers.fragment.is_whole() && take_fragment(passage, headers)) return;
  if (const Step refusal = pass_ipv6(passage, headers)) return refuse(passage, headers, *refusal);
}

Step Translator::State::pass_ipv6(Passage& passage, const Ipv6Headers& headers) {
  const TransportKind kind = headers.transport.kind;
  if (const Step refusal = without_tuple(kind, no_such_port6)) return refusal;
  if (kind == TransportKind::icmp_error) return pass_error_ipv6(passage, headers);

  // 3.4: the incoming tuple.
  Incoming6 incoming{.protocol = protocol_of(kind), .inside_port = headers.transport.source_port};
  const auto prefix = extract(headers.destination, incoming.remote);
  if (!prefix) return drop(DropReason::not_our_prefix);
  incoming.prefix = *prefix;
  incoming.remote_port = kind == TransportKind::icmp_query ? std::uint16_t{0} : headers.transport.destination_port;

  // 3.5: filtering, and the tables.
  Found found;
  if (const Step refusal = filter_ipv6(passage, headers, incoming, found)) return refusal;

  count_name(found.session, passage.packet.size);

  // 3.6: the outgoing tuple.
  const Binding& binding = bindings[found.binding];
  const Tuple4 outgoing{octets_of(binding.address), incoming.remote, binding.outside_port,
                        kind == TransportKind::icmp_query ? binding.outside_port : incoming.remote_port};
  const std::optional<FragmentOf> first = fragment_of(headers);

  // 3.7: translation.
  if (const Step refusal = six_to_four(passage.packet, headers, outgoing, identification, *options)) return refusal;
  finish_to_ipv4(passage, counted(incoming.protocol));
  if (first) remember_first(passage, *first, outgoing);
  return std::nullopt;
}

// 3.8: what is for an address of ours turns back in memory.
void Translator::State::finish_to_ipv4(Passage& passage, Counted protocol) {
  const bool is_hairpin = is_ours(load_u32(passage.packet.data + 16));
  const Direction direction = is_hairpin ? Direction::hairpin : Direction::six_to_four;
  metrics.packets(direction, protocol).add();
  metrics.bytes(direction, protocol).add(passage.packet.size);
  if (!is_hairpin) return passage.output.send(passage.packet);
  Passage back{passage.packet, passage.now, passage.second, passage.output, Arrival::device, true};
  from_ipv4(back);
}

void Translator::State::from_ipv4(Passage& passage) {
  Ipv4Headers headers;
  if (const Step refusal = read_ipv4(passage.packet, headers)) return refuse(passage, headers, *refusal);
  if (!is_ours(load_u32(headers.destination))) return count_drop(DropReason::not_our_pool);
  if (const auto owner = other_owner(passage, headers)) {
    return hand_off(passage, *owner, passage.is_hairpin ? HandOff::hairpin : HandOff::steering);
  }
  if (!headers.fragment.is_whole() && take_fragment(passage, headers)) return;
  if (const Step refusal = pass_ipv4(passage, headers)) return refuse(passage, headers, *refusal);
}

Step Translator::State::pass_ipv4(Passage& passage, const Ipv4Headers& headers) {
  const TransportKind kind = headers.transport.kind;
  if (const Step refusal = without_tuple(kind, no_such_protocol)) return refusal;
  if (kind == TransportKind::icmp_error) return pass_error_ipv4(passage, headers);

  // 3.4: the incoming tuple.
  const Incoming4 incoming{
      .protocol = protocol_of(kind),
      .address = load_u32(headers.destination),
      .port = headers.transport.destination_port,
      .remote = load_u32(headers.source),
      .remote_port = kind == TransportKind::icmp_query ? std::uint16_t{0} : headers.transport.source_port};

  // 3.5: filtering, and the tables.
  Found found;
  if (const Step refusal = filter_ipv4(passage, headers, incoming, found)) return refusal;

  count_name(found.session, passage.packet.size);

  // 3.6: the outgoing tuple.
  const std::uint8_t prefix = found.session == none ? prefixes_in_force.front() : sessions[found.session].prefix;
  const Tuple6 outgoing = outgoing6(bindings[found.binding], incoming, prefix);
  const std::optional<FragmentOf> first = fragment_of(headers);

  // 3.7: translation.
  if (const Step refusal = four_to_six(passage.packet, headers, outgoing, *options)) return refusal;
  finish_to_ipv6(passage, headers, counted(incoming.protocol));
  if (first) remember_first(passage, *first, outgoing);
  return std::nullopt;
}

Tuple6 Translator::State::outgoing6(const Binding& binding, const Incoming4& incoming, std::uint8_t prefix) const {
  return {prefixes[prefix].embed(octets_of(incoming.remote)), subscribers.host(binding.host).address,
          incoming.protocol == Protocol::icmp ? binding.inside_port : incoming.remote_port, binding.inside_port};
}

// What may be fragmented is cut to what every IPv6 link takes (RFC 7915 4.1). Of `was` the values count: its octets are
// gone.
void Translator::State::finish_to_ipv6(Passage& passage, const Ipv4Headers& was, Counted protocol) {
  metrics.packets(Direction::four_to_six, protocol).add();
  metrics.bytes(Direction::four_to_six, protocol).add(passage.packet.size);
  if (was.dont_fragment || !needs_fragmenting(passage.packet, *options)) return passage.output.send(passage.packet);
  fragment_ipv6(passage.packet, was.fragment.id, *options, [&](const Packet& piece) {
    metrics.fragments(FragmentResult::made).add();
    Packet out = piece;
    passage.output.send(out);
  });
}

std::optional<std::uint8_t> Translator::State::extract(const std::uint8_t* address, ip::Ipv4Octets& ipv4) const {
  for (const std::uint8_t number : prefixes_in_force) {
    const auto found = prefixes[number].extract_any_suffix(address);
    if (!found) continue;
    ipv4 = *found;
    return number;
  }
  return std::nullopt;
}

bool Translator::State::is_ours(std::uint32_t address) const {
  return statics.has(address) || pool.index_of(octets_of(address)).has_value();
}

}  // namespace dragoman::nat64
