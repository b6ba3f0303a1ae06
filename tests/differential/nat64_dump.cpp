// Reads packets from standard input, one a line: `outer embedded octets` with each tuple as `address:port,address:port`
// of the family that the packet leaves with. Writes the translated packet, or the reason why there is none, in octets
// or words; nat64_packets.py says the same of what Scapy built.
#include <iostream>
#include <string>
#include <vector>

#include "dragoman/telemetry/metric.h"
#include "translation.h"

namespace dragoman::nat64 {
namespace {

using Octets = std::vector<std::uint8_t>;

struct Endpoints {
  ip::Endpoint source, destination;
};

Endpoints endpoints(const std::string& text) {
  const std::size_t comma = text.find(',');
  return {*ip::Endpoint::from_text(text.substr(0, comma)), *ip::Endpoint::from_text(text.substr(comma + 1))};
}

Tuple4 tuple4(const Endpoints& from) {
  return {from.source.address.v4(), from.destination.address.v4(), from.source.port, from.destination.port};
}
Tuple6 tuple6(const Endpoints& from) {
  return {from.source.address.v6(), from.destination.address.v6(), from.source.port, from.destination.port};
}

Step from_ipv6(Packet& packet, const Endpoints& outer, const Endpoints& about) {
  Identification identification(0x1000);
  Ipv6Headers headers, embedded;
  if (Step refusal = read_ipv6(packet, headers)) return refusal;
  const Tuple4 outgoing = tuple4(outer);
  if (headers.transport.kind != TransportKind::icmp_error) {
    return six_to_four(packet, headers, outgoing, identification, {});
  }
  if (Step refusal = read_embedded_ipv6(packet, headers, embedded)) return refusal;
  const ErrorTuple4 error{outgoing.source, outgoing.destination, tuple4(about), nullptr, identification.take()};
  return error_six_to_four(packet, headers, embedded, error, {});
}

Step from_ipv4(Packet& packet, const Endpoints& outer, const Endpoints& about) {
  Ipv4Headers headers, embedded;
  if (Step refusal = read_ipv4(packet, headers)) return refusal;
  const Tuple6 outgoing = tuple6(outer);
  if (headers.transport.kind != TransportKind::icmp_error) return four_to_six(packet, headers, outgoing, {});
  if (Step refusal = read_embedded_ipv4(packet, headers, embedded)) return refusal;
  return error_four_to_six(packet, headers, embedded, {outgoing.source, outgoing.destination, tuple6(about)}, {});
}

Octets octets(const std::string& text) {
  Octets result;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    result.push_back(static_cast<std::uint8_t>(std::stoul(text.substr(i, 2), nullptr, 16)));
  }
  return result;
}

std::string hex(const Packet& packet) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < packet.size; ++i) {
    text += digits[packet.data[i] >> 4];
    text += digits[packet.data[i] & 15];
  }
  return text;
}

std::string translated(const std::string& outer, const std::string& about, const Octets& in) {
  Octets memory(Packet::headroom + in.size() + Packet::tailroom);
  std::copy(in.begin(), in.end(), memory.begin() + Packet::headroom);
  Packet packet{memory.data() + Packet::headroom, in.size(), {}};
  const bool is_ipv6 = packet.data[0] >> 4 == 6;
  const Step step = is_ipv6 ? from_ipv6(packet, endpoints(outer), endpoints(about))
                            : from_ipv4(packet, endpoints(outer), endpoints(about));
  return step ? telemetry::LabelValues<DropReason>::values[static_cast<std::size_t>(step->reason)] : hex(packet);
}

}  // namespace
}  // namespace dragoman::nat64

int main() {
  std::string outer, about, packet;
  while (std::cin >> outer >> about >> packet) {
    std::cout << dragoman::nat64::translated(outer, about, dragoman::nat64::octets(packet)) << '\n';
  }
}
