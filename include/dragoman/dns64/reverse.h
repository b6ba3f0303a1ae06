// Reverse names under the site's prefixes (RFC 6147 5.3.1). The ip6.arpa name of a prefix is the apex of a zone that is
// answered here and by nobody else: 64:ff9b::/96 is nobody's zone in the public tree, and a prefix of one's own usually
// not either. Pure; any thread; allocates nothing.
#pragma once

#include <cstdint>
#include <optional>

#include "dragoman/dns/message_writer.h"
#include "dragoman/dns/name.h"
#include "dragoman/dns64/policy.h"

namespace dragoman::dns64 {

// Where a name stands among the zones of the prefixes.
struct ReverseName {
  enum class Place : std::uint8_t {
    outside,       // of all of them, or above
    nonexistent,   // no embedded address has a name there: too long, no hexadecimal digit, a wrong suffix
    non_terminal,  // names of addresses are below
    apex,
    address,  // of an embedded IPv4 address
  };
  Place place = Place::outside;
  ip::Ipv4Octets address{};
  dns::NameView zone{};  // the apex of the longest prefix above the name; part of the name
};
// The prefixes of the mappings, reverse_prefixes and the Well-Known Prefix, in this order.
ReverseName find_reverse_name(const Policy& policy, dns::NameView name);

// RFC 1035 3.5.
dns::Name in_addr_name(const ip::Ipv4Octets& address);

// PTR questions: the in-addr.arpa name to look up instead. Nullopt: the name stands for no IPv4 address.
std::optional<dns::Name> reverse_target(const Policy& policy, dns::NameView name);

// Whether a question is one for these zones: not where the policy says `off`, and not the DS of an apex, which is the
// parent's (RFC 4035 3.1.4.1).
bool is_in_reverse_zone(const Policy& policy, const ReverseName& reverse, dns::Type type);

// The zone's own answer: SOA and NS at the apex, NODATA where names are, else NXDOMAIN. In mode `local` addresses have
// no names.
dns::Rcode write_reverse(const Policy& policy, const ReverseName& reverse, const dns::Question& question, seconds ttl,
                         dns::MessageWriter& writer);
// A denial of the zone: its SOA.
void write_reverse_denial(const ReverseName& reverse, std::uint32_t ttl_s, dns::MessageWriter& writer);

}  // namespace dragoman::dns64
