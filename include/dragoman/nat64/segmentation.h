// Software segmentation: what the kernel does with a super-packet that a device cannot take, for TUN devices whose
// kernel refuses the offload. Pure.
#pragma once

#include <span>

#include "dragoman/base/function_ref.h"
#include "dragoman/nat64/packet.h"

namespace dragoman::nat64 {

// The headers of a super-packet, from the IP header to the end of the TCP or UDP header, are at most so long. One with
// longer headers, or whose headers are not those of its offload kind, counts as one segment and is given as it is: the
// kernel refuses it. Translation makes none.
inline constexpr std::size_t max_segmented_headers = 512;

// How many segments a packet is; 1 without an offload kind.
std::size_t segment_count(const Packet& packet);
// The length of the longest of them, headers included.
std::size_t longest_segment(const Packet& packet);

// Finishes a partial checksum in place, so that the packet needs no offload; not for super-packets.
void finish_checksum(Packet& packet);

// Gives every segment of a TCP or UDP super-packet of either family to `sink`, in order, complete and without offload:
// lengths, IPv4 identification (one more each) and header checksum, TCP sequence numbers and flags (CWR on the first
// alone, FIN and PSH on the last alone), checksums. A packet without an offload kind is given as it is, its checksum
// finished. Each is valid during its call and lies in the super-packet's own octets, which are overwritten on the way:
// a segment's headers take the place of the payload that was given before it. So there is headroom in front of each
// that may be written to, but no tailroom. A checksum that was complete and wrong is wrong in every segment.
void segment(Packet& packet, FunctionRef<void(const Packet&)> sink);

}  // namespace dragoman::nat64
