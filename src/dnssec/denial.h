// What NSEC and NSEC3 records prove not to exist (RFC 4035 5.4, RFC 5155 8, RFC 6840 4, RFC 9824). Pure; one thread.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "dragoman/base/bytes.h"
#include "dragoman/dns/name.h"
#include "dragoman/dns/types.h"
#include "dragoman/dnssec/limits.h"
#include "dragoman/dnssec/rrset.h"
#include "dragoman/dnssec/verdict.h"

namespace dragoman::dnssec {

// What a denial comes to: Reason::none means proven, and secure.
//   opt_out            proven as far as it can be, but the name may be an unsigned delegation, or lie below or above
//   one
//                      (RFC 5155 9.2): insecure
//   nsec3_iterations   nothing is proven, and NSEC3 records with too many iterations were not looked at: insecure
//                      (RFC 9276 3.2)
//   nsec3_refused      the same with far too many: bogus
//   too_much_work      nothing is proven, and the budget ended: bogus
//   denial_missing     not proven: bogus
// Of records that a zone has at one time, more never prove less, and their order does not matter but for how soon the
// budget ends.
class Denial {
 public:
  // `records`: RRsets that are authentic under the keys of `zone` *by their own owner*: an NSEC record that was
  // expanded from a wildcard (its signature has fewer labels than its owner: Verified::is_wildcard) proves nothing of
  // the name it was expanded to, and must not be among them. Those of types NSEC and NSEC3 count, others are passed
  // over; so are those that no signer makes: malformed ones, with an owner or a next name outside of `zone`, several
  // NSEC records of one name, a SOA bit below the apex; and NSEC3 records with an unknown hash algorithm or unknown
  // flags (RFC 5155 8.1, 8.2). All borrowed.
  // Work: a comparison of names per record and proof; per NSEC3 salt and number of iterations, a hash for each label of
  // a name below `zone` and two more, at most, each taken from the budget and done once however often it is needed.
  Denial(dns::NameView zone, std::span<const Rrset* const> records, Budget& budget);
  ~Denial();

  // That `name` has no records of `type`, by itself (also as an empty non-terminal, RFC 8020 2, or by a compact denial,
  // RFC 9824) or by the wildcard that it would match. A CNAME record there would have been the answer, so its bit
  // disproves (RFC 6840 4.3). The parent's record at a delegation proves it of DS alone, the child's of all but DS (RFC
  // 6840 4.1). Type ANY: `name` has no records at all, but for those of DNSSEC itself.
  Reason nodata(dns::NameView name, dns::Type type);
  // That neither `name` nor the wildcard that would match it exists.
  Reason nxdomain(dns::NameView name);
  // That nothing stands between `name` and the wildcard with `labels` labels (the * not counted) that it was expanded
  // from (RFC 4035 5.3.4, RFC 5155 8.8).
  Reason wildcard_answer(dns::NameView name, std::uint8_t labels);

  // About DS records at `name`, which lies below `zone` (RFC 4035 5.2, RFC 5155 8.6, RFC 6840 4.4).
  enum class Delegation : std::uint8_t {
    unproven,        // nothing, or the budget ended: see reason
    not_there,       // proven to be no delegation: `name` belongs to `zone` like its parent; perhaps it comes from a
                     // wildcard, perhaps it is not there at all
    unsigned_there,  // a delegation without DS: insecure from here on; with opt_out or nsec3_iterations as the reason
                     // if that is why it is believed
    nonexistent,     // there is no such name, nor a wildcard for it
  };
  struct AboutDs {
    Delegation delegation = Delegation::unproven;
    Reason reason = Reason::none;
    friend bool operator==(const AboutDs&, const AboutDs&) = default;
  };
  AboutDs no_ds(dns::NameView name);

 private:
  struct Chains;
  template <class Prove>
  Reason best_of(dns::NameView name, Prove prove);
  Reason reason_unproven() const;

  std::unique_ptr<Chains> chains_;
};

// RFC 5155 5, of a name in any case: SHA-1, iterated. Nullopt when OpenSSL has no SHA-1, or the salt is longer than one
// can be. Any thread; allocates once per thread.
using Nsec3Hash = std::array<std::uint8_t, 20>;
inline constexpr std::size_t max_nsec3_salt = 255;
std::optional<Nsec3Hash> nsec3_hash(dns::NameView name, Bytes salt, std::uint16_t iterations);

}  // namespace dragoman::dnssec
