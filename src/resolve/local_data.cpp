// Local data: a table of names, names that stand for others below them, and subtrees that exist without holding
// anything.
#include "dragoman/resolve/local_data.h"

#include <algorithm>
#include <array>
#include <optional>

#include "dragoman/dns/own_zone.h"
#include "dragoman/dns/rdata.h"

namespace dragoman::resolve {
namespace {

constexpr std::uint32_t negative_ttl_s = 300;

std::string lower_case_wire(dns::NameView name) {
  std::string key(name.length(), '\0');
  dns::copy_lower_case(name, reinterpret_cast<std::uint8_t*>(key.data()));
  return key;
}

bool is_wildcard(dns::NameView name) {
  const Bytes label = name.first_label();
  return label.size() == 1 && label[0] == '*';
}

void write_denial(dns::NameView zone, dns::MessageWriter& writer) {
  dns::write_soa(dns::Section::authority, zone, dns::localhost, negative_ttl_s, writer);
}

void write_record(dns::Section section, const LocalRecord& record, dns::NameView owner, dns::MessageWriter& writer) {
  writer.record(section, owner, record.type, static_cast<std::uint32_t>(record.ttl.count()), record.rdata);
}

// RFC 6672 2.2: the labels in front of the DNAME's owner, then its target. Nullopt when that is too long.
std::optional<dns::Name> renamed(dns::NameView name, std::size_t owner_at, dns::NameView target) {
  std::array<std::uint8_t, dns::max_name_length + 1> labels;
  std::copy_n(name.wire().begin(), owner_at, labels.begin());
  labels[owner_at] = 0;
  dns::Name out{dns::NameView(Bytes(labels).first(owner_at + 1))};
  if (!out.append(target)) return {};
  return out;
}

// RFC 6672 3.1: the DNAME with the CNAME that it makes for this name, or YXDOMAIN when that is longer than a name.
void write_dname(const LocalRecord& dname, std::size_t owner_at, dns::NameView name, dns::MessageWriter& writer,
                 dns::Rcode& rcode) {
  write_record(dns::Section::answer, dname, dns::NameView(name.wire().subspan(owner_at)), writer);
  const auto target = renamed(name, owner_at, dns::NameView(dname.rdata));
  if (!target) {
    rcode = dns::Rcode::yxdomain;
    return;
  }
  writer.begin_record(dns::Section::answer, name, dns::Type::cname, dns::Class::in,
                      static_cast<std::uint32_t>(dname.ttl.count()));
  writer.rdata_name(*target, true);
  writer.end_record();
}

// RFC 9460 2.5.2: "." is the owner itself.
dns::NameView target_of(const LocalRecord& record, dns::NameView owner) {
  const auto service = dns::ServiceView::read(record.rdata);
  return !service || service->target.is_root() ? owner : service->target;
}

void write_addresses(const std::vector<LocalRecord>& records, dns::NameView owner, dns::MessageWriter& writer) {
  for (const LocalRecord& record : records) {
    const bool is_address = record.type == dns::Type::a || record.type == dns::Type::aaaa;
    if (is_address) write_record(dns::Section::additional, record, owner, writer);
  }
}

}  // namespace

void LocalData::add(const LocalRecord& record) {
  names_[lower_case_wire(record.name)].records.push_back(record);
  const dns::NameView name = record.name;
  for (dns::NameView above = name; !above.is_root();) {
    above = above.parent();
    names_[lower_case_wire(above)].has_below = true;
  }
  reaches_down_ |= is_wildcard(name) || record.type == dns::Type::dname;
  filter_.add(is_wildcard(name) ? name.parent() : name);
}

void LocalData::add_empty_below(const dns::Name& suffix) {
  empty_below_.push_back(suffix);
  filter_.add(suffix);
}

const LocalData::Entry* LocalData::find_wire(std::string_view wire) const {
  const auto entry = names_.find(wire);
  return entry == names_.end() ? nullptr : &entry->second;
}

const LocalData::Entry* LocalData::find(dns::NameView name) const {
  std::array<std::uint8_t, dns::max_name_length> lower;
  dns::copy_lower_case(name, lower.data());
  return find_wire({reinterpret_cast<const char*>(lower.data()), name.length()});
}

bool LocalData::has(dns::NameView name) const {
  const Entry* entry = find(name);
  return entry != nullptr && !entry->records.empty();
}

bool LocalData::has_below(dns::NameView name) const {
  const Entry* entry = find(name);
  return entry != nullptr && entry->has_below;
}

bool LocalData::answer(const dns::Question& question, dns::MessageWriter& writer, dns::Rcode& rcode) const {
  rcode = dns::Rcode::noerror;
  const Entry* const entry = names_.empty() ? nullptr : find(question.name);
  if (entry != nullptr && !entry->records.empty()) {
    write_records(*entry, question.name, question, writer);
    return true;
  }
  // RFC 4592 2.2.2: a name that exists is not a wildcard's, not even when it holds nothing.
  if (reaches_down_ && entry == nullptr && answer_from_above(question, writer, rcode)) return true;
  for (const dns::Name& suffix : empty_below_) {
    if (!question.name.is_subdomain_of(suffix)) continue;
    write_denial(suffix, writer);
    return true;
  }
  return false;
}

// The closest name above that exists (RFC 4592 3.3.1) may have a wildcard below it, or a DNAME.
bool LocalData::answer_from_above(const dns::Question& question, dns::MessageWriter& writer, dns::Rcode& rcode) const {
  std::array<std::uint8_t, dns::max_name_length> lower;
  dns::copy_lower_case(question.name, lower.data());
  const auto suffix_at = [&](std::size_t at) {
    return std::string_view(reinterpret_cast<const char*>(lower.data()) + at, question.name.length() - at);
  };
  std::size_t at = 0;
  const Entry* encloser = nullptr;
  while (encloser == nullptr && lower[at] != 0) {
    at += lower[at] + 1u;
    encloser = find_wire(suffix_at(at));
  }
  if (encloser == nullptr) return false;
  for (const LocalRecord& record : encloser->records) {
    if (record.type != dns::Type::dname) continue;
    write_dname(record, at, question.name, writer, rcode);
    return true;
  }
  lower[at - 2] = 1;
  lower[at - 1] = '*';
  const Entry* const wildcard = find_wire(suffix_at(at - 2));
  if (wildcard == nullptr || wildcard->records.empty()) return false;
  write_records(*wildcard, dns::NameView(question.name.wire().subspan(at)), question, writer);
  return true;
}

void LocalData::write_records(const Entry& entry, dns::NameView zone, const dns::Question& question,
                              dns::MessageWriter& writer) const {
  bool found = false;
  for (const LocalRecord& record : entry.records) {
    if (record.type != question.type && record.type != dns::Type::cname) continue;
    write_record(dns::Section::answer, record, question.name, writer);
    found = true;
  }
  if (!found) write_denial(zone, writer);
  if (found && dns::is_service(question.type)) write_target_addresses(entry, question, writer);
}

// What does not fit is left out: the client may ask for it.
void LocalData::write_target_addresses(const Entry& entry, const dns::Question& question,
                                       dns::MessageWriter& writer) const {
  const auto before = writer.mark();
  for (auto service = entry.records.begin(); service != entry.records.end(); ++service) {
    if (service->type != question.type) continue;
    const dns::NameView target = target_of(*service, question.name);
    const bool is_seen = std::any_of(entry.records.begin(), service, [&](const LocalRecord& earlier) {
      return earlier.type == question.type && dns::equal(target_of(earlier, question.name), target);
    });
    if (const Entry* const known = is_seen ? nullptr : find(target)) write_addresses(known->records, target, writer);
  }
  if (!writer.ok()) writer.rewind(before);
}

}  // namespace dragoman::resolve
