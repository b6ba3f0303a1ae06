// Records in, records out.
#include "denial_store.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "canonical_key.h"
#include "wire_octets.h"

namespace dragoman::dnssec {
namespace {

constexpr std::size_t max_kept_size = 4096;       // octets of one RRset: more than honest ones have
constexpr std::size_t allocation_overhead = 160;  // of a record's nodes and octets, and about that of a zone's

std::string_view text_of(Bytes octets) { return {reinterpret_cast<const char*>(octets.data()), octets.size()}; }

std::string key_of(const KnownSpan& span) {
  if (const Nsec3Span* nsec3 = span.nsec3()) return std::string(text_of(nsec3->owner));
  return std::string(CanonicalKey(span.nsec()->owner).octets());
}
std::string key_of_next(const KnownSpan& span) {
  if (const Nsec3Span* nsec3 = span.nsec3()) return std::string(text_of(nsec3->next));
  return std::string(CanonicalKey(span.nsec()->next).octets());
}

// Whether `key` lies in a span between these, the last of which leads around to the first.
bool is_between(std::string_view owner, std::string_view key, std::string_view next) {
  return owner < next ? owner < key && key < next : owner < key || key < next;
}

std::optional<std::variant<NsecSpan, Nsec3Span>> span_of(const KeptRrset& kept, dns::NameView zone) {
  if (kept.type() == dns::Type::nsec) {
    if (auto span = NsecSpan::read(zone, kept.owner(), kept.rdata())) return *span;
  } else if (kept.type() == dns::Type::nsec3) {
    if (auto span = Nsec3Span::read(zone, kept.owner(), kept.rdata()); span && !span->opt_out) return *span;
  }
  return {};
}

}  // namespace

KeptRrset::KeptRrset(const Rrset& rrset, dns::NameView zone, TimePoint expires)
    : owner_length_(rrset.owner.view().length()),
      rdata_length_(rrset.rdata(0).size()),
      type_(rrset.type),
      expires_(expires) {
  append(octets_, rrset.owner.view().wire());
  append(octets_, rrset.rdata(0));
  for (const dns::Rrsig& signature : rrset.signatures) {
    if (!equal(signature.signer, zone)) continue;
    const std::size_t at = octets_.size();
    append_u16(octets_, 0);
    append_fields(octets_, signature);
    append(octets_, signature.signer.view().wire());
    append(octets_, signature.signature);
    store_u16(octets_.data() + at, static_cast<std::uint16_t>(octets_.size() - at - 2));
  }
  octets_.shrink_to_fit();
}

std::uint32_t KeptRrset::remaining(TimePoint now) const {
  if (now >= expires_) return 0;
  return static_cast<std::uint32_t>(std::chrono::duration_cast<seconds>(expires_ - now).count());
}

bool KeptRrset::outlives(const KeptRrset& other) const {
  return expires_ > other.expires_ && equal(owner(), other.owner()) && std::ranges::equal(rdata(), other.rdata());
}

std::size_t KnownSpan::bytes() const { return sizeof(KnownSpan) + allocation_overhead + key.size() + kept.size(); }

std::uint32_t KnownZone::soa_minimum() const {
  const Bytes rdata = soa->rdata();
  return load_u32(rdata.last(4).data());
}

KnownSpan* KnownZone::at_or_before(std::string_view key) {
  const auto behind = spans.upper_bound(key);
  return behind == spans.begin() ? nullptr : &std::prev(behind)->second;
}

const Nsec3Parameters* KnownZone::nsec3_parameters() const {
  const Nsec3Span* any = spans.empty() ? nullptr : spans.begin()->second.nsec3();
  return any == nullptr ? nullptr : &any->parameters;
}

KnownZone* DenialStore::zone_of(dns::NameView name, dns::NameView highest) {
  if (zones_.empty()) return nullptr;
  std::array<std::uint8_t, dns::max_name_length> small;
  dns::copy_lower_case(name, small.data());
  dns::NameView above{Bytes(small).first(name.length())};
  for (; above.length() >= highest.length(); above = above.parent()) {
    const auto zone = zones_.find(text_of(above.wire()));
    if (zone != zones_.end()) return &zone->second;
    if (above.is_root()) break;
  }
  return nullptr;
}

KnownZone& DenialStore::zone(dns::NameView name) {
  dns::Name small(name);
  small.lower_case();
  const auto [zone, is_new] = zones_.try_emplace(std::string(text_of(small.view().wire())));
  if (is_new) {
    zone->second.name = name;
    bytes_ += sizeof(KnownZone) + allocation_overhead + name.length();
  }
  return zone->second;
}

void DenialStore::set_soa(KnownZone& zone, const Rrset& soa, TimePoint expires) {
  constexpr std::size_t least_rdata = 22;  // two roots and five numbers (RFC 1035 3.3.13)
  if (soa.size() != 1 || soa.rdata(0).size() < least_rdata || !equal(soa.owner, zone.name)) return;
  KeptRrset kept(soa, zone.name, expires);
  if (kept.size() > max_kept_size || (zone.soa && zone.soa->outlives(kept))) return;
  if (zone.soa) bytes_ -= zone.soa->size();
  bytes_ += kept.size();
  zone.soa = std::move(kept);
}

bool DenialStore::add(KnownZone& zone, const Rrset& rrset, TimePoint expires) {
  if (rrset.size() != 1) return false;
  KeptRrset kept(rrset, zone.name, expires);
  const auto span = span_of(kept, zone.name);
  if (!span || kept.size() > max_kept_size) return false;
  KnownSpan known{std::move(kept), *span, &zone, {}, {}, false};
  const Nsec3Parameters* parameters = zone.nsec3_parameters();
  const bool is_same_chain = parameters == nullptr
                                 ? known.nsec3() == nullptr
                                 : known.nsec3() != nullptr && known.nsec3()->parameters == *parameters;
  if (!is_same_chain) remove_spans(zone, zone.spans.begin(), zone.spans.end());

  const std::string key = key_of(known);
  if (const auto old = zone.spans.find(key); old != zone.spans.end()) {
    if (old->second.kept.outlives(known.kept)) return true;
    known.is_used = old->second.is_used;
    remove_span(old->second);
  }
  known.key = key;
  remove_contradicted(zone, known);
  make_room(known.bytes(), &zone);  // first, so that what is new stays for a turn
  const auto place = zone.spans.emplace(key, std::move(known)).first;
  KnownSpan& added = place->second;
  added.key = place->first;
  added.turn = turns_.insert(turns_.end(), &added);
  bytes_ += added.bytes();
  return true;
}

// Names that the new span says are not there, and the span that says so of its owner.
void DenialStore::remove_contradicted(KnownZone& zone, const KnownSpan& by) {
  Spans& spans = zone.spans;
  if (spans.empty()) return;
  const std::string next = key_of_next(by);
  auto first = spans.upper_bound(by.key);
  KnownSpan& before = first == spans.begin() ? spans.rbegin()->second : std::prev(first)->second;
  if (is_between(before.key, by.key, key_of_next(before))) remove_span(before);
  first = spans.upper_bound(by.key);
  if (by.key < next) {
    remove_spans(zone, first, spans.lower_bound(next));
  } else {
    remove_spans(zone, first, spans.end());
    remove_spans(zone, spans.begin(), spans.lower_bound(next));
  }
}

void DenialStore::remove_span(KnownSpan& span) {
  bytes_ -= span.bytes();
  turns_.erase(span.turn);
  span.zone->spans.erase(span.zone->spans.find(span.key));
}

void DenialStore::remove_spans(KnownZone& zone, Spans::iterator first, Spans::iterator last) {
  for (auto span = first; span != last; ++span) {
    bytes_ -= span->second.bytes();
    turns_.erase(span->second.turn);
  }
  zone.spans.erase(first, last);
}

void DenialStore::remove_if_empty(KnownZone& zone) {
  if (!zone.spans.empty()) return;
  dns::Name small = zone.name;
  small.lower_case();
  bytes_ -= sizeof(KnownZone) + allocation_overhead + zone.name.view().length() + (zone.soa ? zone.soa->size() : 0);
  zones_.erase(zones_.find(text_of(small.view().wire())));
}

void DenialStore::finish(KnownZone& changed) {
  make_room(0, &changed);
  remove_if_empty(changed);
}

void DenialStore::make_room(std::size_t octets, const KnownZone* in_use) {
  while (bytes_ + octets > most_bytes_ && !turns_.empty()) {
    KnownSpan& next = *turns_.front();
    if (next.is_used) {
      next.is_used = false;
      turns_.splice(turns_.end(), turns_, turns_.begin());
      continue;
    }
    KnownZone& zone = *next.zone;
    remove_span(next);
    ++evicted_;
    if (&zone != in_use) remove_if_empty(zone);
  }
}

void DenialStore::clear() {
  turns_.clear();
  zones_.clear();
  bytes_ = 0;
}

}  // namespace dragoman::dnssec
