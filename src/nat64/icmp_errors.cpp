// ICMP errors on their way through (RFC 6146 3.4, 3.6; RFC 5508 4, 5; RFC 7915 4.2, 5.2), and those that the NAT64
// itself makes, with the probe of a silent connection (RFC 6146 3.5.2.2).
#include <algorithm>

#include "dragoman/ip/checksum.h"
#include "ipv4_number.h"
#include "translator_state.h"

namespace dragoman::nat64 {
namespace {

constexpr IcmpError port_unreachable{3, 3, 0};
constexpr ip::Ipv4Octets dummy_address{192, 0, 0, 8};  // RFC 7600 4.8; where no pool has a better one

Protocol protocol_of(TransportKind kind) {
  if (kind == TransportKind::tcp) return Protocol::tcp;
  return kind == TransportKind::udp ? Protocol::udp : Protocol::icmp;
}

bool has_tuple(const Transport& transport) {
  return transport.kind == TransportKind::tcp || transport.kind == TransportKind::udp ||
         transport.kind == TransportKind::icmp_query;
}

// Room for an error of ours, with what a packet has around it.
template <std::size_t size>
struct Room {
  std::array<std::uint8_t, Packet::headroom + size + Packet::tailroom> octets;
};

}  // namespace

// The embedded packet is one that we sent to the inside: its destination is X', its source Z under a prefix.
Step Translator::State::pass_error_ipv6(Passage& passage, const Ipv6Headers& headers) {
  Ipv6Headers embedded;
  if (const Step refusal = read_embedded_ipv6(passage.packet, headers, embedded)) return refusal;
  ip::Ipv4Octets remote{};
  if (!extract(headers.destination, remote)) return drop(DropReason::not_our_prefix);
  if (const Step refusal = check_sender(headers.source)) return refusal;
  const bool is_told_to_sender = std::memcmp(embedded.source, headers.destination, 16) == 0;
  if (!is_told_to_sender || !has_tuple(embedded.transport)) return drop(DropReason::icmp_error_no_session);
  const bool is_query = embedded.transport.kind == TransportKind::icmp_query;
  const std::uint16_t remote_port = is_query ? std::uint16_t{0} : embedded.transport.source_port;
  const Index host = subscribers.find_host(embedded.destination);
  const Index index =
      host == none ? none
                   : bindings.find(host, embedded.transport.destination_port, protocol_of(embedded.transport.kind));
  if (index == none || sessions.find(index, number_of(remote), remote_port) == none) {
    return drop(DropReason::icmp_error_no_session);
  }
  const Binding& binding = bindings[index];
  const ip::Ipv4Octets outside = octets_of(binding.address);
  ErrorTuple4 outgoing;
  outgoing.source = error_source(headers, binding);
  outgoing.destination = remote;
  outgoing.id = identification.take();
  outgoing.embedded = {remote, outside, is_query ? binding.outside_port : remote_port, binding.outside_port};
  const bool is_router = std::memcmp(headers.source, subscribers.host(host).address.data(), 16) != 0;
  ip::Ipv6Octets router;
  std::memcpy(router.data(), headers.source, router.size());
  if (is_router && options->icmp.router_extension) outgoing.router6 = router.data();
  if (const Step refusal = error_six_to_four(passage.packet, headers, embedded, outgoing, *options)) return refusal;
  finish_to_ipv4(passage, Counted::icmp_error);
  return std::nullopt;
}

// A host speaks with the address of its binding; a router of the inside has none (RFC 6791 3).
ip::Ipv4Octets Translator::State::error_source(const Ipv6Headers& headers, const Binding& binding) {
  const auto& addresses = options->icmp.router_addresses;
  const bool is_host = std::memcmp(headers.source, subscribers.host(binding.host).address.data(), 16) == 0;
  if (is_host || addresses.empty()) return octets_of(binding.address);
  return addresses[chance.next() % addresses.size()];
}

// The embedded packet is one that we sent to the outside: its source is (T, t).
Step Translator::State::pass_error_ipv4(Passage& passage, const Ipv4Headers& headers) {
  Ipv4Headers embedded;
  if (const Step refusal = read_embedded_ipv4(passage.packet, headers, embedded)) return refusal;
  const bool is_told_to_sender = std::memcmp(embedded.source, headers.destination, 4) == 0;
  if (!is_told_to_sender || !has_tuple(embedded.transport)) return drop(DropReason::icmp_error_no_session);
  const bool is_query = embedded.transport.kind == TransportKind::icmp_query;
  const Incoming4 about{.protocol = protocol_of(embedded.transport.kind),
                        .address = load_u32(embedded.source),
                        .port = embedded.transport.source_port,
                        .remote = load_u32(embedded.destination),
                        .remote_port = is_query ? std::uint16_t{0} : embedded.transport.destination_port};
  const Index index = binding_of(about);
  const Index session = index == none ? none : sessions.find(index, about.remote, about.remote_port);
  if (session == none) return drop(DropReason::icmp_error_no_session);
  const Binding& binding = bindings[index];
  const ip::Pref64& prefix = prefixes[sessions[session].prefix];
  ErrorTuple6 outgoing;
  outgoing.source = prefix.embed(octets_of(load_u32(headers.source)));
  outgoing.destination = subscribers.host(binding.host).address;
  outgoing.embedded = {outgoing.destination, prefix.embed(octets_of(about.remote)), binding.inside_port,
                       is_query ? binding.inside_port : about.remote_port};
  if (const Step refusal = error_four_to_six(passage.packet, headers, embedded, outgoing, *options)) return refusal;
  finish_to_ipv6(passage, headers, Counted::icmp_error);
  return std::nullopt;
}

void Translator::State::refuse(Passage& passage, const Ipv6Headers& headers, const Refusal& refusal) {
  if (refusal.is_kept) return;
  count_drop(refusal.reason);
  if (refusal.tell.type == 0 || !may_be_told(headers) || !may_tell(passage.second)) return;
  ip::Ipv6Octets source = options->icmp.source6;
  if (source == ip::Ipv6Octets{}) {
    source = options->prefixes.front().embed(pool.address_count() == 0 ? dummy_address : pool.address(0));
  }
  Room<1280> room;
  Packet error = make_icmp6_error(room.octets, passage.packet, headers, source, refusal.tell);
  passage.output.send(error);
}

// What the inside caused by writing to one of our own addresses is told to the inside, without a way through the
// device.
void Translator::State::refuse(Passage& passage, const Ipv4Headers& headers, const Refusal& refusal) {
  if (refusal.is_kept) return;
  count_drop(refusal.reason);
  if (refusal.tell.type == 0 || !may_be_told(headers) || !is_ours(load_u32(headers.destination))) return;
  if (!may_tell(passage.second)) return;
  ip::Ipv4Octets source = options->icmp.source4;
  if (source == ip::Ipv4Octets{}) std::memcpy(source.data(), headers.destination, source.size());
  Room<576> room;
  Packet error = make_icmp4_error(room.octets, passage.packet, headers, source, refusal.tell);
  if (!is_ours(load_u32(headers.source))) return passage.output.send(error);
  Passage back{error, passage.now, passage.second, passage.output, Translator::Arrival::device, true};
  from_ipv4(back);
}

bool Translator::State::may_tell(Second second) {
  if (!options->icmp.errors) return false;
  if (told_second != second) {
    told_second = second;
    told_count = 0;
  }
  if (told_count >= options->icmp.errors_per_second) {
    metrics.icmp_errors_suppressed.add();
    return false;
  }
  ++told_count;
  metrics.icmp_errors.add();
  return true;
}

// RFC 6146 3.5.2.2: port unreachable, about the SYN itself.
void Translator::State::tell_syn_unanswered(const StoredSyns::Syn& syn, TimePoint now, Output& output) {
  std::array<std::uint8_t, Packet::headroom + StoredSyns::kept_octets + Packet::tailroom> copy;
  Packet packet{copy.data() + Packet::headroom, syn.size, {}};
  std::memcpy(packet.data, syn.octets.data(), syn.size);
  Ipv4Headers headers;
  headers.source = packet.data + 12;
  headers.destination = packet.data + 16;
  headers.protocol = tcp_number;
  headers.transport_offset = static_cast<std::size_t>(packet.data[0] & 0x0f) * 4;
  headers.transport_size = syn.size - headers.transport_offset;
  headers.transport.kind = TransportKind::tcp;
  Passage passage{packet, now, second_of(now), output, Translator::Arrival::device};
  refuse(passage, headers, {DropReason::syn_unanswered, port_unreachable});
}

// A segment without octets and with a sequence number that cannot be right: whoever has the connection answers with
// where it stands (RFC 9293 3.10.7.4), whoever has it not, with RST.
void Translator::State::send_probe(const Session& session, Output& output) {
  constexpr std::size_t tcp_header_size = 20, ipv6_header_size = 40;
  constexpr std::uint8_t ack = 0x10, hop_limit = 64;
  const Binding& binding = bindings[session.binding];
  std::array<std::uint8_t, Packet::headroom + ipv6_header_size + tcp_header_size + Packet::tailroom> room{};
  std::uint8_t* header = room.data() + Packet::headroom;
  header[0] = 0x60;
  store_u16(header + 4, tcp_header_size);
  header[6] = tcp_number;
  header[7] = hop_limit;
  const ip::Ipv6Octets source = prefixes[session.prefix].embed(octets_of(session.remote));
  std::memcpy(header + 8, source.data(), source.size());
  std::memcpy(header + 24, subscribers.host(binding.host).address.data(), 16);
  std::uint8_t* tcp = header + ipv6_header_size;
  store_u16(tcp, session.remote_port);
  store_u16(tcp + 2, binding.inside_port);
  tcp[12] = tcp_header_size / 4 << 4;
  tcp[13] = ack;
  const ip::WordSum pseudo_header = ip::sum_words(header + 8, 32) + ip::word(tcp_header_size) + ip::word(tcp_number);
  ip::store_word(tcp + 16, ip::checksum_of(pseudo_header + ip::sum_words(tcp, tcp_header_size)));
  Packet probe{header, ipv6_header_size + tcp_header_size, {}};
  output.send(probe);
}

}  // namespace dragoman::nat64
