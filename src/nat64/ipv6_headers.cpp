// IPv6 and its extension headers (RFC 8200 4; RFC 7915 5.1, 5.1.1).
#include "headers.h"
#include "icmp_extension.h"
#include "icmp_mapping.h"
#include "transport_header.h"
#include "wire_headers.h"

namespace dragoman::nat64 {
namespace {

constexpr std::uint8_t hop_by_hop_number = 0;
constexpr std::uint8_t routing_number = 43;
constexpr std::uint8_t destination_options_number = 60;

// One of each kind that RFC 8200 4.1 recommends, Destination Options twice, and as many again.
constexpr int max_extension_headers = 10;

// ESP, and Authentication Header alike, are transport to a translator: it cannot look behind or change them.
bool is_extension_header(std::uint8_t number) {
  return number == hop_by_hop_number || number == routing_number || number == fragment_number ||
         number == destination_options_number;
}

Step parameter_problem(DropReason reason, std::uint8_t code, std::size_t pointer) {
  return drop(reason, {icmp6::parameter_problem, code, static_cast<std::uint32_t>(pointer)});
}

Fragmentation read_fragment_header(const std::uint8_t* header) {
  const std::uint16_t word = load_u16(header + 2);
  return {.id = load_u32(header + 4),
          .offset = static_cast<std::uint16_t>(word & 0xfff8),
          .more = (word & 1) != 0,
          .has_header = true};
}

// The chain of Next Header fields: one step is one extension header. What is wrong with it is kept until the end,
// because of an ICMP error nobody may be told, whatever lies in front of it.
class Chain {
 public:
  // `packet` begins with the IPv6 header.
  explicit Chain(Bytes packet) : packet_(packet), number_(packet[6]) {}

  std::uint8_t number() const { return number_; }  // of the header at offset()
  std::size_t offset() const { return at_; }
  const Fragmentation& fragment() const { return fragment_; }
  std::size_t fragment_offset() const { return fragment_at_; }  // where the Fragment Header lies
  const Step& refusal() const { return refusal_; }

  // Behind the Fragment Header of a later fragment lies no header that could be read.
  bool has_step() const { return is_extension_header(number_) && fragment_.is_first(); }
  // Refusals after which there is no going on.
  Step step() {
    if (count_ == max_extension_headers) {  // RFC 8883 3.4
      return parameter_problem(DropReason::extension_header, icmp6::too_many_extension_headers, at_);
    }
    if (at_ + 8 > packet_.size()) return drop(DropReason::malformed);
    const std::uint8_t* header = packet_.data() + at_;
    const std::size_t size = number_ == fragment_number ? fragment_header_size : (std::size_t{header[1]} + 1) * 8;
    if (at_ + size > packet_.size()) return drop(DropReason::malformed);
    check(header);
    if (number_ == fragment_number && !fragment_.has_header) {
      fragment_ = read_fragment_header(header);
      fragment_at_ = at_;
      if (!fragment_.is_first() && is_extension_header(header[0])) refuse(fragmented_extension_header());
    }
    number_ = header[0];
    number_at_ = at_;
    at_ += size;
    ++count_;
    return {};
  }

 private:
  // RFC 7915 5.1.1: what is fragmented must be a transport header.
  static Step fragmented_extension_header() {
    return drop(DropReason::extension_header, {icmp6::destination_unreachable, icmp6::administratively_prohibited});
  }

  void check(const std::uint8_t* header) {
    if (fragment_.has_header) refuse(fragmented_extension_header());
    // RFC 8200 4, 4.1: Hop-by-Hop Options come first or not at all.
    if (number_ == hop_by_hop_number && count_ != 0) {
      refuse(parameter_problem(DropReason::extension_header, icmp6::unrecognized_next_header, number_at_));
    }
    // RFC 7915 5.1: segments left.
    if (number_ == routing_number && header[3] != 0) {
      refuse(parameter_problem(DropReason::source_route, icmp6::erroneous_field, at_ + 3));
    }
  }

