// RRsets with signatures, and what is written of them, for tests of what is remembered of denials.
#pragma once

#include <string>
#include <vector>

#include "denial_records.h"
#include "dragoman/dns/message_view.h"
#include "dragoman/dns/message_writer.h"
#include "dragoman/dns/rdata.h"
#include "dragoman/dnssec/denial_cache.h"

namespace dragoman::dnssec {

inline constexpr TimePoint start{std::chrono::hours(1000)};

// Octets of one signature; long enough that its size counts.
inline const Octets signature_octets(64, 0x5A);

inline Rrset signed_by(std::string_view zone, Rrset rrset) {
  dns::Rrsig signature;
  signature.type_covered = rrset.type;
  signature.algorithm = 13;
  signature.labels = static_cast<std::uint8_t>(rrset.owner.view().label_count());
  signature.original_ttl = rrset.ttl;
  signature.expiration = 2000000000;
  signature.inception = 1000000000;
  signature.key_tag = 12345;
  signature.signer = name(zone);
  signature.signature = signature_octets;
  rrset.signatures.push_back(signature);
  return rrset;
}

inline Rrset soa(std::string_view zone, std::uint32_t minimum = 300, std::uint32_t serial = 1) {
  Octets rdata{0, 0};
  rdata.resize(22);
  store_u32(&rdata[2], serial);
  store_u32(&rdata[18], minimum);
  return signed_by(zone, rrset_of(name(zone), dns::Type::soa, rdata));
}

// Teaches a cache RRsets that live so long.
inline void teach(DenialCache& cache, std::string_view zone, std::vector<Rrset> rrsets, TimePoint now = start,
                  std::uint32_t ttl = 300) {
  for (Rrset& rrset : rrsets) {
    if (rrset.signatures.empty()) rrset = signed_by(zone, rrset);
  }
  std::vector<DenialCache::Authentic> authentic;
  for (const Rrset& rrset : rrsets) authentic.push_back({&rrset, ttl});
  const dns::Name apex = name(zone);
  cache.learn(apex, authentic, now);
}

struct Found {
  std::string rcode = "nothing";
  std::string authority;  // "owner TTL TYPE", or with the covered type "owner TTL RRSIG(TYPE)"; one a line
};

inline std::string lines_of(const dns::MessageView& message) {
  std::string lines;
  for (const auto& [section, record] : message.records()) {
    if (section != dns::Section::authority) lines += "elsewhere: ";
    lines += message.owner(record).to_text() + ' ' + std::to_string(record.ttl) + ' ' + dns::to_text(record.type);
    if (const auto covered = dns::type_covered(record.type, record.rdata)) lines += '(' + dns::to_text(*covered) + ')';
    lines += '\n';
  }
  return lines;
}

struct Asking {
  bool dnssec_ok = false;
  TimePoint now = start;
  std::string_view highest = ".";
  std::size_t room = 4096;
  dns::Class klass = dns::Class::in;
};

inline Found ask(DenialCache& cache, const dns::Name& asked, dns::Type type, const Asking& how = {}) {
  Octets memory(how.room);
  dns::MessageWriter writer(memory);
  writer.question(asked, type, how.klass);
  const dns::Name highest = name(how.highest);
  const auto rcode = cache.find({asked, type, how.klass}, how.dnssec_ok, how.now, writer, highest);
  Found found;
  if (rcode) found.rcode = dns::to_text(*rcode);
  dns::MessageView message;
  const auto fault = dns::MessageView::parse(writer.finish({}), message);
  found.authority = fault == dns::MessageView::Fault::none ? lines_of(message) : "malformed";
  return found;
}
inline Found ask(DenialCache& cache, std::string_view asked, dns::Type type, const Asking& how = {}) {
  return ask(cache, name(asked), type, how);
}
inline std::string rcode(DenialCache& cache, std::string_view asked, dns::Type type, const Asking& how = {}) {
  return ask(cache, asked, type, how).rcode;
}

}  // namespace dragoman::dnssec
