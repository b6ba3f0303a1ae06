// Zones, names and denying records by choice: names of up to three labels out of a few below z, so that they meet.
#pragma once

#include <map>
#include <random>
#include <vector>

#include "fuzz/choices.h"
#include "unit/dnssec/zone_model.h"

namespace dragoman::fuzz {

using dnssec::Octets;
using dnssec::Rrset;

inline dns::Name chosen_name(Choices& choices) {
  static const std::vector<dns::Name> names = dnssec::universe(dnssec::name("z"), "abC*", 3);
  const std::size_t number = choices.octet() | static_cast<std::size_t>(choices.octet()) << 8;
  return names[number % names.size()];
}

inline dns::Type chosen_type(Choices& choices) {
  using enum dns::Type;
  constexpr dns::Type types[] = {a, aaaa, ds, cname, ns, soa, dname, any, mx, nsec, rrsig, dns::Type{128}, caa};
  return types[choices.below(std::size(types))];
}

inline std::vector<Rrset> some_of(const std::vector<Rrset>& all, Choices& choices) {
  std::vector<Rrset> some;
  for (const Rrset& one : all) {
    if (choices.below(4) != 3) some.push_back(one);
  }
  return some;
}

// Without delegations and DNAMEs at wildcards, which mean nothing (RFC 4592 4.2, 4.4).
inline dnssec::ZoneModel chosen_zone(Choices& choices) {
  using enum dns::Type;
  const dnssec::Types kinds[] = {{a}, {txt, aaaa}, {cname}, {ns}, {ns, ds, a}, {dname, txt}};
  const dns::Name apex = dnssec::name("z");
  std::map<dns::Name, dnssec::Types, dnssec::CanonicalOrder> nodes;
  for (std::size_t count = choices.below(12); count > 0; --count) {
    const dns::Name name = chosen_name(choices);
    const std::size_t kind = choices.below(std::size(kinds));
    const bool is_plain = equal(name, apex) || name.view().first_label()[0] == '*';
    nodes[name] = kinds[is_plain ? kind % (equal(name, apex) ? 2 : 3) : kind];
  }
  dnssec::ZoneModel::Nsec3Style style;
  style.iterations = static_cast<std::uint16_t>(choices.below(3));
  style.salt.resize(choices.below(3), choices.octet());
  style.opt_out = choices.below(2) == 0;
  std::mt19937 chance(choices.octet());
  return dnssec::ZoneModel(apex, std::move(nodes), style, chance);
}

// Types of a record, now and then malformed.
inline Octets chosen_bitmap(Choices& choices) {
  if (choices.once_in(8)) {
    Octets octets(choices.below(8));
    for (std::uint8_t& octet : octets) octet = choices.octet();
    return octets;
  }
  dnssec::Types types;
  for (std::size_t count = choices.below(5); count > 0; --count) types.insert(chosen_type(choices));
  return dnssec::bitmap(types);
}

inline Octets chosen_hash(const Octets& salt, std::uint16_t iterations, Choices& choices) {
  if (choices.once_in(4)) return Octets(20, choices.octet());
  const auto hash = *dnssec::nsec3_hash(chosen_name(choices), salt, iterations);
  return Octets(hash.begin(), hash.end());
}

// An NSEC or NSEC3 record; whether a zone could have it is left to chance.
inline Rrset chosen_record(Choices& choices) {
  const bool is_nsec = choices.below(2) == 0;
  dns::Name owner = chosen_name(choices);
  Octets rdata;
  if (is_nsec) {
    const dns::Name next = chosen_name(choices);
    dnssec::append(rdata, next.view().wire());
  } else {
    const Octets salt(choices.below(2), 0xAB);
    const std::uint16_t iterations = choices.once_in(8) ? static_cast<std::uint16_t>(choices.octet() * 4) : 0;
    const std::string label = dnssec::base32hex(chosen_hash(salt, iterations, choices));
    owner = dnssec::name(choices.once_in(8) ? "a.z" : "z");
    owner.prepend_label(Bytes(reinterpret_cast<const std::uint8_t*>(label.data()), label.size()));
    const auto flags = static_cast<std::uint8_t>(choices.once_in(8) ? choices.octet() : choices.below(2));
    rdata = {1, flags, static_cast<std::uint8_t>(iterations >> 8), static_cast<std::uint8_t>(iterations),
             static_cast<std::uint8_t>(salt.size())};
    dnssec::append(rdata, salt);
    const Octets next = chosen_hash(salt, iterations, choices);
    rdata.push_back(static_cast<std::uint8_t>(next.size()));
    dnssec::append(rdata, next);
  }
  dnssec::append(rdata, chosen_bitmap(choices));
  if (choices.once_in(16)) rdata.resize(choices.below(rdata.size() + 1));
  return dnssec::rrset_of(owner, is_nsec ? dns::Type::nsec : dns::Type::nsec3, rdata);
}

}  // namespace dragoman::fuzz
