// What the configuration means for queries. Immutable once built, shared by all workers, swapped whole on reload.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dragoman/base/wall_time.h"
#include "dragoman/dns/name.h"
#include "dragoman/dns/suffix_map.h"
#include "dragoman/dns/types.h"
#include "dragoman/dns64/policy.h"
#include "dragoman/dnssec/limits.h"
#include "dragoman/dnssec/trust_anchors.h"
#include "dragoman/ip/address.h"
#include "dragoman/nat64/resolved_addresses.h"
#include "dragoman/resolve/cookies.h"
#include "dragoman/resolve/local_data.h"
#include "dragoman/resolve/rate_limit.h"
#include "dragoman/resolve/rebinding.h"
#include "dragoman/resolve/special_names.h"

namespace dragoman::resolve {

struct AclOptions {
  std::vector<ip::Prefix> allow;  // both empty: loopback, private and link-local sources
  std::vector<ip::Prefix> deny;   // the longest match decides
};

// The prefixes that may ask when the configuration says nothing: never an open resolver by accident.
std::vector<ip::Prefix> default_allow();

struct Settings {
  ip::PrefixSet acl;  // sources that are not allowed are REFUSED, EDE 18
  dns64::Options dns64;
  LocalData local;
  dns::NameSuffixes routed;             // zones of routes: asked about, whatever their names mean elsewhere
  dns::SuffixMap<bool> dns64_by_route;  // of the zones of routes: whether DNS64 applies at and below
  SpecialNames special;
  RebindingFilter rebinding;
  std::shared_ptr<const ServerCookies> cookies;        // null: COOKIE options are ignored
  std::shared_ptr<RateLimits> rate_limits;             // null: nobody is limited; counts for all workers
  std::shared_ptr<nat64::ResolvedAddresses> resolved;  // null: no NAT64 wants to know who was answered with what
  bool trust_upstream_ad = false;  // pass an upstream's AD on (RFC 6840 5.8: only over a trusted channel)
  // Null: nothing is validated. Else upstreams are asked with DO and CD, and believed as far as signatures go.
  std::shared_ptr<const dnssec::TrustAnchors> anchors;
  dnssec::Limits validation_limits;
  std::optional<WallTime> validation_time;  // instead of the clock's: for signatures of another day
  bool uses_denials = true;                 // NSEC and NSEC3 records answer what nobody has asked yet (RFC 8198)
  bool synthesizes_on_error =
      false;  // from A of a signed zone whose AAAA cannot be had: nothing proves it is not there
  std::uint16_t max_udp_reply = 1232;   // RFC 9715
  std::uint32_t max_in_flight = 20000;  // queries that wait for an upstream, per worker
  milliseconds lookup_deadline{6000};   // no client waits longer; beyond upstream::Options::timeout

  bool validates() const { return anchors != nullptr; }
  // Whether what was validated by the former settings may be bogus by these, or the other way round. Further keys of
  // the same anchors change nothing of it.
  bool judges_otherwise_than(const Settings& former) const;
  // Whether `authentic` of an answer is a promise.
  bool vouches() const { return validates() || trust_upstream_ad; }
  // Whether a route keeps DNS64 away from this name, for every client.
  bool is_without_dns64(dns::NameView name) const {
    const bool* dns64_applies = dns64_by_route.find(name);
    return dns64_applies != nullptr && !*dns64_applies;
  }
};

ip::PrefixSet make_acl(const AclOptions& options);

}  // namespace dragoman::resolve
