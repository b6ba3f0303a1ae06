// The DNSKEY records of a zone that may verify its data (RFC 4034 2, RFC 4035 5), and verifying with them.
// Pure; one thread at a time: a public key is decoded when it is first needed.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
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

// A public key. RSA keys have 512 to 4096 bits and an exponent of at most 64: what is larger costs too much, and no
// zone has it.
class PublicKey {
 public:
  PublicKey(std::uint8_t algorithm, Bytes public_key);
  ~PublicKey();
  PublicKey(PublicKey&&) noexcept;
  PublicKey& operator=(PublicKey&&) noexcept;

  // Whether `signature`, as it stands in an RRSIG record, is that of `data`. False with octets that are no key.
  bool verifies(Bytes data, Bytes signature) const;
  // What one try costs beside one with P-256, rounded up.
  std::uint16_t cost() const;

 private:
  struct Key;
  std::unique_ptr<const Key> key_;
};

struct ZoneKey {
  std::uint16_t tag = 0, flags = 0;
  std::uint8_t algorithm = 0;
  std::vector<std::uint8_t> rdata;
  mutable std::optional<PublicKey> decoded;  // when it was first needed

  static constexpr std::uint8_t protocol = 3;  // of every DNSKEY record (RFC 4034 2.1.2)
  static constexpr std::uint16_t zone_key = 0x0100, revoke = 0x0080, sep = 0x0001;  // RFC 4034 2.1.1, RFC 5011 7
  bool may_sign() const { return (flags & zone_key) != 0 && (flags & revoke) == 0; }
  const PublicKey& key() const;
};

struct ZoneKeys {
  dns::Name zone;
  std::vector<ZoneKey> keys;
  // SHA-256 of the last signed SOA that was verified, with its signature: it comes with every denial of the zone,
  // always the same, and a hash costs a fiftieth of a verification.
  mutable std::array<std::uint8_t, 32> verified_soa{};

  // Those of an RRset of DNSKEY records that have a supported algorithm; others and broken ones are passed over.
  static ZoneKeys of(const Rrset& dnskeys, Budget& budget);
};

// What a signature tells of data that are authentic (Reason::none), or why they are not.
struct Verified {
  Reason reason = Reason::none;
  std::uint32_t ttl = 0;    // no record may live longer (RFC 4035 5.3.3)
  std::uint8_t labels = 0;  // of the name that was signed, without an asterisk in front

  // Whether `owner` came out of a wildcard: then it must be proven that nothing closer exists (RFC 4035 5.3.4).
  bool is_expanded(dns::NameView owner) const;
};

// RFC 4035 5.3: whether one of its signatures by these keys holds now. Times compare as serial numbers (RFC
// 4034 3.1.5). The reason is that of the signature which came furthest.
Verified verify(const Rrset& rrset, const ZoneKeys& keys, WallTime now, Budget& budget);

// RFC 4034 5.1.4: whether a DS record is the digest of this key of `zone`. False with a digest type that we do not
// know.
bool stands_for(const dns::Ds& ds, dns::NameView zone, const ZoneKey& key);

// What is trusted to stand for keys of a zone: RDATA of DS records, which the parent has, or of DNSKEY records, which a
// trust anchor may have.
struct Endorsement {
  std::vector<std::vector<std::uint8_t>> ds, dnskeys;
  friend bool operator==(const Endorsement&, const Endorsement&) = default;
};

// Insecure when there are DS records and nothing else, and each has an algorithm or a digest type that we do not know
// (RFC 4035 5.2, RFC 6840 5.2); else nullopt.
std::optional<Verdict> judge(const Endorsement& endorsement);

// RFC 4035 5.2: the keys of a zone are authentic when one that is endorsed has signed them all. SHA-1 digests do not
// count beside better ones (RFC 4509 3). Reason::none: `keys` has them.
Verified endorse(const Rrset& dnskeys, const Endorsement& by, WallTime now, Budget& budget, ZoneKeys& keys);

}  // namespace dragoman::dnssec
