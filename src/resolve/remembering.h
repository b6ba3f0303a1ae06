// What a client is answered, for the NAT64 to know: nat64::ResolvedAddresses. Worker thread; nothing here waits or
// allocates, but for a domain that is new.
#pragma once

#include "dragoman/dns/answer.h"
#include "dragoman/nat64/resolved_addresses.h"
#include "dragoman/resolve/ipv4_only.h"
#include "dragoman/resolve/metrics.h"
#include "inquiry.h"

namespace dragoman::resolve {

// The addresses of an A answer that the client's policy maps, embedded or as they are. Only clients that ask over IPv6
// are known to a NAT64.
void remember(nat64::ResolvedAddresses& resolved, const Inquiry& inquiry, const dns::AnswerView& a,
              nat64::DomainId domain, Metrics& metrics);

// The number of a domain, kept in its note.
nat64::DomainId id_of(const Ipv4OnlyNames::Domain& domain, nat64::DomainNames& names, TimePoint now);

}  // namespace dragoman::resolve
