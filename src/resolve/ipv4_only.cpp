// Two lists, of names and of their registrable domains. Which part is the domain is looked up when a name enters the
// list, and remembered there.
#include "dragoman/resolve/ipv4_only.h"

#include <algorithm>

#include "heavy_names.h"
#include "registrable_domain.h"

namespace dragoman::resolve {
namespace {

constexpr std::size_t other_policies = HeavyNames::kinds - 1;  // the last kind is for all that have none of their own
constexpr const char* other_policies_name = "others";

std::string without_dot(std::string text) {
  if (text.size() > 1) text.pop_back();
  return text;
}

void merge(std::vector<Ipv4OnlyRow>& rows, const std::vector<Ipv4OnlyRow>& others) {
  std::map<std::string, std::size_t> known;
  for (std::size_t i = 0; i < rows.size(); ++i) known[rows[i].name] = i;
  for (const Ipv4OnlyRow& other : others) {
    const auto [place, is_new] = known.try_emplace(other.name, rows.size());
    if (is_new) {
      rows.push_back(other);
      continue;
    }
    Ipv4OnlyRow& row = rows[place->second];
    row.count += other.count;
    row.error += other.error;
    for (const auto& [policy, count] : other.by_policy) row.by_policy[policy] += count;
    row.got_aaaa_at = std::max(row.got_aaaa_at, other.got_aaaa_at);
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [](const Ipv4OnlyRow& a, const Ipv4OnlyRow& b) { return a.count > b.count; });
}

}  // namespace

struct Ipv4OnlyNames::State {
  HeavyNames names{most_names}, domains{most_domains};
  std::vector<std::string> kinds;    // of HeavyNames: policies that were ever counted, up to other_policies
  std::vector<std::size_t> kind_of;  // of the policies in force, by number

  std::size_t kind_named(const std::string& policy) {
    const auto known = std::find(kinds.begin(), kinds.end(), policy);
    if (known != kinds.end()) return static_cast<std::size_t>(known - kinds.begin());
    if (kinds.size() == other_policies) return other_policies;
    kinds.push_back(policy);
    return kinds.size() - 1;
  }

  std::size_t kind_of_policy(std::size_t policy) const {
    return policy < kind_of.size() ? kind_of[policy] : other_policies;
  }

  struct Counted {
    HeavyNames::Entry &name, &domain;
  };
  Counted add(dns::NameView name, std::size_t kind, std::uint64_t times) {
    const auto [entry, is_new] = names.add(name, kind, times);
    if (is_new) entry->suffix_offset = static_cast<std::uint8_t>(registrable_offset(entry->name()));
    const dns::NameView domain(entry->name().wire().subspan(entry->suffix_offset));
    return {*entry, *domains.add(domain, kind, times).first};
  }

  Ipv4OnlyRow row_of(const HeavyNames::Entry& entry) const {
    Ipv4OnlyRow row{without_dot(entry.name().to_text()), entry.count, entry.error, {}, entry.marked_at};
    for (std::size_t kind = 0; kind < HeavyNames::kinds; ++kind) {
      if (entry.by_kind[kind] == 0) continue;
      row.by_policy[kind < kinds.size() ? kinds[kind] : other_policies_name] += entry.by_kind[kind];
    }
    return row;
  }
};

Ipv4OnlyNames::Ipv4OnlyNames() : state_(std::make_unique<State>()) {}
Ipv4OnlyNames::~Ipv4OnlyNames() = default;

void Ipv4OnlyNames::set_policies(const std::vector<std::string>& names) {
  state_->kind_of.clear();
  for (const std::string& name : names) state_->kind_of.push_back(state_->kind_named(name));
}

Ipv4OnlyNames::Domain Ipv4OnlyNames::synthesized(dns::NameView name, std::size_t policy) {
  const auto [entry, domain] = state_->add(name, state_->kind_of_policy(policy), 1);
  entry.marked_at = 0;  // it had AAAA for a while
  return {domain.name(), domain.note};
}

std::uint8_t Ipv4OnlyNames::place_of(std::size_t policy) const {
  return static_cast<std::uint8_t>(state_->kind_of_policy(policy));
}

void Ipv4OnlyNames::were_synthesized(dns::NameView name, std::uint8_t place_of_policy, std::uint64_t times) {
  state_->add(name, place_of_policy, times);
}

void Ipv4OnlyNames::has_no_aaaa(dns::NameView name) {
  if (HeavyNames::Entry* const entry = state_->names.find(name)) entry->marked_at = 0;
}

void Ipv4OnlyNames::got_aaaa(dns::NameView name, std::time_t now) {
  HeavyNames::Entry* const entry = state_->names.find(name);
  if (entry != nullptr && entry->marked_at == 0) entry->marked_at = now;
}

Ipv4OnlyReport Ipv4OnlyNames::report() const {
  Ipv4OnlyReport report;
  state_->names.each([&](const HeavyNames::Entry& entry) { report.names.push_back(state_->row_of(entry)); });
  state_->domains.each([&](const HeavyNames::Entry& entry) { report.domains.push_back(state_->row_of(entry)); });
  return report;
}

void Ipv4OnlyReport::add(const Ipv4OnlyReport& other) {
  merge(names, other.names);
  merge(domains, other.domains);
}

void Ipv4OnlyReport::keep_first(std::size_t rows) {
  names.resize(std::min(names.size(), rows));
  domains.resize(std::min(domains.size(), rows));
}

}  // namespace dragoman::resolve
