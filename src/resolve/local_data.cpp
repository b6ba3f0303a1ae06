// Local data: a table of names, and two kinds of subtrees that exist without holding anything.
#include "dragoman/resolve/local_data.h"

#include <algorithm>

namespace dragoman::resolve {
namespace {

constexpr std::uint32_t negative_ttl_s = 300;

std::string lower_case_wire(dns::NameView name) {
  std::string key(name.length(), '\0');
  dns::copy_lower_case(name, reinterpret_cast<std::uint8_t*>(key.data()));
  return key;
}

// A negative answer needs an SOA to be cached (RFC 2308 3); this one's names say where it comes from.
void write_soa(dns::NameView zone, dns::MessageWriter& writer) {
  static const dns::Name nobody = *dns::Name::from_text("nobody.invalid");
  static const dns::Name server = *dns::Name::from_text("localhost");
  writer.begin_record(dns::Section::authority, zone, dns::Type::soa, dns::Class::in, negative_ttl_s);
  writer.rdata_name(server, true);
  writer.rdata_name(nobody, true);
  for (std::uint32_t value : {1u, 3600u, 1200u, 604800u, negative_ttl_s}) writer.rdata_u32(value);
  writer.end_record();
}

// Records whose RDATA is one name are written as a name, so that it is compressed.
void write_record(const LocalRecord& record, dns::NameView owner, dns::MessageWriter& writer) {
  writer.record(dns::Section::answer, owner, record.type, static_cast<std::uint32_t>(record.ttl.count()), record.rdata);
}

bool is_below(dns::NameView name, const std::vector<dns::Name>& suffixes, dns::NameView& zone) {
  for (const dns::Name& suffix : suffixes) {
    if (!name.is_subdomain_of(suffix)) continue;
    zone = suffix;
    return true;
  }
  return false;
}

}  // namespace

void LocalData::add(const LocalRecord& record) { names_[lower_case_wire(record.name)].records.push_back(record); }
void LocalData::add_empty_below(const dns::Name& suffix) { empty_below_.push_back(suffix); }
void LocalData::add_nxdomain_below(const dns::Name& suffix) { nxdomain_below_.push_back(suffix); }

bool LocalData::answer(const dns::Question& question, dns::MessageWriter& writer, dns::Rcode& rcode) const {
  rcode = dns::Rcode::noerror;
  dns::NameView zone;
  if (!names_.empty()) {
    std::array<std::uint8_t, dns::max_name_length> lower;
    dns::copy_lower_case(question.name, lower.data());
    const std::string_view key(reinterpret_cast<const char*>(lower.data()), question.name.length());
    if (auto entry = names_.find(key); entry != names_.end()) {
      bool found = false;
      for (const LocalRecord& record : entry->second.records) {
        if (record.type != question.type && record.type != dns::Type::cname) continue;
        write_record(record, question.name, writer);
        found = true;
      }
      if (!found) write_soa(question.name, writer);
      return true;
    }
  }
  if (is_below(question.name, empty_below_, zone)) {
    write_soa(zone, writer);
    return true;
  }
  if (is_below(question.name, nxdomain_below_, zone)) {
    if (!dns::equal(question.name, zone)) rcode = dns::Rcode::nxdomain;
    write_soa(zone, writer);
    return true;
  }
  return false;
}

}  // namespace dragoman::resolve
