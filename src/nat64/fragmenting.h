// Making several packets of one: IPv6 fragments of what IPv4 allowed to be fragmented (RFC 7915 4.1, RFC 8200 4.5), and
// the segments of a super-packet (public, dragoman/nat64/segmentation.h). Pure.
#pragma once

#include <cstdint>

#include "dragoman/base/function_ref.h"
#include "dragoman/nat64/options.h"
#include "dragoman/nat64/packet.h"

namespace dragoman::nat64 {

using PacketSink = FunctionRef<void(const Packet&)>;  // the packet is valid during the call

// Whether a packet that came from IPv4 without DF, now IPv6, is too large for Options::lowest_ipv6_mtu. Of a
// super-packet its segments count.
bool needs_fragmenting(const Packet& packet, const Options& options);

// Gives the pieces to `sink`, each at most lowest_ipv6_mtu long, in order; a packet that has a Fragment Header keeps
// its identification and its place. A super-packet is segmented first. A partial checksum is finished first. The
// packet's octets are overwritten on the way. `identification`: for a packet without a Fragment Header.
void fragment_ipv6(Packet& packet, std::uint32_t identification, const Options& options, PacketSink sink);

}  // namespace dragoman::nat64
