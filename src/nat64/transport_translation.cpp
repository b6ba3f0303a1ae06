// Ports, identifiers, checksums and the MSS option (RFC 1624, RFC 7915 4.5, 5.5).
#include "transport_translation.h"

namespace dragoman::nat64 {
namespace {

constexpr std::uint8_t syn_flag = 0x02;
constexpr std::uint8_t end_of_options = 0;
constexpr std::uint8_t no_operation = 1;
constexpr std::uint8_t maximum_segment_size = 2;

// The value of the MSS option; null if there is none.
std::uint8_t* mss_of(MutableBytes tcp) {
  std::size_t at = tcp_header_size;
  while (at < tcp.size() && tcp[at] != end_of_options) {
    if (tcp[at] == no_operation) {
      ++at;
      continue;
    }
    const std::size_t size = at + 1 < tcp.size() ? tcp[at + 1] : 0;
    if (size < 2 || at + size > tcp.size()) return nullptr;
    if (tcp[at] == maximum_segment_size && size == 4) return &tcp[at + 2];
    at += size;
  }
  return nullptr;
}

void store_ports(std::uint8_t* transport, const TransportChange& change) {
  store_u16(transport, change.source_port);
  store_u16(transport + 2, change.destination_port);
}

}  // namespace

void translate_ports(MutableBytes transport, TransportKind kind, const TransportChange& change, ChecksumState state) {
  const std::size_t offset = kind == TransportKind::tcp ? tcp_checksum_offset : udp_checksum_offset;
  std::uint8_t* field = transport.data() + offset;
  const bool has_checksum =
      offset + 2 <= transport.size() &&
      (kind == TransportKind::tcp || state == ChecksumState::partial || ip::load_word(field) != 0);
  if (!has_checksum) return store_ports(transport.data(), change);
  if (state == ChecksumState::partial) {  // ports are not in it
    store_ports(transport.data(), change);
    return ip::update_partial_checksum(field, change.removed, change.added);
  }
  const ip::WordSum removed = change.removed + ip::sum_of<4>(transport.data());
  store_ports(transport.data(), change);
  ip::update_checksum(field, removed, change.added + ip::word(change.source_port) + ip::word(change.destination_port));
  if (kind == TransportKind::udp && ip::load_word(field) == 0) ip::store_word(field, 0xffff);
}

void translate_query(std::uint8_t* icmp, const QueryChange& change) {
  const ip::WordSum removed = change.removed + ip::load_word(icmp) + ip::load_word(icmp + icmp_id_offset);
  icmp[0] = change.type;
  store_u16(icmp + icmp_id_offset, change.id);
  std::uint8_t* field = icmp + icmp_checksum_offset;
  ip::update_checksum(field, removed, change.added + ip::load_word(icmp) + ip::load_word(icmp + icmp_id_offset));
  // RFC 1624 3: the checksum of an ICMPv4 echo reply of zeros alone is 0xffff, which an update cannot tell from zero.
  // For any other message they are the same.
  if (ip::load_word(field) == 0 && ip::load_word(icmp) == 0) ip::store_word(field, 0xffff);
}

void write_checksum(MutableBytes transport, std::size_t checksum_offset, ip::WordSum pseudo_header) {
  std::uint8_t* field = transport.data() + checksum_offset;
  ip::store_word(field, 0);
  ip::store_word(field, ip::checksum_of(pseudo_header + ip::sum_words(transport.data(), transport.size())));
}

void clamp_tcp_mss(MutableBytes tcp, std::uint16_t limit, ChecksumState state) {
  if ((tcp[13] & syn_flag) == 0) return;
  std::uint8_t* value = mss_of(tcp);
  if (value == nullptr || load_u16(value) <= limit) return;
  // The option may lie across two words of the checksum: the sums are of all options. A partial checksum has none.
  const MutableBytes options = tcp.subspan(tcp_header_size);
  const ip::WordSum removed = ip::sum_words(options.data(), options.size());
  store_u16(value, limit);
  if (state == ChecksumState::partial) return;
  ip::update_checksum(tcp.data() + tcp_checksum_offset, removed, ip::sum_words(options.data(), options.size()));
}

}  // namespace dragoman::nat64
