// The IPv4 blocks of the IANA special-purpose address registry (RFC 6890) that are not globally reachable, as a table.
// Pure; any thread.
#include <bit>
#include <cstdint>

#include "dragoman/base/bytes.h"
#include "dragoman/ip/address.h"
#include "dragoman/ip/pref64.h"

namespace dragoman::ip {
namespace {

enum class Purpose : std::uint8_t {
  global,       // an exception inside a larger block
  local,        // means another host, or none, elsewhere
  private_use,  // the same, but routed within a network: RFC 1918, RFC 6598
  example,      // only in documentation, tests and benchmarks
};

struct Block {
  Ipv4Octets network;
  std::uint8_t length;
  Purpose purpose;
};

// The first block that holds an address decides.
constexpr Block blocks[] = {
    {{0, 0, 0, 0}, 8, Purpose::local},             // this network, RFC 791 3.2
    {{10, 0, 0, 0}, 8, Purpose::private_use},      // private use, RFC 1918
    {{100, 64, 0, 0}, 10, Purpose::private_use},   // shared address space, RFC 6598
    {{127, 0, 0, 0}, 8, Purpose::local},           // loopback, RFC 1122 3.2.1.3
    {{169, 254, 0, 0}, 16, Purpose::local},        // link-local, RFC 3927
    {{172, 16, 0, 0}, 12, Purpose::private_use},   // private use, RFC 1918
    {{192, 0, 0, 9}, 32, Purpose::global},         // Port Control Protocol anycast, RFC 7723
    {{192, 0, 0, 10}, 32, Purpose::global},        // TURN anycast, RFC 8155
    {{192, 0, 0, 0}, 24, Purpose::local},          // IETF protocol assignments, RFC 6890 2.1
    {{192, 0, 2, 0}, 24, Purpose::example},        // TEST-NET-1, RFC 5737
    {{192, 88, 99, 0}, 24, Purpose::local},        // 6to4 relay anycast, RFC 7526; RFC 5735 3 has it
    {{192, 168, 0, 0}, 16, Purpose::private_use},  // private use, RFC 1918
    {{198, 18, 0, 0}, 15, Purpose::example},       // benchmarking, RFC 2544
    {{198, 51, 100, 0}, 24, Purpose::example},     // TEST-NET-2, RFC 5737
    {{203, 0, 113, 0}, 24, Purpose::example},      // TEST-NET-3, RFC 5737
    {{224, 0, 0, 0}, 4, Purpose::local},           // multicast, RFC 5771: no host to reach
    {{240, 0, 0, 0}, 4, Purpose::local},           // reserved and limited broadcast, RFC 1112 4, RFC 919 7
};

Purpose purpose_of(const Ipv4Octets& address) {
  std::uint32_t value = load_u32(address.data());
  for (const Block& block : blocks) {
    if (((value ^ load_u32(block.network.data())) >> (32 - block.length)) == 0) return block.purpose;
  }
  return Purpose::global;
}

}  // namespace

bool is_non_global_v4(const Ipv4Octets& address) { return purpose_of(address) != Purpose::global; }

bool well_known_prefix_may_hold(const Ipv4Octets& address, WellKnownPrefixRule rule) {
  if (rule == WellKnownPrefixRule::off) return true;
  switch (purpose_of(address)) {
    case Purpose::global:
      return true;
    case Purpose::local:
      return false;
    case Purpose::private_use:
      return rule == WellKnownPrefixRule::wkp_1918;
    case Purpose::example:
      return rule == WellKnownPrefixRule::examples;
  }
  return false;
}

}  // namespace dragoman::ip
