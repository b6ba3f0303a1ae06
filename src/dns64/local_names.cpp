// The zones that a DNS64 serves by itself (RFC 8880 7): ipv4only.arpa, by which hosts learn the prefix (RFC 7050), and
// the reverse names of its two addresses. Each zone is an apex with some records and nothing below. Pure; any thread.
#include <algorithm>
#include <array>

#include "dragoman/dns/own_zone.h"
#include "dragoman/dns64/reverse.h"
#include "dragoman/dns64/synthesis.h"
#include "records.h"

namespace dragoman::dns64 {
namespace {

constexpr ip::Ipv4Octets well_known_addresses[] = {{192, 0, 0, 170}, {192, 0, 0, 171}};  // RFC 7050 8.2

constexpr std::uint8_t ipv4only_arpa[] = {8, 'i', 'p', 'v', '4', 'o', 'n', 'l', 'y', 4, 'a', 'r', 'p', 'a', 0};
constexpr std::uint8_t reverse_170[] = {3,   '1', '7', '0', 1,   '0', 1,   '0', 3,   '1', '9', '2', 7,
                                        'i', 'n', '-', 'a', 'd', 'd', 'r', 4,   'a', 'r', 'p', 'a', 0};
constexpr std::uint8_t reverse_171[] = {3,   '1', '7', '1', 1,   '0', 1,   '0', 3,   '1', '9', '2', 7,
                                        'i', 'n', '-', 'a', 'd', 'd', 'r', 4,   'a', 'r', 'p', 'a', 0};

struct Zone {
  dns::NameView apex;
  bool is_reverse = false;
};

constexpr Zone zones[] = {
    {dns::NameView(ipv4only_arpa), false},
    {dns::NameView(reverse_170), true},
    {dns::NameView(reverse_171), true},
};

// The zone that holds a name. The reverse names of the well-known addresses under a policy's prefixes are zones too.
std::optional<Zone> zone_of(dns::NameView name, const Policy* policy) {
  if (!ends_in_arpa(name)) return {};
  for (const Zone& zone : zones) {
    if (name.is_subdomain_of(zone.apex)) return zone;
  }
  const auto target = policy == nullptr ? std::nullopt : reverse_target(*policy, name);
  if (!target) return {};
  for (const Zone& zone : zones) {
    if (zone.is_reverse && dns::equal(*target, zone.apex)) return Zone{name, true};
  }
  return {};
}

void write_ptr(dns::NameView owner, std::uint32_t ttl, dns::MessageWriter& writer) {
  writer.begin_record(dns::Section::answer, owner, dns::Type::ptr, dns::Class::in, ttl);
  writer.rdata_name(dns::NameView(ipv4only_arpa), true);
  writer.end_record();
}

// Whether an earlier mapping has the prefix too.
bool is_repeated(const Policy& policy, const Mapping& mapping, const ip::Pref64& prefix) {
  for (const Mapping& earlier : policy.mappings) {
    if (&earlier == &mapping) return false;
    if (std::find(earlier.prefixes.begin(), earlier.prefixes.end(), prefix) != earlier.prefixes.end()) return true;
  }
  return false;
}

void write_mapped(const Policy& policy, const ip::Ipv4Octets& address, const dns::Question& question, std::uint32_t ttl,
                  dns::MessageWriter& writer) {
  for (const Mapping& mapping : policy.mappings) {
    for (const ip::Pref64& prefix : mapping.prefixes) {
      if (is_repeated(policy, mapping, prefix)) continue;
      const ip::Ipv6Octets mapped = prefix.embed(address);
      writer.record(dns::Section::answer, question.name, dns::Type::aaaa, ttl, mapped);
    }
  }
}

// RFC 8880 7.1: under every prefix that the policy uses, for RFC 7050 cannot say which addresses a prefix is for.
// RFC 6052 3.1 keeps these addresses out of the Well-Known Prefix, but for this name.
void write_addresses(const Policy* policy, const dns::Question& question, std::uint32_t ttl,
                     dns::MessageWriter& writer) {
  for (const ip::Ipv4Octets& address : well_known_addresses) {
    if (question.type == dns::Type::a) {
      writer.record(dns::Section::answer, question.name, dns::Type::a, ttl, address);
    }
    if (question.type == dns::Type::aaaa && policy != nullptr) write_mapped(*policy, address, question, ttl, writer);
  }
}

void write_apex(const Zone& zone, const Policy* policy, const dns::Question& question, std::uint32_t ttl,
                dns::MessageWriter& writer) {
  switch (question.type) {
    case dns::Type::soa:
      return dns::write_soa(dns::Section::answer, zone.apex, ttl, writer);
    case dns::Type::ns:
      return dns::write_ns(zone.apex, ttl, writer);
    case dns::Type::ptr:
      if (zone.is_reverse) write_ptr(zone.apex, ttl, writer);
      return;
    default:
      if (!zone.is_reverse) write_addresses(policy, question, ttl, writer);
  }
}

}  // namespace

// RFC 8880 7: the DS of a zone is its parent's, whose signed denial is the real one.
bool is_local_name(dns::NameView name, dns::Type type, const Policy* policy) {
  const auto zone = zone_of(name, policy);
  return zone && !(type == dns::Type::ds && dns::equal(name, zone->apex));
}

LocalAnswer write_local(const Policy* policy, const dns::Question& question, seconds ttl, dns::MessageWriter& writer) {
  const auto zone = zone_of(question.name, policy);
  if (!zone) return {};
  const auto ttl_s = static_cast<std::uint32_t>(ttl.count());
  const bool is_apex = dns::equal(question.name, zone->apex);
  const std::uint16_t before = writer.count(dns::Section::answer);
  if (is_apex) write_apex(*zone, policy, question, ttl_s, writer);
  if (writer.count(dns::Section::answer) == before) dns::write_soa(dns::Section::authority, zone->apex, ttl_s, writer);
  return {is_apex ? dns::Rcode::noerror : dns::Rcode::nxdomain};
}

}  // namespace dragoman::dns64
