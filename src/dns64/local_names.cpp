// The zones that a DNS64 serves by itself (RFC 8880 7): ipv4only.arpa, by which hosts learn the prefix (RFC 7050), and
// the reverse names of its two addresses. Each zone is an apex with some records and nothing below. Pure; any thread.
#include <array>

#include "dragoman/dns64/synthesis.h"

namespace dragoman::dns64 {
namespace {

constexpr ip::Ipv4Octets well_known_addresses[] = {{192, 0, 0, 170}, {192, 0, 0, 171}};  // RFC 7050 8.2

constexpr std::uint8_t ipv4only_arpa[] = {8, 'i', 'p', 'v', '4', 'o', 'n', 'l', 'y', 4, 'a', 'r', 'p', 'a', 0};
constexpr std::uint8_t reverse_170[] = {3,   '1', '7', '0', 1,   '0', 1,   '0', 3,   '1', '9', '2', 7,
                                        'i', 'n', '-', 'a', 'd', 'd', 'r', 4,   'a', 'r', 'p', 'a', 0};
constexpr std::uint8_t reverse_171[] = {3,   '1', '7', '1', 1,   '0', 1,   '0', 3,   '1', '9', '2', 7,
                                        'i', 'n', '-', 'a', 'd', 'd', 'r', 4,   'a', 'r', 'p', 'a', 0};
constexpr std::uint8_t nobody_invalid[] = {6, 'n', 'o', 'b', 'o', 'd', 'y', 7, 'i', 'n', 'v', 'a', 'l', 'i', 'd', 0};

struct Zone {
  dns::NameView apex;
  bool is_reverse = false;
};

constexpr Zone zones[] = {
    {dns::NameView(ipv4only_arpa), false},
    {dns::NameView(reverse_170), true},
    {dns::NameView(reverse_171), true},
};

// Every query of every client passes here: most leave by this comparison of four octets.
bool ends_in_arpa(dns::NameView name) {
  const Bytes wire = name.wire();
  return wire.size() > 6 && (load_u32(&wire[wire.size() - 5]) | 0x20202020) == 0x61727061;
}

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

// RFC 6303 3, with a MINIMUM as short as the other TTLs: a change of prefix is to be seen soon.
void write_soa(dns::Section section, dns::NameView apex, std::uint32_t ttl, dns::MessageWriter& writer) {
  writer.begin_record(section, apex, dns::Type::soa, dns::Class::in, ttl);
  writer.rdata_name(apex, true);
  writer.rdata_name(dns::NameView(nobody_invalid), true);
  for (const std::uint32_t number : {1u, 3600u, 1200u, 604800u, ttl}) writer.rdata_u32(number);
  writer.end_record();
}

void write_name(dns::NameView owner, dns::Type type, dns::NameView target, std::uint32_t ttl,
                dns::MessageWriter& writer) {
  writer.begin_record(dns::Section::answer, owner, type, dns::Class::in, ttl);
  writer.rdata_name(target, true);
  writer.end_record();
}

// RFC 6052 3.1 keeps these addresses out of the Well-Known Prefix, but for this name.
void write_addresses(const Policy* policy, const dns::Question& question, std::uint32_t ttl,
                     dns::MessageWriter& writer) {
  for (const ip::Ipv4Octets& address : well_known_addresses) {
    if (question.type == dns::Type::a) {
      writer.record(dns::Section::answer, question.name, dns::Type::a, ttl, address);
    }
    if (question.type != dns::Type::aaaa || policy == nullptr) continue;
    for (const ip::Pref64& prefix : policy->prefixes) {
      const ip::Ipv6Octets mapped = prefix.embed(address);
      writer.record(dns::Section::answer, question.name, dns::Type::aaaa, ttl, mapped);
    }
  }
}

void write_apex(const Zone& zone, const Policy* policy, const dns::Question& question, std::uint32_t ttl,
                dns::MessageWriter& writer) {
  switch (question.type) {
    case dns::Type::soa:
      return write_soa(dns::Section::answer, zone.apex, ttl, writer);
    case dns::Type::ns:
      return write_name(zone.apex, dns::Type::ns, zone.apex, ttl, writer);
    case dns::Type::ptr:
      if (zone.is_reverse) write_name(zone.apex, dns::Type::ptr, dns::NameView(ipv4only_arpa), ttl, writer);
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
  if (writer.count(dns::Section::answer) == before) write_soa(dns::Section::authority, zone->apex, ttl_s, writer);
  return {is_apex ? dns::Rcode::noerror : dns::Rcode::nxdomain};
}

}  // namespace dragoman::dns64
