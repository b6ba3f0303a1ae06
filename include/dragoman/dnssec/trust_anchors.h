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
  friend bool operator==(const NegativeTrustAnchor& a, const NegativeTrustAnchor& b) {
    return dns::equal(a.name, b.name) && a.expires == b.expires;
  }
};

class TrustAnchors {
 public:
  TrustAnchors() = default;
  // Anchors of one zone become one; of negative ones with one name that holds which lasts longest.
  TrustAnchors(std::vector<TrustAnchor> anchors, std::vector<NegativeTrustAnchor> negative);

  // The deepest anchor at or above `name`; null when there is none, or when a negative one that has not expired lies
  // below it on the way (RFC 7646 3). An anchor and a negative one of the same name: the anchor holds.
  const TrustAnchor* closest(dns::NameView name, WallTime now) const;
  // The deepest negative trust anchor at or above `name` that has not expired, with no anchor at or below it on the
  // way.
  const NegativeTrustAnchor* negative(dns::NameView name, WallTime now) const;
  std::span<const TrustAnchor> anchors() const { return anchors_; }
  std::span<const NegativeTrustAnchor> negative_anchors() const { return negative_; }
  // Whether they say the same in the same order.
  friend bool operator==(const TrustAnchors& a, const TrustAnchors& b) {
    return a.anchors_ == b.anchors_ && a.negative_ == b.negative_;
  }

 private:
  std::vector<TrustAnchor> anchors_;
  std::vector<NegativeTrustAnchor> negative_;
  dns::SuffixMap<std::size_t> by_zone_, by_negative_;
};

// DS and DNSKEY records in zone-file form (RFC 1035 5), one anchor for each zone, in the order of the file: owner, TTL,
// class, type, RDATA; comments, parentheses, $ORIGIN and $TTL are understood, other record types are an error. Revoked
// keys (RFC 5011) are passed over, and so are those that Unbound's state behind a record says are not trusted (yet or
// any more). The Error's detail begins with the line's number: "3: ...".
Result<std::vector<TrustAnchor>> parse_trust_anchors(std::string_view text);

// Adds a DS or DNSKEY record's RDATA to the anchor of `zone`, which is made if it is not there.
void add_trust_anchor(std::vector<TrustAnchor>& anchors, dns::NameView zone, dns::Type type,
                      std::vector<std::uint8_t> rdata);
// Whether something of it has an algorithm, and a digest type if it is a DS record, that we know. Without, its zone is
// insecure (RFC 4035 5.2).
bool is_usable(const TrustAnchor& anchor);
// "DS 20326 8 2 E06D44B8..." and "DNSKEY 257 3 8 AwEAAa...", one line for each, as parse_trust_anchors() reads them.
std::vector<std::string> to_text(const TrustAnchor& anchor);

// The root's: KSK-2017 (20326) and KSK-2024 (38696), as IANA publishes them.
std::vector<TrustAnchor> root_trust_anchors();

}  // namespace dragoman::dnssec
