// From an AAAA answer to ipv4only.arpa to the prefixes that made it (RFC 7050 3). Pure; any thread.
//
// The name has two IPv4 addresses, 192.0.0.170 and 192.0.0.171 (RFC 7050 8.2), so a DNS64 answers two IPv6 addresses
// for each of its prefixes, which differ in the last octet of the embedded address and nowhere else. Where that octet
// stands gives the length of the prefix: it is another one for each of the six lengths of RFC 6052 2.2. What looks like
// a well-known address elsewhere, in a prefix or in a suffix, makes no such pair.
#pragma once

#include <vector>

#include "dragoman/base/time.h"
#include "dragoman/dns/answer.h"
#include "dragoman/ip/pref64.h"

namespace dragoman::gateway {

// The prefixes in the order of the addresses. When only one of the two well-known addresses was returned, an IPv6
// address counts if it holds that value once alone, on whatever octet boundary, and there at a place of RFC 6052.
// Prefixes that no translator can have (mapped, link-local, multicast) are left out.
std::vector<ip::Pref64> prefixes_behind(const std::vector<ip::Ipv6Octets>& addresses);

struct Pref64Answer {
  std::vector<ip::Pref64> prefixes;  // empty: this resolver does no DNS64
  seconds ttl{0};                    // how long that holds; 0 when the answer does not say
};

// Of an answer with RCODE NOERROR or NXDOMAIN.
Pref64Answer read_answer(const dns::Answer& answer);

}  // namespace dragoman::gateway
