// What NSEC records say (RFC 4034 4, RFC 4035 5.4). Pure; one thread. Borrows the RRsets that it is made of.
#pragma once

#include <span>
#include <vector>

#include "denial_chain.h"
#include "dragoman/dnssec/rrset.h"

namespace dragoman::dnssec {

// One NSEC record: its name exists, and from there to `next` no other does, in canonical order (RFC 4034 6.1).
struct NsecSpan {
  dns::NameView owner, next;
  TypeBitmap types;

  // Nullopt for what no signer of `zone` makes. The RDATA is not compressed.
  static std::optional<NsecSpan> read(dns::NameView zone, dns::NameView owner, Bytes rdata);
  // Whether no name of the zone at `name` has records, and the zone reaches so far.
  bool covers(const DenialChain& chain, dns::NameView name) const;
  // What a span that covers the name says of it: that it is an empty non-terminal, or else its closest encloser.
  bool makes_empty_non_terminal(dns::NameView name) const { return next.is_subdomain_of(name); }
  dns::NameView closest_encloser(dns::NameView name) const;
};

class NsecChain final : public DenialChain {
 public:
  NsecChain(dns::NameView zone, std::span<const Rrset* const> records);

  std::optional<TypeBitmap> node(dns::NameView name) override;
  std::optional<Absence> absence(dns::NameView name) override;
  std::optional<Absence> child_absence(dns::NameView name) override { return absence(name); }

 private:
  std::vector<NsecSpan> spans_;
};

}  // namespace dragoman::dnssec
