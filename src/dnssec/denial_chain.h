// What the NSEC or NSEC3 records of a zone say about single names, whichever of the two they are and wherever they are
// kept; and the proofs that are made of that (RFC 4035 5.4, RFC 5155 8, RFC 6840 4). Pure; one thread.
#pragma once

#include <cstdint>
#include <optional>

#include "dragoman/dns/name.h"
#include "dragoman/dns/types.h"
#include "denial.h"
#include "dragoman/dnssec/verdict.h"
#include "type_bitmap.h"

namespace dragoman::dnssec {

class DenialChain {
 public:
  explicit DenialChain(dns::NameView zone) : zone_(zone) {}
  virtual ~DenialChain() = default;

  // That a name does not exist.
  struct Absence {
    dns::NameView closest_encloser;  // RFC 4592 3.3.1; borrows from the name that was asked about
    bool opt_out = false;            // it may be an unsigned delegation all the same, or lead to one
  };
  // All names lie in the zone. Nullopt, false: it is not proven.
  // The types of a name that exists; none for an empty non-terminal.
  virtual std::optional<TypeBitmap> node(dns::NameView name) = 0;
  virtual std::optional<Absence> absence(dns::NameView name) = 0;
  // That the child `name` of a closest encloser, proven elsewhere, does not exist: a next closer name, or a wildcard.
  virtual std::optional<Absence> child_absence(dns::NameView name) = 0;

  dns::NameView zone() const { return zone_; }
  // The parent's record at a delegation (RFC 6840 4.1): of all that is there it knows nothing but DS.
  bool is_delegation(dns::NameView name, TypeBitmap types) const;
  // Whether what lies below `name` is none of this zone's names.
  bool ends_zone(dns::NameView name, TypeBitmap types) const;

 private:
  dns::NameView zone_;
};

// What a chain says of a name at first: at most one of them.
struct Sight {
  std::optional<TypeBitmap> node;
  std::optional<DenialChain::Absence> absence;
};
Sight look(DenialChain& chain, dns::NameView name);

// Each comes to Reason::none, opt_out or denial_missing, as Denial's functions do.
Reason prove_nodata(DenialChain& chain, dns::NameView name, dns::Type type, const Sight& sight);
Reason prove_nxdomain(DenialChain& chain, const Sight& sight);
Reason prove_wildcard_answer(DenialChain& chain, dns::NameView name, std::uint8_t labels);
Denial::AboutDs prove_no_ds(DenialChain& chain, dns::NameView name);

// The longest name that is at or above both.
dns::NameView common_ancestor(dns::NameView name, dns::NameView other);
// The ancestor of `name`, or `name` itself, with this many labels; it has at least as many.
dns::NameView ancestor_with_labels(dns::NameView name, int labels);

}  // namespace dragoman::dnssec
