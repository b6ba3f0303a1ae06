// Where DenialCache keeps RRsets: per zone the SOA and the spans of one chain, in their order. Pure; one thread.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "dragoman/base/time.h"
#include "dragoman/dns/name.h"
#include "dragoman/dnssec/rrset.h"
#include "nsec3_chain.h"
#include "nsec_chain.h"

namespace dragoman::dnssec {

// One RRset of one record, with the signatures that its zone has made; owns its octets. Never moves once it is made.
class KeptRrset {
 public:
  KeptRrset(const Rrset& rrset, dns::NameView zone, TimePoint expires);

  dns::NameView owner() const { return dns::NameView(Bytes(octets_).first(owner_length_)); }
  dns::Type type() const { return type_; }
  Bytes rdata() const { return Bytes(octets_).subspan(owner_length_, rdata_length_); }
  std::size_t size() const { return octets_.size(); }
  // Whole seconds until it expires; 0: it is of no use any more.
  std::uint32_t remaining(TimePoint now) const;
  // Whether `other` says the same, and for less long.
  bool outlives(const KeptRrset& other) const;
  // Calls on_signature with the RDATA of each RRSIG record.
  template <class OnSignature>
  void each_signature(OnSignature on_signature) const {
    for (Bytes rest = Bytes(octets_).subspan(owner_length_ + rdata_length_); !rest.empty();) {
      const std::size_t length = load_u16(rest.data());
      on_signature(rest.subspan(2, length));
      rest = rest.subspan(2 + length);
    }
  }

 private:
  std::vector<std::uint8_t> octets_;  // owner, RDATA, signatures with their lengths before them
  std::size_t owner_length_ = 0, rdata_length_ = 0;
  dns::Type type_{};
  TimePoint expires_{};
};

struct KnownZone;

// An NSEC or NSEC3 record.
struct KnownSpan {
  KeptRrset kept;
  std::variant<NsecSpan, Nsec3Span> span;  // borrows from kept
  KnownZone* zone = nullptr;
  std::string_view key;                  // its own in KnownZone::spans
  std::list<KnownSpan*>::iterator turn;  // when its place may be taken
  bool is_used = false;                  // since its last turn

  const NsecSpan* nsec() const { return std::get_if<NsecSpan>(&span); }
  const Nsec3Span* nsec3() const { return std::get_if<Nsec3Span>(&span); }
  std::size_t bytes() const;
};

struct KnownZone {
  dns::Name name;
  std::optional<KeptRrset> soa;
  // By CanonicalKey, or by hash: all of one kind, and the hashes with the same parameters.
  std::map<std::string, KnownSpan, std::less<>> spans;

  std::uint32_t soa_minimum() const;  // of a zone with an SOA (RFC 2308 4)
  // The last one at or before `key`, expired or not; null when there is none.
  KnownSpan* at_or_before(std::string_view key);
  // Null for a zone without NSEC3 records.
  const Nsec3Parameters* nsec3_parameters() const;
};

class DenialStore {
 public:
  explicit DenialStore(std::size_t most_bytes) : most_bytes_(most_bytes) {}

  // The deepest zone at or above `name`, but not above `highest`; null when none is known.
  KnownZone* zone_of(dns::NameView name, dns::NameView highest);
  // This zone, made if need be; finish() is to be called when all of it is added.
  KnownZone& zone(dns::NameView name);
  void set_soa(KnownZone& zone, const Rrset& soa, TimePoint expires);
  // False: no signer of this zone makes that, or it has opt-out, or is too large.
  bool add(KnownZone& zone, const Rrset& rrset, TimePoint expires);
  // Takes away the zone if it has no spans.
  void finish(KnownZone& changed);
  void clear();

  std::size_t bytes() const { return bytes_; }
  std::size_t zones() const { return zones_.size(); }
  std::size_t records() const { return turns_.size(); }
  std::uint64_t evicted() const { return evicted_; }

 private:
  struct OctetsHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view octets) const { return std::hash<std::string_view>()(octets); }
  };
  using Spans = std::map<std::string, KnownSpan, std::less<>>;

  // Takes away what was not of use until so much more has room; not the zone `in_use`, though it be empty.
  void make_room(std::size_t octets, const KnownZone* in_use);
  void remove_span(KnownSpan& span);
  void remove_spans(KnownZone& zone, Spans::iterator first, Spans::iterator last);
  void remove_contradicted(KnownZone& zone, const KnownSpan& by);
  void remove_if_empty(KnownZone& zone);

  std::size_t most_bytes_, bytes_ = 0;
  std::uint64_t evicted_ = 0;
  std::unordered_map<std::string, KnownZone, OctetsHash, std::equal_to<>> zones_;  // by lower-case wire form
  std::list<KnownSpan*> turns_;                                                    // the first is next to go
};

}  // namespace dragoman::dnssec
