// The DNSKEY records of a zone that may verify its data (RFC 4034 2, RFC 4035 5.3.1), ready for use: each public key is
// decoded once. Pure; any thread may read.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "dragoman/base/bytes.h"
#include "dragoman/base/wall_time.h"
#include "dragoman/dnssec/limits.h"
#include "dragoman/dnssec/rrset.h"
#include "dragoman/dnssec/verdict.h"

namespace dragoman::dnssec {

// RFC 8624 3.1: 5, 7, 8, 10, 13, 14, 15 and 16.
bool is_supported_algorithm(std::uint8_t algorithm);
// RFC 8624 3.3: SHA-1, SHA-256 and SHA-384.
bool is_supported_digest(std::uint8_t digest_type);

// A public key that can verify; null inside when its octets are not one, or are beyond what a zone may ask of us.
class PublicKey {
 public:
  PublicKey(std::uint8_t algorithm, Bytes public_key);
  bool is_usable() const { return key_ != nullptr; }
  // Whether `signature` (in the form of RRSIG) is that of `data`.
  bool verifies(Bytes data, Bytes signature) const;

 private:
  struct Key;
  std::uint8_t algorithm_;
  std::shared_ptr<const Key> key_;
};

struct ZoneKey {
  std::uint16_t tag = 0, flags = 0;
  std::uint8_t algorithm = 0;
  std::vector<std::uint8_t> rdata;
  PublicKey key;

  static constexpr std::uint16_t zone_key = 0x0100, revoke = 0x0080, sep = 0x0001;  // RFC 4034 2.1.1, RFC 5011 7
  bool may_sign() const { return (flags & zone_key) != 0 && (flags & revoke) == 0; }
};

struct ZoneKeys {
  dns::Name zone;
  std::vector<ZoneKey> keys;

  // Those of an RRset of DNSKEY records with a supported algorithm; others and broken ones are passed over.
  static ZoneKeys of(const Rrset& dnskeys, Budget& budget);
};

// What a signature told of data that are authentic (Reason::none), or why they are not.
struct Verified {
  Reason reason = Reason::none;
  std::uint32_t ttl = 0;    // no record may live longer (RFC 4035 5.3.3)
  std::uint8_t labels = 0;  // of the name that was signed: fewer than the owner's, then a wildcard was expanded
  bool is_wildcard(const dns::Name& owner) const;
};

// RFC 4035 5.3: whether one of its signatures by these keys holds now. Times compare as serial numbers (RFC
// 4034 3.1.5).
Verified verify(const Rrset& rrset, const ZoneKeys& keys, WallTime now, Budget& budget);

// RFC 4035 5.2: the DNSKEY RRset of a zone is authentic when a key that one of these DS records (or one of these
// trusted DNSKEY records) stands for has signed it. Both are RDATA; either may be empty. Verdict: secure with `keys`
// filled in; insecure when no DS has an algorithm and digest that we know; else bogus.
struct Endorsement {
  std::vector<std::vector<std::uint8_t>> ds, dnskeys;
};
Verdict endorse(const Rrset& dnskeys, const Endorsement& by, WallTime now, Budget& budget, ZoneKeys& keys,
                std::uint32_t& ttl);

// Insecure when every DS record has an algorithm or digest type that we do not know (RFC 4035 5.2, RFC 6840 5.2); else
// nullopt.
std::optional<Verdict> judge_ds(std::span<const std::vector<std::uint8_t>> ds);

}  // namespace dragoman::dnssec
