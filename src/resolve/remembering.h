// What a client is answered, for the NAT64 to know: nat64::ResolvedAddresses. Worker thread; nothing here waits or
// allocates, but for a domain that is new.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "dragoman/dns/answer.h"
#include "dragoman/nat64/resolved_addresses.h"
#include "dragoman/resolve/ipv4_only.h"
#include "dragoman/resolve/metrics.h"
#include "inquiry.h"

namespace dragoman::resolve {

// The addresses of an A answer that lead through the NAT64, as long as there are few, for an answer that is sent again.
struct LedThroughNat64 {
  struct Address {
    ip::Ipv4Octets address;
    std::uint32_t ttl_s;
  };
  static constexpr std::size_t most = 4;

  std::array<Address, most> addresses;
  std::uint8_t count = 0;
  nat64::DomainId domain = nat64::no_domain;
};

// The addresses of an A answer that the client's policy maps, embedded or as they are. Only clients that ask over IPv6
// are known to a NAT64. Returns them; nothing when they are too many.
std::optional<LedThroughNat64> remember(nat64::ResolvedAddresses& resolved, const Inquiry& inquiry,
                                        const dns::AnswerView& a, nat64::DomainId domain, Metrics& metrics);
void remember(nat64::ResolvedAddresses& resolved, const Inquiry& inquiry, const LedThroughNat64& led, Metrics& metrics);

// The number of a domain, kept in its note.
nat64::DomainId id_of(const Ipv4OnlyNames::Domain& domain, nat64::DomainNames& names, TimePoint now);

}  // namespace dragoman::resolve
