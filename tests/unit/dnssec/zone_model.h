// A zone as RFC 1034 4.3.2, RFC 4592 and RFC 6672 mean it, in the plainest way: what it says of a name, its NSEC and
// NSEC3 chains, and the records that a server would send to deny. The judge of whoever reads such records.
#pragma once

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <vector>

#include "denial_records.h"

namespace dragoman::dnssec {

struct CanonicalOrder {
  bool operator()(const dns::Name& a, const dns::Name& b) const { return compare_canonical(a, b) < 0; }
};

class ZoneModel {
 public:
  enum class Outcome { answer, cname, dname, referral, nodata, nxdomain };

  // How its NSEC3 chain is made. Names in `left_out` are unsigned delegations without a record (RFC 5155 6); a span
  // with one of them has the flag, the others have it by chance.
  struct Nsec3Style {
    std::uint16_t iterations = 0;
    Octets salt;
    bool opt_out = false;
  };

  ZoneModel(const dns::Name& apex, std::map<dns::Name, Types, CanonicalOrder> nodes, const Nsec3Style& style,
            std::mt19937& chance)
      : apex_(apex), nodes_(std::move(nodes)), style_(style) {
    nodes_[apex].insert({dns::Type::soa, dns::Type::ns});
    make_nsec_chain();
    make_nsec3_chain(chance);
  }

  const dns::Name& apex() const { return apex_; }
  bool exists(const dns::Name& name) const {
    return std::ranges::any_of(nodes_, [&](const auto& node) { return node.first.view().is_subdomain_of(name); });
  }
  Types types_at(const dns::Name& name) const {
    const auto node = nodes_.find(name);
    return node == nodes_.end() ? Types{} : node->second;
  }
  bool is_delegation(const dns::Name& name) const {
    return !equal(name, apex_) && types_at(name).contains(dns::Type::ns);
  }
  // The delegation or DNAME strictly above it, if there is one.
  bool is_occluded(const dns::Name& name) const {
    for (dns::Name above = name; !equal(above, apex_);) {
      above = above.view().parent();
      if (is_delegation(above) || types_at(above).contains(dns::Type::dname)) return true;
    }
    return false;
  }
  dns::Name closest_encloser(dns::Name name) const {
    while (!exists(name)) name = name.view().parent();
    return name;
  }
  static dns::Name wildcard_of(dns::Name name) {
    const std::uint8_t asterisk[] = {'*'};
    name.prepend_label(asterisk);
    return name;
  }

  Outcome ask(const dns::Name& name, dns::Type type) const {
    for (dns::Name above = name; !equal(above, apex_);) {
      above = above.view().parent();
      if (is_delegation(above)) return Outcome::referral;
      if (types_at(above).contains(dns::Type::dname)) return Outcome::dname;
    }
    if (is_delegation(name) && type != dns::Type::ds) return Outcome::referral;
    if (exists(name)) return at_node(types_at(name), type);
    const dns::Name wildcard = wildcard_of(closest_encloser(name));
    return exists(wildcard) ? at_node(types_at(wildcard), type) : Outcome::nxdomain;
  }
  // An unsigned delegation without a record, or a name that leads to nothing else.
  bool is_left_out(const dns::Name& name) const { return exists(name) && !is_occluded(name) && !has_nsec3(name); }
  bool has_nsec3(const dns::Name& name) const { return hashed_.contains(name); }

  // -- Whether what a reader of these chains says is so. A name that has no record because of opt-out may be anything;
  //    but what is said of it must be said to be insecure.

