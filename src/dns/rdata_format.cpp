// The table of RDATA formats, and the check of a record against it. Pure; any thread.
#include "rdata_format.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace dragoman::dns {
namespace {

using enum RdataNames;

constexpr RdataFormat formats[] = {
    {Type::a, none, "a"},         // RFC 1035 3.4.1
    {Type::ns, compressed, "n"},  // RFC 1035 3.3, to ...
    {Type::md, compressed, "n"},
    {Type::mf, compressed, "n"},
    {Type::cname, compressed, "n"},
    {Type::soa, compressed, "nn44444"},
    {Type::mb, compressed, "n"},
    {Type::mg, compressed, "n"},
    {Type::mr, compressed, "n"},
    {Type::ptr, compressed, "n"},
    {Type::hinfo, none, "ss"},
    {Type::minfo, compressed, "nn"},
    {Type::mx, compressed, "2n"},
    {Type::txt, none, "S"},              // ... here
    {Type::rp, expanded, "nn"},          // RFC 1183 2.2
    {Type::afsdb, expanded, "2n"},       // RFC 1183 1
    {Type::rt, expanded, "2n"},          // RFC 1183 3.3
    {Type::sig, expanded, "t114TT2nb"},  // RFC 2535 4.1
    {Type::key, none, "211b"},           // RFC 2535 3.1
    {Type::px, expanded, "2nn"},         // RFC 2163 4
    {Type::aaaa, none, "6"},             // RFC 3596 2.2
    {Type::nxt, expanded, "nx"},         // RFC 2535 5.2
    {Type::srv, expanded, "222n"},       // RFC 2782
    {Type::naptr, expanded, "22sssn"},   // RFC 3403 4.1
    {Type::kx, plain, "2n"},             // RFC 2230 3
    {Type::cert, none, "221b"},          // RFC 4398 2
    {Type::dname, plain, "n"},           // RFC 6672 2.1
    {Type::ds, none, "211x"},            // RFC 4034 5.1
    {Type::sshfp, none, "11x"},          // RFC 4255 3.1
    {Type::rrsig, plain, "t114TT2nb"},   // RFC 4034 3.1
    {Type::nsec, plain, "nm"},           // RFC 4034 4.1
    {Type::dnskey, none, "211b"},        // RFC 4034 2.1
    {Type::dhcid, none, "b"},            // RFC 4701 3.1
    {Type::nsec3, none, "112hHm"},       // RFC 5155 3.2
    {Type::nsec3param, none, "112h"},    // RFC 5155 4.2
    {Type::tlsa, none, "111x"},          // RFC 6698 2.1
    {Type::smimea, none, "111x"},        // RFC 8162 2
    {Type::cds, none, "211x"},           // RFC 7344 3.1
    {Type::cdnskey, none, "211b"},       // RFC 7344 3.2
    {Type::openpgpkey, none, "b"},       // RFC 7929 2.1
    {Type::csync, none, "42m"},          // RFC 7477 2.1
    {Type::zonemd, none, "411x"},        // RFC 8976 2.2
    {Type::svcb, plain, "2np"},          // RFC 9460 2.2
    {Type::https, plain, "2np"},         // RFC 9460 9
    {Type::spf, none, "S"},              // RFC 7208 3.1
    {Type::uri, none, "22v"},            // RFC 7553 4.4
    {Type::caa, none, "1gv"},            // RFC 8659 4.1
    {Type::resinfo, none, "S"},          // RFC 9606 3
};

// Types below this go by an index: every type that parse() checks is among them.
constexpr std::size_t indexed_types = 66;
constexpr auto index = [] {
  std::array<std::uint8_t, indexed_types> rows{};  // 0: none; else row + 1
  for (std::size_t row = 0; row < std::size(formats); ++row) {
    auto type = static_cast<std::size_t>(formats[row].type);
    if (type < indexed_types) rows[type] = static_cast<std::uint8_t>(row + 1);
  }
  return rows;
}();

// Moves `at` behind one field that ends no later than `end`.
bool skip_field(Bytes message, char field, RdataNames names, std::size_t end, std::size_t& at) {
  if (field == 'n') {
    std::size_t length = 0;
    NameView plain_name;
    if (names != plain) return skip_name(message, at, at, length) && at <= end;
    if (!read_plain_name(message.subspan(at, end - at), plain_name)) return false;
    at += plain_name.length();
    return true;
  }
  std::size_t size = fixed_size(field);
  if (has_length_octet(field)) {
    if (at >= end) return false;
    size = message[at] + 1u;
  } else if (size == 0) {
    size = end - at;  // the rest
  }
  if (size > end - at) return false;
  at += size;
  return true;
}

}  // namespace

const RdataFormat* rdata_format(Type type) {
  auto number = static_cast<std::size_t>(type);
  if (number < indexed_types) return index[number] == 0 ? nullptr : &formats[index[number] - 1];
  auto row = std::find_if(std::begin(formats), std::end(formats), [&](const auto& each) { return each.type == type; });
  return row == std::end(formats) ? nullptr : row;
}

const RdataFormat* checked_format(Type type, Class klass) {
  if (static_cast<std::size_t>(type) >= indexed_types || klass == Class::any || klass == Class::none) return nullptr;
  const RdataFormat* format = rdata_format(type);
  if (format == nullptr || format->names != none) return format;
  bool is_address = (type == Type::a || type == Type::aaaa) && klass == Class::in;
  return is_address ? format : nullptr;
}

bool valid_rdata(Bytes message, const RecordView& record) {
  const RdataFormat* format = checked_format(record.type, record.klass);
  if (format == nullptr) return true;
  std::size_t at = record.rdata_offset;
  for (char field : format->fields) {
    if (!skip_field(message, field, format->names, record.end, at)) return false;
  }
  return at == record.end;
}

}  // namespace dragoman::dns
