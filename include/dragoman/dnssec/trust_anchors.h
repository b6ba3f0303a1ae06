// Where validation begins (RFC 4033 2, RFC 4035 5) and where it is not to be: trust anchors and negative trust anchors
// (RFC 7646). Immutable once built; any thread may read. Pure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/base/result.h"
#include "dragoman/base/wall_time.h"
#include "dragoman/dns/name.h"
#include "dragoman/dns/suffix_map.h"
#include "dragoman/dnssec/zone_keys.h"

namespace dragoman::dnssec {

struct TrustAnchor {
  dns::Name zone;
  Endorsement endorsed_by;  // DS and DNSKEY RDATA
  friend bool operator==(const TrustAnchor&, const TrustAnchor&);
};

struct NegativeTrustAnchor {
  dns::Name name;
  std::optional<WallTime> expires;  // nullopt: never (from the configuration; RFC 7646 2 wants that looked after)
};

class TrustAnchors {
 public:
  TrustAnchors() = default;
  TrustAnchors(std::vector<TrustAnchor> anchors, std::vector<NegativeTrustAnchor> negative);

  // The deepest anchor at or above `name`; null when there is none, or when a negative one lies between (RFC 7646 3).
  const TrustAnchor* closest(dns::NameView name) const;
  // A negative trust anchor at or above `name` with no anchor at or below it on the way, that has not expired.
  const NegativeTrustAnchor* negative(dns::NameView name, WallTime now) const;
  std::span<const TrustAnchor> anchors() const { return anchors_; }
  std::span<const NegativeTrustAnchor> negative_anchors() const { return negative_; }

 private:
  std::vector<TrustAnchor> anchors_;
  std::vector<NegativeTrustAnchor> negative_;
  dns::SuffixMap<std::size_t> by_zone_, by_negative_;
};

// DS and DNSKEY records in zone-file form (RFC 1035 5): owner, TTL, class, type, RDATA; comments, parentheses, $ORIGIN
// and $TTL are understood; other record types are an error. The Error's detail begins with the line's number.
Result<std::vector<TrustAnchor>> parse_trust_anchors(std::string_view text);

// The root's: KSK-2017 (20326) and KSK-2024 (38696), as IANA publishes them.
std::vector<TrustAnchor> root_trust_anchors();

}  // namespace dragoman::dnssec