  bool may_be_opted_out(const dns::Name& name) const { return !exists(name) || is_left_out(name) || is_occluded(name); }
  bool may_say_nodata(const dns::Name& name, dns::Type type, Reason reason) const {
    if (reason == Reason::none) return ask(name, type) == Outcome::nodata;
    return reason == Reason::opt_out ? may_be_opted_out(name) : reason == Reason::denial_missing;
  }
  bool may_say_nxdomain(const dns::Name& name, Reason reason) const {
    if (reason == Reason::none) return ask(name, dns::Type::a) == Outcome::nxdomain;
    return reason == Reason::opt_out ? may_be_opted_out(name) : reason == Reason::denial_missing;
  }
  // Only of wildcards that are signed, so that the zone reaches as far as they.
  bool may_say_wildcard_answer(const dns::Name& name, int labels, Reason reason) const {
    dns::Name next = name;
    while (next.view().label_count() > labels + 1) next = next.view().parent();
    if (is_occluded(next)) return true;
    if (reason == Reason::none) return !exists(next);
    return reason == Reason::opt_out ? may_be_opted_out(next) : reason == Reason::denial_missing;
  }
  bool may_say_of_ds(const dns::Name& name, const Denial::AboutDs& about) const {
    using enum Denial::Delegation;
    const bool has_ds = types_at(name).contains(dns::Type::ds);
    switch (about.delegation) {
      case not_there:
        return !is_delegation(name) && !is_occluded(name) && !has_ds;
      case nonexistent:
        return ask(name, dns::Type::ds) == Outcome::nxdomain;
      case unsigned_there:
        return about.reason == Reason::opt_out ? may_be_opted_out(name) : is_delegation(name) && !has_ds;
      case unproven:
        break;
    }
    return about.reason == Reason::denial_missing;
  }

  const std::vector<Rrset>& nsecs() const { return nsecs_; }
  const std::vector<Rrset>& nsec3s() const { return nsec3s_; }

  // The chain's record whose owner is this name, or that covers it.
  const Rrset& nsec_at(const dns::Name& name) const {
    auto next = owners_.upper_bound(name);
    return nsecs_[static_cast<std::size_t>(std::distance(owners_.begin(), next)) - 1];
  }
  const Rrset& nsec3_at(const dns::Name& name) const {
    auto next = hashes_.upper_bound(hash_of(name));
    if (next == hashes_.begin()) next = hashes_.end();
    return nsec3s_[static_cast<std::size_t>(std::distance(hashes_.begin(), next)) - 1];
  }
  bool is_opt_out(const dns::Name& name) const { return (nsec3_at(name).rdata(0)[1] & 1) != 0; }

  // RFC 4035 3.1.3 and RFC 5155 7.2: for a NODATA or NXDOMAIN answer, or for an answer from a wildcard.
  std::vector<Rrset> nsec_denial(const dns::Name& name) const {
    std::vector<Rrset> records{nsec_at(name)};
    if (!exists(name)) records.push_back(nsec_at(wildcard_of(closest_encloser(name))));
    return records;
  }
  std::vector<Rrset> nsec3_denial(const dns::Name& name) const {
    if (hashed_.contains(name)) return {nsec3_at(name)};
    const dns::Name encloser = hashed_encloser(name);
    return {nsec3_at(encloser), nsec3_at(next_closer(name, encloser)), nsec3_at(wildcard_of(encloser))};
  }
  dns::Name hashed_encloser(dns::Name name) const {
    while (!hashed_.contains(name)) name = name.view().parent();
    return name;
  }
  static dns::Name next_closer(dns::Name name, const dns::Name& encloser) {
    while (name.view().label_count() > encloser.view().label_count() + 1) name = name.view().parent();
    return name;
  }

 private:
  static Outcome at_node(const Types& types, dns::Type type) {
    if (types.contains(dns::Type::cname)) return type == dns::Type::cname ? Outcome::answer : Outcome::cname;
    if (type == dns::Type::any) return types.empty() ? Outcome::nodata : Outcome::answer;
    return types.contains(type) ? Outcome::answer : Outcome::nodata;
  }
  Nsec3Hash hash_of(const dns::Name& name) const { return *nsec3_hash(name, style_.salt, style_.iterations); }

