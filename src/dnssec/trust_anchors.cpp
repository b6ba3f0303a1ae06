// Which anchor holds for a name; the root's anchors.
#include "dragoman/dnssec/trust_anchors.h"

#include <algorithm>
#include <array>

#include "dragoman/dns/rdata.h"

namespace dragoman::dnssec {
namespace {

using Octets = std::vector<std::uint8_t>;

// Records that both have the same name count once.
void add_new(std::vector<Octets>& known, Octets rdata) {
  if (std::find(known.begin(), known.end(), rdata) == known.end()) known.push_back(std::move(rdata));
}

bool lasts_longer(const NegativeTrustAnchor& a, const NegativeTrustAnchor& b) {
  return b.expires && (!a.expires || *a.expires > *b.expires);
}

bool has_expired(const NegativeTrustAnchor& negative, WallTime now) {
  return negative.expires && *negative.expires <= now;
}

// DS records of SHA-256.
constexpr std::array<std::uint8_t, 36> ksk_2017{0x4f, 0x66, 8,    2,    0xe0, 0x6d, 0x44, 0xb8, 0x0b, 0x8f, 0x1d, 0x39,
                                                0xa9, 0x5c, 0x0b, 0x0d, 0x7c, 0x65, 0xd0, 0x84, 0x58, 0xe8, 0x80, 0x40,
                                                0x9b, 0xbc, 0x68, 0x34, 0x57, 0x10, 0x42, 0x37, 0xc7, 0xf8, 0xec, 0x8d};
constexpr std::array<std::uint8_t, 36> ksk_2024{0x97, 0x28, 8,    2,    0x68, 0x3d, 0x2d, 0x0a, 0xcb, 0x8c, 0x9b, 0x71,
                                                0x2a, 0x19, 0x48, 0xb2, 0x7f, 0x74, 0x12, 0x19, 0x29, 0x8d, 0x0a, 0x45,
                                                0x0d, 0x61, 0x2c, 0x48, 0x3a, 0xf4, 0x44, 0xa4, 0xc0, 0xfb, 0x2b, 0x16};

}  // namespace

bool operator==(const TrustAnchor& a, const TrustAnchor& b) {
  return dns::equal(a.zone, b.zone) && a.endorsed_by.ds == b.endorsed_by.ds &&
         a.endorsed_by.dnskeys == b.endorsed_by.dnskeys;
}

void add_trust_anchor(std::vector<TrustAnchor>& anchors, dns::NameView zone, dns::Type type, Octets rdata) {
  auto anchor = std::find_if(anchors.begin(), anchors.end(),
                             [&](const TrustAnchor& known) { return dns::equal(known.zone, zone); });
  if (anchor == anchors.end()) {
    anchors.push_back({zone, {}});
    anchor = std::prev(anchors.end());
    anchor->zone.lower_case();
  }
  add_new(type == dns::Type::ds ? anchor->endorsed_by.ds : anchor->endorsed_by.dnskeys, std::move(rdata));
}

TrustAnchors::TrustAnchors(std::vector<TrustAnchor> anchors, std::vector<NegativeTrustAnchor> negative) {
  for (TrustAnchor& anchor : anchors) {
    for (Octets& ds : anchor.endorsed_by.ds) add_trust_anchor(anchors_, anchor.zone, dns::Type::ds, std::move(ds));
    for (Octets& key : anchor.endorsed_by.dnskeys) {
      add_trust_anchor(anchors_, anchor.zone, dns::Type::dnskey, std::move(key));
    }
  }
  for (std::size_t i = 0; i < anchors_.size(); ++i) by_zone_.add(anchors_[i].zone, i);
  for (NegativeTrustAnchor& fresh : negative) {
    const auto known = std::find_if(negative_.begin(), negative_.end(),
                                    [&](const NegativeTrustAnchor& one) { return dns::equal(one.name, fresh.name); });
    if (known == negative_.end()) {
      negative_.push_back(std::move(fresh));
    } else if (lasts_longer(fresh, *known)) {
      *known = std::move(fresh);
    }
  }
  for (std::size_t i = 0; i < negative_.size(); ++i) by_negative_.add(negative_[i].name, i);
}

const NegativeTrustAnchor* TrustAnchors::negative(dns::NameView name, WallTime now) const {
  dns::NameView zone, suffix;
  const bool has_anchor = by_zone_.find(name, &zone) != nullptr;
  while (const std::size_t* index = by_negative_.find(name, &suffix)) {
    if (has_anchor && suffix.length() <= zone.length()) return nullptr;
    if (!has_expired(negative_[*index], now)) return &negative_[*index];
    if (suffix.is_root()) return nullptr;
    name = suffix.parent();
  }
  return nullptr;
}

const TrustAnchor* TrustAnchors::closest(dns::NameView name, WallTime now) const {
  const std::size_t* index = by_zone_.find(name);
  if (index == nullptr || negative(name, now) != nullptr) return nullptr;
  return &anchors_[*index];
}

bool is_usable(const TrustAnchor& anchor) {
  const auto ds_is_known = [](const Octets& rdata) {
    const auto ds = dns::Ds::read(rdata);
    return ds && is_supported_algorithm(ds->algorithm) && is_supported_digest(ds->digest_type);
  };
  const auto key_is_known = [](const Octets& rdata) {
    const auto key = dns::Dnskey::read(rdata);
    return key && is_supported_algorithm(key->algorithm);
  };
  const Endorsement& by = anchor.endorsed_by;
  return std::any_of(by.ds.begin(), by.ds.end(), ds_is_known) ||
         std::any_of(by.dnskeys.begin(), by.dnskeys.end(), key_is_known);
}

std::vector<TrustAnchor> root_trust_anchors() {
  std::vector<TrustAnchor> anchors;
  for (const auto& ds : {ksk_2017, ksk_2024}) {
    add_trust_anchor(anchors, dns::NameView(), dns::Type::ds, Octets(ds.begin(), ds.end()));
  }
  return anchors;
}

}  // namespace dragoman::dnssec
