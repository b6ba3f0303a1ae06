// Answers for the names of special_zones.h.
#include "dragoman/resolve/special_names.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <string_view>

#include "dragoman/dns/own_zone.h"
#include "special_zones.h"

namespace dragoman::resolve {
namespace {

constexpr std::array<std::uint8_t, 4> loopback_v4 = {127, 0, 0, 1};
constexpr std::array<std::uint8_t, 16> loopback_v6 = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
constexpr std::uint8_t in_addr_1_0_0_127[] = {1,   '1', 1,   '0', 1,   '0', 3, '1', '2', '7', 7,   'i',
                                              'n', '-', 'a', 'd', 'd', 'r', 4, 'a', 'r', 'p', 'a', 0};
constexpr std::string_view always_local = "resolver.arpa";

// The zones of one row.
std::vector<dns::Name> zones_of(const SpecialZone& row) {
  const std::string_view text = row.name;
  const std::size_t label_end = text.find('.'), dash = text.substr(0, label_end).find('-');
  std::vector<dns::Name> zones;
  if (dash == std::string_view::npos) {
    zones.push_back(*dns::Name::from_text(text));
    return zones;
  }
  int first = 0, last = 0;
  std::from_chars(text.data(), text.data() + dash, first);
  std::from_chars(text.data() + dash + 1, text.data() + label_end, last);
  for (int number = first; number <= last; ++number) {
    zones.push_back(*dns::Name::from_text(std::to_string(number).append(text.substr(label_end))));
  }
  return zones;
}

void write_localhost(dns::NameView owner, std::uint32_t ttl, dns::MessageWriter& writer) {
  writer.begin_record(dns::Section::answer, owner, dns::Type::ptr, dns::Class::in, ttl);
  writer.rdata_name(dns::localhost, true);
  writer.end_record();
}

// The reverse name in a zone of this kind that has data; the root for none.
dns::NameView loopback_name(SpecialKind kind, dns::NameView zone) {
  if (kind != SpecialKind::loopback) return {};
  const dns::NameView v4(in_addr_1_0_0_127);
  return v4.is_subdomain_of(zone) ? v4 : zone;  // the zone of ::1 is its name
}

// Writes the records that there are; false when there are none.
bool write_data(const SpecialZone& row, dns::NameView zone, const dns::Question& question, dns::MessageWriter& writer) {
  if (row.kind == SpecialKind::localhost) {
    if (question.type == dns::Type::a) {
      writer.record(dns::Section::answer, question.name, question.type, row.ttl, loopback_v4);
    } else if (question.type == dns::Type::aaaa) {
      writer.record(dns::Section::answer, question.name, question.type, row.ttl, loopback_v6);
    } else {
      return false;
    }
    return true;
  }
  const dns::NameView loopback = loopback_name(row.kind, zone);
  if (question.type == dns::Type::ptr && !loopback.is_root() && dns::equal(question.name, loopback)) {
    write_localhost(question.name, row.ttl, writer);
    return true;
  }
  const bool has_apex = row.kind == SpecialKind::empty || row.kind == SpecialKind::loopback;
  if (!has_apex || !dns::equal(question.name, zone)) return false;
  if (question.type == dns::Type::soa) {
    dns::write_soa(dns::Section::answer, zone, row.ttl, writer);
  } else if (question.type == dns::Type::ns) {
    dns::write_ns(zone, row.ttl, writer);
  } else {
    return false;
  }
  return true;
}

// Whether a name exists in its zone, with data or above some.
bool is_there(const SpecialZone& row, dns::NameView zone, dns::NameView name) {
  switch (row.kind) {
    case SpecialKind::absent:
      return false;
    case SpecialKind::bare:
    case SpecialKind::localhost:
      return true;
    case SpecialKind::empty:
      return dns::equal(name, zone);
    case SpecialKind::loopback:
      return loopback_name(row.kind, zone).is_subdomain_of(name);
  }
  return false;
}

}  // namespace

std::vector<dns::Name> forwarded_by_default() {
  std::vector<dns::Name> zones;
  for (const char* text : {"test", "2.0.192.in-addr.arpa", "100.51.198.in-addr.arpa", "113.0.203.in-addr.arpa",
                           "8.b.d.0.1.0.0.2.ip6.arpa"}) {
    zones.push_back(*dns::Name::from_text(text));
  }
  return zones;
}

SpecialNames::SpecialNames(const SpecialNamesOptions& options) {
  for (const dns::Name& zone : options.forward) forward_.add(zone);
  for (const SpecialZone& row : special_zones) {
    if (!options.enabled && row.name != always_local) continue;
    for (const dns::Name& zone : zones_of(row)) {
      if (forward_.hold(zone)) continue;  // nothing to find, and no second look for queries below
      zones_.add(zone, &row);
      filter_.add(zone);
    }
  }
}

const SpecialZone* SpecialNames::find(const dns::Question& question, dns::NameView& zone) const {
  const SpecialZone* const* row = zones_.find(question.name, &zone);
  if (row == nullptr || forward_.hold(question.name)) return nullptr;
  // The parent of an absent domain is the root, which has no DS for it either: nothing to ask.
  const bool has_parent = (*row)->kind != SpecialKind::absent && (*row)->kind != SpecialKind::localhost;
  if (has_parent && question.type == dns::Type::ds && dns::equal(question.name, zone)) return nullptr;
  return *row;
}

bool SpecialNames::answer(const dns::Question& question, bool exists, dns::MessageWriter& writer,
                          dns::Rcode& rcode) const {
  dns::NameView zone;
  const SpecialZone* row = find(question, zone);
  if (row == nullptr) return false;
  rcode = dns::Rcode::noerror;
  if (write_data(*row, zone, question, writer)) return true;
  if (!exists && !is_there(*row, zone, question.name)) rcode = dns::Rcode::nxdomain;
  dns::write_soa(dns::Section::authority, zone, row->ttl, writer);
  return true;
}

std::optional<dns::Answer> SpecialNames::answer(const dns::Question& question) const {
  if (!may_hold(question.name)) return {};
  std::array<std::uint8_t, 2048> room;  // a question and one record: names of 255 octets, three at most
  dns::MessageWriter writer(room);
  writer.question(question.name, question.type, question.klass);
  dns::AnswerHead head;
  if (!answer(question, false, writer, head.rcode)) return {};
  return dns::to_answer(dns::written_answer(writer, head));
}

bool SpecialNames::concern(dns::NameView name) {
  return std::any_of(special_zones.begin(), special_zones.end(), [&](const SpecialZone& row) {
    const std::vector<dns::Name> zones = zones_of(row);
    return std::any_of(zones.begin(), zones.end(), [&](const dns::Name& zone) {
      return name.is_subdomain_of(zone) || zone.view().is_subdomain_of(name);
    });
  });
}

}  // namespace dragoman::resolve
