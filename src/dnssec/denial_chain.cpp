// Proofs about a name: by its own record, by the wildcard that it would match, or by the span that it falls into.
#include "denial_chain.h"

namespace dragoman::dnssec {
namespace {

constexpr std::uint8_t asterisk[] = {'*'};

// The source of synthesis (RFC 4592 3.3.1) of a name whose closest encloser this is: no longer than that name.
dns::Name wildcard_of(dns::NameView closest_encloser) {
  dns::Name wildcard(closest_encloser);
  wildcard.prepend_label(asterisk);
  return wildcard;
}

// Whether a name with these types has no records of `type`.
bool lacks(const DenialChain& chain, dns::NameView name, TypeBitmap types, dns::Type type) {
  if (type != dns::Type::ds && chain.is_delegation(name, types)) return false;
  if (type == dns::Type::any) return types.has_none_but({dns::Type::rrsig, dns::Type::nsec, nxname});
  return !types.has(type) && !types.has(dns::Type::cname);
}

// RFC 9824 2: the record that stands for a name which does not exist.
bool is_nonexistent(TypeBitmap types) {
  return types.has(nxname) && types.has_none_but({dns::Type::rrsig, dns::Type::nsec, nxname});
}

Reason reason_of(const DenialChain::Absence& absence) { return absence.opt_out ? Reason::opt_out : Reason::none; }

}  // namespace

bool DenialChain::is_delegation(dns::NameView name, TypeBitmap types) const {
  return types.has(dns::Type::ns) && !types.has(dns::Type::soa) && !equal(name, zone_);
}

bool DenialChain::ends_zone(dns::NameView name, TypeBitmap types) const {
  return types.has(dns::Type::dname) || is_delegation(name, types);
}

Sight look(DenialChain& chain, dns::NameView name) {
  if (const auto types = chain.node(name)) return {types, {}};
  return {{}, chain.absence(name)};
}

Reason prove_nodata(DenialChain& chain, dns::NameView name, dns::Type type, const Sight& sight) {
  if (sight.node) return lacks(chain, name, *sight.node, type) ? Reason::none : Reason::denial_missing;
  if (!sight.absence) return Reason::denial_missing;
  const dns::Name wildcard = wildcard_of(sight.absence->closest_encloser);  // RFC 4035 3.1.3.4, RFC 5155 8.7
  const auto types = chain.node(wildcard);
  if (types && lacks(chain, wildcard, *types, type)) return reason_of(*sight.absence);
  // RFC 5155 8.6; and not for DS alone: it may be the parent of unsigned delegations, which needs no record (7.1).
  return sight.absence->opt_out ? Reason::opt_out : Reason::denial_missing;
}

Reason prove_nxdomain(DenialChain& chain, const Sight& sight) {
  if (sight.node) return is_nonexistent(*sight.node) ? Reason::none : Reason::denial_missing;
  if (!sight.absence) return Reason::denial_missing;
  const auto no_wildcard = chain.child_absence(wildcard_of(sight.absence->closest_encloser));
  if (!no_wildcard) return Reason::denial_missing;
  // RFC 5155 9.2 speaks of the next closer name alone; but what may be there unsigned may be the wildcard just as well.
  return sight.absence->opt_out ? Reason::opt_out : reason_of(*no_wildcard);
}

Reason prove_wildcard_answer(DenialChain& chain, dns::NameView name, std::uint8_t labels) {
  if (labels < chain.zone().label_count() || labels >= name.label_count()) return Reason::denial_missing;
  const auto absence = chain.child_absence(ancestor_with_labels(name, labels + 1));
  return absence ? reason_of(*absence) : Reason::denial_missing;
}

Denial::AboutDs prove_no_ds(DenialChain& chain, dns::NameView name) {
  using enum Denial::Delegation;
  const Sight sight = look(chain, name);
  if (sight.node) {
    if (is_nonexistent(*sight.node)) return {nonexistent};
    if (sight.node->has(dns::Type::ds)) return {unproven, Reason::denial_missing};
    return {chain.is_delegation(name, *sight.node) ? unsigned_there : not_there};
  }
  if (!sight.absence) return {unproven, Reason::denial_missing};
  if (sight.absence->opt_out) return {unsigned_there, Reason::opt_out};
  // A wildcard makes no delegations (RFC 4592 4.2), whether it is there or not.
  const auto no_wildcard = chain.child_absence(wildcard_of(sight.absence->closest_encloser));
  return {no_wildcard && !no_wildcard->opt_out ? nonexistent : not_there};
}

dns::NameView common_ancestor(dns::NameView name, dns::NameView other) {
  while (!other.is_subdomain_of(name)) name = name.parent();
  return name;
}

dns::NameView ancestor_with_labels(dns::NameView name, int labels) {
  for (int surplus = name.label_count() - labels; surplus > 0; --surplus) name = name.parent();
  return name;
}

}  // namespace dragoman::dnssec
