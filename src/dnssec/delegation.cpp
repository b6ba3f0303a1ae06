// DS answers and DNSKEY answers.
#include "dragoman/dnssec/delegation.h"

#include <algorithm>
#include <limits>

#include "denial.h"

namespace dragoman::dnssec {
namespace {

constexpr std::uint32_t no_ttl = std::numeric_limits<std::uint32_t>::max();

const Rrset* find(const std::vector<Rrset>& rrsets, dns::NameView owner, dns::Type type) {
  return find_rrset(rrsets, dns::Section::answer, owner, type);
}

Delegation broken(Reason reason) { return {DelegationKind::broken, reason, {}, 0}; }

Delegation from_ds(const Rrset& ds, const ZoneKeys& parent, WallTime now, Budget& budget) {
  const Verified verified = verify(ds, parent, now, budget);
  if (verified.reason != Reason::none) return broken(verified.reason);
  if (verified.is_expanded(ds.owner)) return broken(Reason::wildcard_unproven);  // no delegation comes of a wildcard
  Delegation found{DelegationKind::signed_there, Reason::none, {}, verified.ttl};
  for (std::size_t i = 0; i < ds.size(); ++i) {
    found.endorsement.ds.emplace_back(ds.rdata(i).begin(), ds.rdata(i).end());
  }
  if (const auto insecure = judge(found.endorsement)) {
    found.kind = DelegationKind::unsigned_there;
    found.reason = insecure->reason;
  }
  return found;
}

// A name that is an alias is no delegation (RFC 2181 6.1, 10.1).
Delegation from_alias(const Rrset& cname, const ZoneKeys& parent, WallTime now, Budget& budget) {
  const Verified verified = verify(cname, parent, now, budget);
  if (verified.reason != Reason::none) return broken(verified.reason);
  return {DelegationKind::not_there, Reason::none, {}, verified.ttl};
}

Delegation from_denial(const std::vector<Rrset>& rrsets, dns::NameView name, const ZoneKeys& parent, WallTime now,
                       Budget& budget) {
  std::vector<const Rrset*> authentic;
  std::uint32_t ttl = no_ttl;
  Reason reason = Reason::denial_missing;
  for (const Rrset& rrset : rrsets) {
    if (rrset.section != dns::Section::authority || !is_denial(rrset.type)) continue;
    const Verified verified = verify(rrset, parent, now, budget);
    if (verified.reason != Reason::none || verified.is_expanded(rrset.owner)) {
      if (verified.reason != Reason::none) reason = verified.reason;
      continue;
    }
    ttl = std::min(ttl, verified.ttl);
    authentic.push_back(&rrset);
  }
  const Denial::AboutDs about = Denial(parent.zone, authentic, budget).no_ds(name);
  switch (about.delegation) {
    case Denial::Delegation::not_there:
      return {DelegationKind::not_there, Reason::none, {}, ttl};
    case Denial::Delegation::nonexistent:
      return {DelegationKind::nonexistent, Reason::none, {}, ttl};
    case Denial::Delegation::unsigned_there:
      return {DelegationKind::unsigned_there, about.reason == Reason::none ? Reason::no_ds : about.reason, {}, ttl};
    case Denial::Delegation::unproven:
      break;
  }
  return broken(about.reason == Reason::denial_missing || about.reason == Reason::none ? reason : about.reason);
}

}  // namespace

Delegation read_delegation(const dns::MessageView& message, dns::NameView name, const ZoneKeys& parent, WallTime now,
                           Budget& budget) {
  const auto rrsets = rrsets_of(message, budget.limits().rrsets_per_answer);
  if (!rrsets) {
    budget.note(Limit::rrsets_per_answer);
    return broken(Reason::too_much_work);
  }
  if (const Rrset* ds = find(*rrsets, name, dns::Type::ds)) return from_ds(*ds, parent, now, budget);
  if (const Rrset* cname = find(*rrsets, name, dns::Type::cname)) return from_alias(*cname, parent, now, budget);
  return from_denial(*rrsets, name, parent, now, budget);
}

Entrance read_keys(const dns::MessageView& message, dns::NameView zone, const Endorsement& by, WallTime now,
                   Budget& budget) {
  const auto failed = [](Reason reason) { return Entrance{{verdict_of(reason), nullptr}, 0}; };
  const auto rrsets = rrsets_of(message, budget.limits().rrsets_per_answer);
  if (!rrsets) {
    budget.note(Limit::rrsets_per_answer);
    return failed(Reason::too_much_work);
  }
  const Rrset* dnskeys = find(*rrsets, zone, dns::Type::dnskey);
  if (dnskeys == nullptr) return failed(Reason::key_missing);
  auto keys = std::make_shared<ZoneKeys>();
  const Verified verified = endorse(*dnskeys, by, now, budget, *keys);
  if (verified.reason != Reason::none) return failed(verified.reason);
  return {{secure, std::move(keys)}, verified.ttl};
}

}  // namespace dragoman::dnssec
