// Who may ask when nobody said so, and the ACL as one set of prefixes; what a change of trust anchors means.
#include "dragoman/resolve/settings.h"

#include <algorithm>

namespace dragoman::resolve {
namespace {

using Rdata = std::vector<std::vector<std::uint8_t>>;

bool holds(const Rdata& all, const Rdata& some) {
  return std::all_of(some.begin(), some.end(),
                     [&](const auto& one) { return std::find(all.begin(), all.end(), one) != all.end(); });
}

// The same zones, with no key less.
bool holds(const dnssec::TrustAnchors& now, const dnssec::TrustAnchors& former) {
  if (now.anchors().size() != former.anchors().size()) return false;
  return std::ranges::all_of(former.anchors(), [&](const dnssec::TrustAnchor& was) {
    return std::ranges::any_of(now.anchors(), [&](const dnssec::TrustAnchor& is) {
      return dns::equal(is.zone, was.zone) && holds(is.endorsed_by.ds, was.endorsed_by.ds) &&
             holds(is.endorsed_by.dnskeys, was.endorsed_by.dnskeys);
    });
  });
}

bool are_equal(std::span<const dnssec::NegativeTrustAnchor> a, std::span<const dnssec::NegativeTrustAnchor> b) {
  return std::ranges::equal(a, b, [](const auto& one, const auto& other) {
    return dns::equal(one.name, other.name) && one.expires == other.expires;
  });
}

}  // namespace

std::vector<ip::Prefix> default_allow() {
  std::vector<ip::Prefix> allow;
  // Loopback; private (RFC 1918, RFC 6598, RFC 4193); link-local (RFC 3927, RFC 4291).
  for (const char* text : {"127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10",
                           "169.254.0.0/16", "::1/128", "fc00::/7", "fe80::/10"}) {
    if (auto prefix = ip::Prefix::from_text(text)) allow.push_back(*prefix);
  }
  return allow;
}

bool Settings::judges_otherwise_than(const Settings& former) const {
  if (validates() != former.validates() || trust_upstream_ad != former.trust_upstream_ad) return true;
  if (!validates() || anchors == former.anchors) return false;
  return !holds(*anchors, *former.anchors) ||
         !are_equal(anchors->negative_anchors(), former.anchors->negative_anchors());
}

ip::PrefixSet make_acl(const AclOptions& options) {
  ip::PrefixSet acl;
  const bool unset = options.allow.empty() && options.deny.empty();
  for (const ip::Prefix& prefix : unset ? default_allow() : options.allow) acl.add(prefix, true);
  for (const ip::Prefix& prefix : options.deny) acl.add(prefix, false);
  return acl;
}

}  // namespace dragoman::resolve
