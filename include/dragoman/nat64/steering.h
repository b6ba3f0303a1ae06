// Who owns a packet: the same rule in C++ and as a BPF program for the TUN device's steering hook, so that most packets
// reach their worker without a hand-off. Pure: the program is words; net loads them.
//
//   IPv6: a hash of the source's subscriber prefix; of the embedded destination in ICMPv6 errors
//   IPv4: the holder of the port block of the destination; of the embedded source in ICMP errors; for fragments other
//         than the first: what the first one said, and before that has come a hash of the datagram
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "dragoman/base/bpf_assembler.h"
#include "dragoman/base/bytes.h"
#include "dragoman/ip/address.h"
#include "dragoman/ip/pref64.h"

namespace dragoman::nat64 {

// The worker of a subscriber. `prefix_length`: Options::subscriber_prefix, 1 to 128. Mixes all bits into the low ones.
// The IPv6 address need not be aligned.
unsigned subscriber_worker(const std::uint8_t* address, std::uint8_t prefix_length, unsigned workers);

// Where the fragments of an IPv4 datagram meet whose first one, which has the ports, has not been seen. Addresses as in
// the packet, the identification in host order.
unsigned fragment_worker(const std::uint8_t* source, const std::uint8_t* destination, std::uint16_t identification,
                         unsigned workers);

struct SteeringMaps {
  int addresses = -1;  // hash: IPv4 address as it is in the packet (4 octets) -> AddressIndex (u32)
  int owners = -1;     // array: BlockNumber (u32) -> OwnerWords' word (u64): worker + 1, or 0
  int fragments = -1;  // LRU hash: FragmentSteeringKey -> worker (u32)
};
struct FragmentSteeringKey {
  std::array<std::uint8_t, 4> source;
  std::array<std::uint8_t, 4> destination;
  std::uint16_t id;  // as in the packet
  std::uint8_t protocol;
  std::uint8_t zero;
};
static_assert(sizeof(FragmentSteeringKey) == 12);

struct SteeringOptions {
  unsigned workers = 1;
  std::uint8_t subscriber_prefix = 64;
  std::uint16_t block_size = 256;
};

// A BPF_PROG_TYPE_SOCKET_FILTER program whose result is the queue. What it cannot tell goes to queue 0 or to any; the
// worker there hands it off. Descriptors are those of maps that were made before.
std::vector<BpfInstruction> steering_program(const SteeringOptions& options, const SteeringMaps& maps);

}  // namespace dragoman::nat64
