// Looking up, and remembering what was found.
#include "known_chains.h"

#include <algorithm>

namespace dragoman::dnssec {

void Witnesses::add(KnownSpan& span) {
  if (std::find(begin(), end(), &span) == end() && count_ < most) spans_[count_++] = &span;
}

KnownSpan* KnownNsecChain::span_at(dns::NameView name) {
  const CanonicalKey key(name);
  if (!last_key_ || last_key_->octets() != key.octets()) {
    last_key_ = key;
    last_span_ = known_.at_or_before(key.octets());
    if (last_span_ != nullptr && last_span_->kept.remaining(now_) == 0) last_span_ = nullptr;
  }
  return last_span_;
}

std::optional<TypeBitmap> KnownNsecChain::node(dns::NameView name) {
  KnownSpan* span = span_at(name);
  if (span == nullptr) return {};
  const NsecSpan& nsec = *span->nsec();
  const bool is_owner = equal(nsec.owner, name);
  if (!is_owner && !(nsec.makes_empty_non_terminal(name) && nsec.covers(*this, name))) return {};
  witnesses_.add(*span);
  return is_owner ? nsec.types : TypeBitmap();
}

std::optional<DenialChain::Absence> KnownNsecChain::absence(dns::NameView name) {
  KnownSpan* span = span_at(name);
  if (span == nullptr) return {};
  const NsecSpan& nsec = *span->nsec();
  if (!nsec.covers(*this, name) || nsec.makes_empty_non_terminal(name)) return {};
  witnesses_.add(*span);
  return Absence{nsec.closest_encloser(name)};
}

std::optional<Nsec3Hash> KnownNsec3Chain::hash_of(dns::NameView name) {
  for (const auto& hashed : memory_) {
    if (hashed && equal(hashed->name, name)) return hashed->hash;
  }
  const Nsec3Parameters& parameters = *known_.nsec3_parameters();
  const unsigned digests = 1u + parameters.iterations;
  if (digests > digests_left_) return {};
  digests_left_ -= digests;
  ++hashes_;
  const auto hash = nsec3_hash(name, parameters.salt, parameters.iterations);
  if (hash) memory_[oldest_++ % memory_.size()] = Hashed{name, *hash};
  return hash;
}

KnownSpan* KnownNsec3Chain::span_at(const Nsec3Hash& hash) const {
  KnownSpan* span = known_.at_or_before({reinterpret_cast<const char*>(hash.data()), hash.size()});
  if (span == nullptr) span = &known_.spans.rbegin()->second;
  return span->kept.remaining(now_) > 0 ? span : nullptr;
}

const Nsec3Span* KnownNsec3Chain::matching(const Nsec3Hash& hash) {
  const KnownSpan* span = span_at(hash);
  return span != nullptr && span->nsec3()->owner == hash ? span->nsec3() : nullptr;
}

const Nsec3Span* KnownNsec3Chain::covering(const Nsec3Hash& hash) {
  const KnownSpan* span = span_at(hash);
  return span != nullptr && span->nsec3()->covers(hash) ? span->nsec3() : nullptr;
}

void KnownNsec3Chain::rests_on(const Nsec3Span& span) {
  if (KnownSpan* known = span_at(span.owner)) witnesses_.add(*known);
}

}  // namespace dragoman::dnssec
