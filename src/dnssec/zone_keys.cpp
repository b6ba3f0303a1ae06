// Reading DNSKEY RRsets, and which of their keys the parent or a trust anchor stands for.
#include "dragoman/dnssec/zone_keys.h"

#include <algorithm>
#include <array>

#include "openssl_handles.h"

namespace dragoman::dnssec {
namespace {

constexpr std::uint8_t sha1_digest = 1;  // the registry of DS digest types

const EVP_MD* digest_of(std::uint8_t type) {
  switch (type) {
    case sha1_digest:
      return sha1();
    case 2:
      return sha256();
    case 4:
      return sha384();
    default:
      return nullptr;
  }
}

bool is_known(const dns::Ds& ds) { return is_supported_algorithm(ds.algorithm) && is_supported_digest(ds.digest_type); }

// Those that count, RFC 4509 3.
std::vector<dns::Ds> useful_ds(const Endorsement& by, Budget& budget) {
  std::vector<dns::Ds> all;
  for (const auto& rdata : by.ds) {
    const auto ds = dns::Ds::read(rdata);
    if (ds && is_known(*ds)) all.push_back(*ds);
  }
  const auto is_better = [](const dns::Ds& ds) { return ds.digest_type != sha1_digest; };
  if (std::any_of(all.begin(), all.end(), is_better)) {
    std::erase_if(all, [&](const dns::Ds& ds) { return !is_better(ds); });
  }
  if (all.size() > budget.limits().ds_per_zone) {
    budget.note(Limit::ds_per_zone);
    all.resize(budget.limits().ds_per_zone);
  }
  return all;
}

bool is_endorsed(const ZoneKey& key, const dns::Name& zone, const std::vector<dns::Ds>& ds, const Endorsement& by) {
  const auto is_by_ds = [&](const dns::Ds& each) { return stands_for(each, zone, key); };
  return std::any_of(ds.begin(), ds.end(), is_by_ds) ||
         std::find(by.dnskeys.begin(), by.dnskeys.end(), key.rdata) != by.dnskeys.end();
}

}  // namespace

bool is_supported_digest(std::uint8_t digest_type) { return digest_type == 1 || digest_type == 2 || digest_type == 4; }

bool stands_for(const dns::Ds& ds, dns::NameView zone, const ZoneKey& key) {
  if (!is_supported_digest(ds.digest_type)) return false;
  if (ds.key_tag != key.tag || ds.algorithm != key.algorithm) return false;
  dns::Name owner = zone;
  owner.lower_case();
  std::vector<std::uint8_t> octets(owner.view().wire().begin(), owner.view().wire().end());
  octets.insert(octets.end(), key.rdata.begin(), key.rdata.end());
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest;
  unsigned length = 0;
  if (EVP_Digest(octets.data(), octets.size(), digest.data(), &length, digest_of(ds.digest_type), nullptr) != 1) {
    return false;
  }
  return std::ranges::equal(ds.digest, Bytes(digest).first(length));
}

const PublicKey& ZoneKey::key() const {
  if (!decoded) decoded.emplace(algorithm, Bytes(rdata).subspan(4));
  return *decoded;
}

ZoneKeys ZoneKeys::of(const Rrset& dnskeys, Budget& budget) {
  ZoneKeys zone{dnskeys.owner, {}};
  for (std::size_t i = 0; i < dnskeys.size(); ++i) {
    const Bytes rdata = dnskeys.rdata(i);
    const auto key = dns::Dnskey::read(rdata);
    if (!key || key->protocol != ZoneKey::protocol || !is_supported_algorithm(key->algorithm)) continue;
    if (zone.keys.size() == budget.limits().keys_per_zone) {
      budget.note(Limit::keys_per_zone);
      break;
    }
    ZoneKey& read = zone.keys.emplace_back();
    read.tag = dns::Dnskey::key_tag(rdata);
    read.flags = key->flags;
    read.algorithm = key->algorithm;
    read.rdata.assign(rdata.begin(), rdata.end());
  }
  return zone;
}

std::optional<Verdict> judge(const Endorsement& endorsement) {
  if (!endorsement.dnskeys.empty() || endorsement.ds.empty()) return {};
  bool knows_an_algorithm = false;
  for (const auto& rdata : endorsement.ds) {
    const auto ds = dns::Ds::read(rdata);
    if (ds && is_known(*ds)) return {};
    knows_an_algorithm = knows_an_algorithm || (ds && is_supported_algorithm(ds->algorithm));
  }
  return verdict_of(knows_an_algorithm ? Reason::unsupported_digest : Reason::unsupported_algorithm);
}

Verified endorse(const Rrset& dnskeys, const Endorsement& by, WallTime now, Budget& budget, ZoneKeys& keys) {
  keys = ZoneKeys::of(dnskeys, budget);
  const std::vector<dns::Ds> ds = useful_ds(by, budget);
  ZoneKeys entries{dnskeys.owner, {}};
  for (const ZoneKey& key : keys.keys) {
    if (!is_endorsed(key, dnskeys.owner, ds, by)) continue;
    ZoneKey& entry = entries.keys.emplace_back();
    entry.tag = key.tag;
    entry.flags = key.flags;
    entry.algorithm = key.algorithm;
    entry.rdata = key.rdata;
  }
  if (entries.keys.empty()) return {Reason::key_missing};
  return verify(dnskeys, entries, now, budget);
}

}  // namespace dragoman::dnssec
