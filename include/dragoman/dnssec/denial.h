// What NSEC and NSEC3 records prove not to exist (RFC 4035 5.4, RFC 5155 8, RFC 6840 4, RFC 9824). Pure; one thread.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "dragoman/dns/name.h"
#include "dragoman/dnssec/limits.h"
#include "dragoman/dnssec/rrset.h"
#include "dragoman/dnssec/verdict.h"

namespace dragoman::dnssec {

// What a denial comes to: Reason::none means proven, and secure.
//   opt_out            proven as far as it can be, but the name may be an unsigned delegation (RFC 5155 9.2): insecure
//   nsec3_iterations   the records are not looked at: insecure (RFC 9276 3.2)
//   nsec3_refused      the records are not looked at: bogus
//   too_much_work      the budget ended: bogus
//   denial_missing     not proven: bogus
class Denial {
 public:
  // `records`: RRsets that are authentic under the keys of `zone`. Those of types NSEC and NSEC3 count, others are
  // passed over. All borrowed.
  Denial(dns::NameView zone, std::span<const Rrset* const> records, Budget& budget);

  // That `name` has no records of `type`, by itself (also as an empty non-terminal, RFC 8020 2, or by a compact denial,
  // RFC 9824) or by the wildcard that it would match. A CNAME record there would have been the answer, so its bit
  // disproves (RFC 6840 4.3).
  Reason nodata(dns::NameView name, dns::Type type);
  // That neither `name` nor the wildcard that would match it exists.
  Reason nxdomain(dns::NameView name);
  // That nothing stands between `name` and the wildcard with `labels` labels (the * not counted) that it was expanded
  // from (RFC 4035 5.3.4, RFC 5155 8.8).
  Reason wildcard_answer(dns::NameView name, std::uint8_t labels);

  // About DS records at `name`, which lies below `zone` (RFC 4035 5.2, RFC 5155 8.6, RFC 6840 4.4).
  enum class Delegation : std::uint8_t {
    unproven,        // nothing, or the budget ended: see reason
    not_there,       // proven to be no delegation: `name` belongs to `zone` like its parent
    unsigned_there,  // a delegation without DS: insecure from here on; with opt_out or nsec3_iterations as the reason
                     // if that is why it is believed
    nonexistent,     // there is no such name
  };
  struct AboutDs {
    Delegation delegation = Delegation::unproven;
    Reason reason = Reason::none;
  };
  AboutDs no_ds(dns::NameView name);

 private:
  dns::NameView zone_;
  std::vector<const Rrset*> nsec_, nsec3_;
  Budget& budget_;
};

// RFC 5155 5, of a name in any case: SHA-1, iterated. `out` has 20 octets.
using Nsec3Hash = std::array<std::uint8_t, 20>;
Nsec3Hash nsec3_hash(dns::NameView name, Bytes salt, std::uint16_t iterations);

}  // namespace dragoman::dnssec
