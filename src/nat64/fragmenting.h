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
// packet's octets are overwritten on the way. What is small enough is given as it is: no Fragment Header is made for it
// (RFC 8021). `packet` is as four_to_six() leaves it: nothing but a Fragment Header between IPv6 and transport header.
// `identification`: for a packet without a Fragment Header: that of the IPv4 packet (RFC 7915 4.1). The segments of a
// super-packet take successive ones, as the IPv4 segments would have had (16 bits, wrapping).
void fragment_ipv6(Packet& packet, std::uint32_t identification, const Options& options, PacketSink sink);

}  // namespace dragoman::nat64