  void refuse(const Step& refusal) {
    if (!refusal_) refusal_ = refusal;
  }

  Bytes packet_;
  std::uint8_t number_;
  std::size_t number_at_ = 6;
  std::size_t at_ = ipv6_header_size;
  int count_ = 0;
  Fragmentation fragment_;
  std::size_t fragment_at_ = 0;
  Step refusal_;
};

void read_fixed_header(const std::uint8_t* header, Ipv6Headers& headers) {
  headers.source = header + 8;
  headers.destination = header + 24;
  headers.traffic_class = static_cast<std::uint8_t>(load_u16(header) >> 4);
  headers.hop_limit = header[7];
}

// RFC 8200 4.5: what cannot be a fragment.
Step check_fragment(const Ipv6Headers& headers, std::size_t fragment_offset) {
  if (headers.fragment.is_whole()) return {};
  if (headers.transport_size == 0) return drop(DropReason::malformed);
  if (headers.fragment.more && headers.transport_size % 8 != 0) {
    return parameter_problem(DropReason::malformed, icmp6::erroneous_field, 4);
  }
  const std::size_t headers_before = fragment_offset - ipv6_header_size;
  if (headers_before + headers.fragment.offset + headers.transport_size > largest_ip_packet) {
    return parameter_problem(DropReason::malformed, icmp6::erroneous_field, fragment_offset + 2);
  }
  return {};
}

}  // namespace

Step read_ipv6(Packet& packet, Ipv6Headers& headers) {
  headers = {};
  if (packet.size < ipv6_header_size || packet.data[0] >> 4 != 6) return drop(DropReason::malformed);
  const std::size_t size = ipv6_header_size + load_u16(packet.data + 4);
  if (size > packet.size) return drop(DropReason::malformed);
  read_fixed_header(packet.data, headers);

  Chain chain(Bytes(packet.data, size));
  while (chain.has_step()) {
    if (Step refusal = chain.step()) return refusal;
  }
  headers.fragment = chain.fragment();
  headers.protocol = chain.number();
  headers.transport_offset = chain.offset();
  headers.transport_size = size - chain.offset();
  if (headers.fragment.has_header) {
    if (Step refusal = check_fragment(headers, chain.fragment_offset())) return refusal;
  }
  const TransportPlace place{Family::ipv6, headers.protocol, headers.transport_offset, headers.transport_size,
                             headers.fragment};
  if (Step refusal = read_transport(packet, place, headers.transport)) return refusal;
  if (chain.refusal()) return chain.refusal();
  packet.size = size;
  return {};
}

Step read_embedded_ipv6(const Packet& packet, const Ipv6Headers& outer, Ipv6Headers& embedded) {
  embedded = {};
  const Bytes message(packet.data + outer.transport_offset, outer.transport_size);
  Bytes octets = parts_of(Family::ipv6, message).datagram;
  if (octets.size() < ipv6_header_size || octets[0] >> 4 != 6) return drop(DropReason::icmp_error_embedded);
  const std::size_t size = ipv6_header_size + load_u16(octets.data() + 4);
  if (octets.size() > size) octets = octets.first(size);
  read_fixed_header(octets.data(), embedded);

  Chain chain(octets);
  while (chain.has_step()) {
    if (chain.step()) return drop(DropReason::icmp_error_embedded);
  }
  if (chain.refusal() || !chain.fragment().is_first()) return drop(DropReason::icmp_error_embedded);
  embedded.protocol = chain.number();
  embedded.fragment = chain.fragment();
  embedded.transport_offset = static_cast<std::size_t>(octets.data() - packet.data) + chain.offset();
  embedded.transport_size = octets.size() - chain.offset();
  return read_embedded_transport(octets.subspan(chain.offset()), Family::ipv6, embedded.protocol, embedded.transport);
}

}  // namespace dragoman::nat64
