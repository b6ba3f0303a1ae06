// Who gets synthesis and how: the settings of DNS64 as the pure code wants them. Immutable once built; any thread.
#pragma once

#include <vector>

#include "dragoman/base/time.h"
#include "dragoman/ip/address.h"
#include "dragoman/ip/pref64.h"

namespace dragoman::dns64 {

enum class PtrMode : unsigned char { cname, off };  // RFC 6147 5.3.1: the CNAME way, or as any other query

// One way to synthesize. A client's policy is the first whose `clients` holds it.
struct Policy {
  std::vector<ip::Prefix> clients{};              // empty: everybody
  std::vector<ip::Pref64> prefixes{};             // in order; empty: no synthesis for these clients
  std::vector<ip::Prefix> exclude_aaaa{};         // AAAA in here count as absent (RFC 6147 5.1.4)
  std::vector<ip::Prefix> exclude_a{};            // A in here are never embedded
  bool well_known_prefix_for_global_only = true;  // RFC 6052 3.1
  PtrMode ptr = PtrMode::cname;
};

struct Options {
  std::vector<Policy> policies;      // empty: DNS64 is off
  milliseconds aaaa_deadline{1500};  // RFC 6147 5.1.3: a time-out is as an error, so the A answer is used
  milliseconds a_delay{0};           // RFC 6147 5.1.8: the A question goes out this long after the AAAA one
  seconds max_ttl_without_soa{600};  // RFC 6147 5.1.7
  seconds local_ttl{600};            // of ipv4only.arpa (RFC 8880)
};

// ::ffff:0:0/96, the default of exclude_aaaa.
std::vector<ip::Prefix> default_exclude_aaaa();

// The first policy that covers the client, be it one without prefixes; null when there is none.
const Policy* matching_policy(const std::vector<Policy>& policies, const ip::Address& client);
// Null when no policy covers the client or its policy has no prefix.
const Policy* policy_for(const std::vector<Policy>& policies, const ip::Address& client);

}  // namespace dragoman::dns64
