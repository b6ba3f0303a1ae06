// Grouping, canonical form and order.
#include "dragoman/dnssec/rrset.h"

#include <algorithm>

namespace dragoman::dnssec {

void Rrset::add(Bytes canonical_rdata) {
  records_.push_back({static_cast<std::uint32_t>(octets_.size()), static_cast<std::uint32_t>(canonical_rdata.size())});
  octets_.insert(octets_.end(), canonical_rdata.begin(), canonical_rdata.end());
}

void Rrset::sort() {
  const auto octets_of = [this](const Place& place) { return Bytes(octets_).subspan(place.offset, place.length); };
  std::sort(records_.begin(), records_.end(), [&](const Place& a, const Place& b) {
    return std::ranges::lexicographical_compare(octets_of(a), octets_of(b));
  });
  const auto doubles = std::unique(records_.begin(), records_.end(), [&](const Place& a, const Place& b) {
    return std::ranges::equal(octets_of(a), octets_of(b));
  });
  records_.erase(doubles, records_.end());
}

const Rrset* find_rrset(std::span<const Rrset> rrsets, dns::Section section, dns::NameView owner, dns::Type type) {
  const auto place = std::ranges::find_if(rrsets, [&](const Rrset& rrset) {
    return rrset.section == section && rrset.type == type && dns::equal(rrset.owner, owner);
  });
  return place == rrsets.end() ? nullptr : &*place;
}

namespace {

Rrset* find(std::vector<Rrset>& rrsets, dns::Section section, const dns::Name& owner, dns::Type type) {
  const Rrset* found = find_rrset(rrsets, section, owner, type);
  return found == nullptr ? nullptr : &rrsets[static_cast<std::size_t>(found - rrsets.data())];
}

bool is_of_rrset(const dns::MessageView::Item& item) {
  return item.section != dns::Section::additional && item.record.klass == dns::Class::in;
}

}  // namespace

std::optional<std::vector<Rrset>> rrsets_of(const dns::MessageView& message, std::size_t most) {
  std::vector<Rrset> rrsets;
  const bool asks_signatures = message.question().type == dns::Type::rrsig;
  for (const auto& item : message.records()) {
    const auto& [section, record] = item;
    if (!is_of_rrset(item) || (record.type == dns::Type::rrsig && !asks_signatures)) continue;
    const dns::Name owner = message.owner(record);
    Rrset* rrset = find(rrsets, section, owner, record.type);
    if (rrset == nullptr) {
      if (rrsets.size() == most) return {};
      rrset = &rrsets.emplace_back();
      rrset->section = section;
      rrset->owner = owner;
      rrset->type = record.type;
      rrset->ttl = record.ttl;
    }
    rrset->ttl = std::min(rrset->ttl, record.ttl);
    rrset->add(dns::canonical_rdata(message, record));
  }
  for (const auto& item : message.records()) {
    const auto& [section, record] = item;
    const auto covered = dns::type_covered(record.type, record.rdata);
    if (!is_of_rrset(item) || !covered) continue;
    Rrset* rrset = find(rrsets, section, message.owner(record), *covered);
    if (rrset == nullptr) continue;
    if (auto signature = dns::Rrsig::read(record.rdata)) rrset->signatures.push_back(*std::move(signature));
  }
  for (Rrset& rrset : rrsets) rrset.sort();
  return rrsets;
}

}  // namespace dragoman::dnssec
