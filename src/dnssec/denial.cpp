// One proof after the other: NSEC, then each set of NSEC3 records with parameters of its own (RFC 5155 8.2).
#include "denial.h"

#include <algorithm>
#include <vector>

#include "denial_chain.h"
#include "nsec3_chain.h"
#include "nsec_chain.h"

namespace dragoman::dnssec {

struct Denial::Chains {
  Chains(dns::NameView zone, std::span<const Rrset* const> records, Budget& budget)
      : nsec(zone, records), hashes(budget) {
    for (const Rrset* rrset : records) {
      if (rrset->type != dns::Type::nsec3) continue;
      for (std::size_t index = 0; index < rrset->size(); ++index) {
        if (const auto span = Nsec3Span::read(zone, rrset->owner, rrset->rdata(index))) add(zone, *span);
      }
    }
  }

  void add(dns::NameView zone, const Nsec3Span& span) {
    const Limits& limits = hashes.limits();
    if (span.parameters.iterations > limits.nsec3_iterations) {
      (span.parameters.iterations > limits.nsec3_refused_iterations ? any_refused : any_slow) = true;
      return;
    }
    const auto same = std::ranges::find(nsec3, span.parameters, &ResponseNsec3Chain::parameters);
    if (same != nsec3.end()) {
      same->add(span);
    } else {
      nsec3.emplace_back(zone, span, hashes);
    }
  }

  // Until prove() says true.
  template <class Prove>
  void each(Prove prove) {
    if (prove(nsec)) return;
    for (ResponseNsec3Chain& chain : nsec3) {
      if (prove(chain)) return;
    }
  }

  NsecChain nsec;
  Nsec3Hashes hashes;
  std::vector<ResponseNsec3Chain> nsec3;
  bool any_slow = false, any_refused = false;  // beyond the limits on iterations
};

Denial::Denial(dns::NameView zone, std::span<const Rrset* const> records, Budget& budget)
    : chains_(std::make_unique<Chains>(zone, records, budget)) {}
Denial::~Denial() = default;

// A name outside of the zone is none of its records' business, and costs no hash.
template <class Prove>
Reason Denial::best_of(dns::NameView name, Prove prove) {
  if (!name.is_subdomain_of(chains_->nsec.zone())) return Reason::denial_missing;
  Reason best = Reason::denial_missing;
  chains_->each([&](DenialChain& chain) {
    const Reason reason = prove(chain);
    if (reason != Reason::denial_missing) best = reason;
    return reason == Reason::none;
  });
  return best == Reason::denial_missing ? reason_unproven() : best;
}

Reason Denial::reason_unproven() const {
  if (chains_->hashes.is_spent()) return Reason::too_much_work;
  if (chains_->any_refused) return Reason::nsec3_refused;
  return chains_->any_slow ? Reason::nsec3_iterations : Reason::denial_missing;
}

Reason Denial::nodata(dns::NameView name, dns::Type type) {
  // DS records at an apex are the parent's to deny; but the root has none (RFC 4035 2.4).
  if (type == dns::Type::ds && !name.is_root() && equal(name, chains_->nsec.zone())) return Reason::denial_missing;
  return best_of(name, [&](DenialChain& chain) { return prove_nodata(chain, name, type, look(chain, name)); });
}

Reason Denial::nxdomain(dns::NameView name) {
  return best_of(name, [&](DenialChain& chain) { return prove_nxdomain(chain, look(chain, name)); });
}

Reason Denial::wildcard_answer(dns::NameView name, std::uint8_t labels) {
  return best_of(name, [&](DenialChain& chain) { return prove_wildcard_answer(chain, name, labels); });
}

Denial::AboutDs Denial::no_ds(dns::NameView name) {
  if (equal(name, chains_->nsec.zone())) return {Delegation::unproven, Reason::denial_missing};
  AboutDs about;
  about.reason = best_of(name, [&](DenialChain& chain) {
    const AboutDs found = prove_no_ds(chain, name);
    if (found.delegation != Delegation::unproven) about.delegation = found.delegation;
    return found.reason;
  });
  if (about.reason == Reason::nsec3_iterations) about.delegation = Delegation::unsigned_there;
  return about;
}

}  // namespace dragoman::dnssec
