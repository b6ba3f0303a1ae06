// The chains that DenialStore keeps, as DenialChain asks them; expired records are as if they were not there. They
// remember which records their last statements rest on. One question each; allocate nothing. Pure; one thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "canonical_key.h"
#include "denial_chain.h"
#include "denial_store.h"
#include "nsec3_chain.h"

namespace dragoman::dnssec {

// What a proof rests on, each record once.
class Witnesses {
 public:
  void add(KnownSpan& span);
  KnownSpan* const* begin() const { return spans_.data(); }
  KnownSpan* const* end() const { return spans_.data() + count_; }

 private:
  static constexpr std::size_t most = 3;  // for the closest encloser, the next closer name and the wildcard
  std::array<KnownSpan*, most> spans_{};
  std::size_t count_ = 0;
};

class KnownNsecChain final : public DenialChain {
 public:
  KnownNsecChain(KnownZone& zone, TimePoint now, Witnesses& witnesses)
      : DenialChain(zone.name), known_(zone), now_(now), witnesses_(witnesses) {}

  std::optional<TypeBitmap> node(dns::NameView name) override;
  std::optional<Absence> absence(dns::NameView name) override;
  std::optional<Absence> child_absence(dns::NameView name) override { return absence(name); }

 private:
  // The last span at or before a name. Each name is asked about twice.
  KnownSpan* span_at(dns::NameView name);

  KnownZone& known_;
  TimePoint now_;
  Witnesses& witnesses_;
  std::optional<CanonicalKey> last_key_;
  KnownSpan* last_span_ = nullptr;
};

class KnownNsec3Chain final : public Nsec3Chain {
 public:
  // Of a zone with NSEC3 records. `digests`: SHA-1 that may be computed.
  KnownNsec3Chain(KnownZone& zone, TimePoint now, Witnesses& witnesses, unsigned digests)
      : Nsec3Chain(zone.name), known_(zone), now_(now), witnesses_(witnesses), digests_left_(digests) {}

  unsigned hashes() const { return hashes_; }

 private:
  std::optional<Nsec3Hash> hash_of(dns::NameView name) override;
  const Nsec3Span* matching(const Nsec3Hash& hash) override;
  const Nsec3Span* covering(const Nsec3Hash& hash) override;
  void rests_on(const Nsec3Span& span) override;
  // The last span at or before a hash, or the one that leads around to it.
  KnownSpan* span_at(const Nsec3Hash& hash) const;

  // Of the names asked about last: one that is asked about again is the question's, or right above or below the closest
  // encloser.
  struct Hashed {
    dns::Name name;
    Nsec3Hash hash;
  };

  KnownZone& known_;
  TimePoint now_;
  Witnesses& witnesses_;
  unsigned digests_left_, hashes_ = 0;
  std::array<std::optional<Hashed>, 8> memory_;
  std::size_t oldest_ = 0;
};

}  // namespace dragoman::dnssec