  // What the bitmap says: at a delegation the zone has NS and DS records alone.
  Types authoritative_types(const dns::Name& name) const {
    Types types = types_at(name);
    if (is_delegation(name))
      std::erase_if(types, [](dns::Type type) { return type != dns::Type::ns && type != dns::Type::ds; });
    return types;
  }
  void make_nsec_chain() {
    for (const auto& [name, types] : nodes_) {
      if (!types.empty() && !is_occluded(name)) owners_.insert(name);
    }
    for (auto owner = owners_.begin(); owner != owners_.end(); ++owner) {
      const auto next = std::next(owner) == owners_.end() ? owners_.begin() : std::next(owner);
      Types types = authoritative_types(*owner);
      types.insert({dns::Type::rrsig, dns::Type::nsec});
      nsecs_.push_back(nsec(*owner, *next, types));
    }
  }
  void make_nsec3_chain(std::mt19937& chance) {
    std::vector<Nsec3Hash> left_out;
    for (const dns::Name& owner : owners_) {
      const bool is_unsigned = is_delegation(owner) && !types_at(owner).contains(dns::Type::ds);
      if (is_unsigned && style_.opt_out && chance() % 4 != 0) {
        left_out.push_back(hash_of(owner));
        continue;
      }
      for (dns::Name name = owner; hashed_.insert(name).second && !equal(name, apex_);) name = name.view().parent();
    }
    for (const dns::Name& owner : owners_) {  // and what is above them
      for (dns::Name name = owner; !hashed_.contains(name); name = name.view().parent())
        left_out.push_back(hash_of(name));
    }
    for (const dns::Name& name : hashed_) hashes_[hash_of(name)] = name;
    for (auto hash = hashes_.begin(); hash != hashes_.end(); ++hash) {
      const auto next = std::next(hash) == hashes_.end() ? hashes_.begin() : std::next(hash);
      const bool must = std::ranges::any_of(left_out, [&](const Nsec3Hash& one) {
        return hash->first < next->first ? hash->first < one && one < next->first
                                         : hash->first < one || one < next->first;
      });
      Nsec3Fields fields;
      fields.flags = must || (style_.opt_out && chance() % 2 == 0);
      fields.iterations = style_.iterations;
      fields.salt = style_.salt;
      fields.next.assign(next->first.begin(), next->first.end());
      fields.has = authoritative_types(hash->second);
      if (!fields.has.empty() && fields.has != Types{dns::Type::ns}) fields.has.insert(dns::Type::rrsig);
      dns::Name owner = apex_;
      const std::string label = base32hex(hash->first);
      owner.prepend_label(Bytes(reinterpret_cast<const std::uint8_t*>(label.data()), label.size()));
      nsec3s_.push_back(nsec3(owner, fields));
    }
  }

  dns::Name apex_;
  std::map<dns::Name, Types, CanonicalOrder> nodes_;
  Nsec3Style style_;
  std::set<dns::Name, CanonicalOrder> owners_, hashed_;
  std::map<Nsec3Hash, dns::Name> hashes_;
  std::vector<Rrset> nsecs_, nsec3s_;  // in the order of owners_ and hashes_
};

// The apex and all names of up to `depth` of these labels below it.
inline std::vector<dns::Name> universe(const dns::Name& apex, std::string_view labels, int depth) {
  std::vector<dns::Name> names{apex};
  std::size_t begin = 0;
  for (int level = 0; level < depth; ++level) {
    const std::size_t end = names.size();
    for (; begin < end; ++begin) {
      for (const char label : labels) {
        dns::Name name = names[begin];
        const auto octet = static_cast<std::uint8_t>(label);
        name.prepend_label(Bytes(&octet, 1));
        names.push_back(name);
      }
    }
  }
  return names;
}

// A small zone over these names. No delegations and DNAMEs at or above wildcards: what they mean is not defined (RFC
// 4592 4.2, 4.4).
inline ZoneModel random_zone(const std::vector<dns::Name>& names, std::mt19937& chance) {
  std::map<dns::Name, Types, CanonicalOrder> nodes;
  const dns::Name& apex = names.front();
  const std::size_t count = 1 + chance() % 8;
  for (std::size_t node = 0; node < count; ++node) {
    const dns::Name& name = names[chance() % names.size()];
    const bool special = !equal(name, apex) && name.view().first_label()[0] != '*';
    switch (chance() % (special ? 6 : 3)) {
      case 0:
        nodes[name] = {dns::Type::a};
        break;
      case 1:
        nodes[name] = {dns::Type::txt, dns::Type::aaaa};
        break;
      case 2:
        nodes[name] = equal(name, apex) ? Types{dns::Type::a} : Types{dns::Type::cname};
        break;
      case 3:
        nodes[name] = {dns::Type::ns};
        break;
      case 4:
        nodes[name] = {dns::Type::ns, dns::Type::ds, dns::Type::a};
        break;
      default:
        nodes[name] = {dns::Type::dname, dns::Type::txt};
    }
  }
  ZoneModel::Nsec3Style style;
  style.iterations = static_cast<std::uint16_t>(chance() % 3);
  style.salt.resize(chance() % 3, static_cast<std::uint8_t>(chance()));
  style.opt_out = chance() % 2 == 0;
  return ZoneModel(apex, std::move(nodes), style, chance);
}

}  // namespace dragoman::dnssec
