// Names by the order in which they stand.
#include "nsec_chain.h"

namespace dragoman::dnssec {

std::optional<NsecSpan> NsecSpan::read(dns::NameView zone, dns::NameView owner, Bytes rdata) {
  dns::NameView next;
  if (!dns::read_plain_name(rdata, next)) return {};
  const auto types = TypeBitmap::read(rdata.subspan(next.length()));
  if (!types || !owner.is_subdomain_of(zone) || !next.is_subdomain_of(zone)) return {};
  // The apex record of a zone below, as if it were this one's.
  if (types->has(dns::Type::soa) && !equal(owner, zone)) return {};
  return NsecSpan{owner, next, *types};
}

bool NsecSpan::covers(const DenialChain& chain, dns::NameView name) const {
  if (compare_canonical(name, owner) <= 0) return false;
  // The last record of the zone has the apex as its next name, which comes before all others.
  if (compare_canonical(name, next) >= 0 && !equal(next, chain.zone())) return false;
  if (chain.ends_zone(owner, types) && name.is_subdomain_of(owner)) return false;  // RFC 6840 4.1
  return !types.has(nxname);  // its owner is made up, and so is the order around it
}

// Owner and next exist, and with them all that is above them; whatever else is above `name` would stand between.
dns::NameView NsecSpan::closest_encloser(dns::NameView name) const {
  const dns::NameView before = common_ancestor(name, owner), behind = common_ancestor(name, next);
  return before.length() > behind.length() ? before : behind;
}

NsecChain::NsecChain(dns::NameView zone, std::span<const Rrset* const> records) : DenialChain(zone) {
  for (const Rrset* rrset : records) {
    if (rrset->type != dns::Type::nsec || rrset->size() != 1) continue;
    if (const auto span = NsecSpan::read(zone, rrset->owner, rrset->rdata(0))) spans_.push_back(*span);
  }
}

std::optional<TypeBitmap> NsecChain::node(dns::NameView name) {
  for (const NsecSpan& span : spans_) {
    if (equal(span.owner, name)) return span.types;
  }
  for (const NsecSpan& span : spans_) {
    if (span.makes_empty_non_terminal(name) && span.covers(*this, name)) return TypeBitmap();
  }
  return {};
}

std::optional<DenialChain::Absence> NsecChain::absence(dns::NameView name) {
  for (const NsecSpan& span : spans_) {
    if (!span.covers(*this, name) || span.makes_empty_non_terminal(name)) continue;
    return Absence{span.closest_encloser(name)};
  }
  return {};
}

}  // namespace dragoman::dnssec
