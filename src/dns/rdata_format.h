// How the RDATA of each known type is made up: the one table that validation, decompression and both directions of the
// presentation form work from. "To add a type": one row in rdata_format.cpp. Pure; any thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "dragoman/base/bytes.h"
#include "dragoman/dns/message_view.h"
#include "dragoman/dns/name.h"
#include "dragoman/dns/types.h"

namespace dragoman::dns {

// What compression is allowed to names in RDATA (RFC 3597 4).
enum class RdataNames : std::uint8_t {
  none,
  compressed,  // types of RFC 1035: arrives and leaves compressed
  expanded,    // older types: may arrive compressed, leaves plain
  plain,       // all later types
};

// One letter per field, in wire order:
//   a IPv4 address   6 IPv6 address   1 2 4 number of so many octets   t type   T time
//   n name   s character-string   g bare, not empty   h hexadecimal, H base32hex, with a length octet before it
// and up to the end of the RDATA:
//   S character-strings   x hexadecimal   b base64   m type bitmap   p SvcParams   v octets as one quoted string
struct RdataFormat {
  Type type{};
  RdataNames names = RdataNames::none;
  std::string_view fields;
};

// Nullptr for types whose RDATA is opaque.
const RdataFormat* rdata_format(Type type);
// The format that a record's RDATA was checked for; nullptr for opaque RDATA. Addresses are those of class IN, and
// classes ANY and NONE do not promise any shape (RFC 2136 2.4, 2.5).
const RdataFormat* checked_format(Type type, Class klass);

// Octets of a field of fixed size; 0 for the others.
constexpr std::size_t fixed_size(char field) {
  switch (field) {
    case '1':
      return 1;
    case '2':
    case 't':
      return 2;
    case '4':
    case 'T':
    case 'a':
      return 4;
    case '6':
      return 16;
    default:
      return 0;
  }
}
constexpr bool has_length_octet(char field) { return field == 's' || field == 'g' || field == 'h' || field == 'H'; }

// Whether the RDATA of `record`, somewhere in `message`, has the shape that its type demands.
bool valid_rdata(Bytes message, const RecordView& record);

// Takes the RDATA of a checked record apart: `on_octets(Bytes)` and `on_name(offset)`, in order. Offsets of names count
// from the RDATA's start; on_name returns the offset behind the name.
template <class OnOctets, class OnName>
void walk_rdata(const RdataFormat* format, Bytes rdata, OnOctets on_octets, OnName on_name) {
  if (format == nullptr || format->names == RdataNames::none) return on_octets(rdata);
  std::size_t at = 0;
  for (char field : format->fields) {
    if (field == 'n') {
      at = on_name(at);
      continue;
    }
    std::size_t size = has_length_octet(field) ? rdata[at] + 1u : fixed_size(field);
    if (size == 0) size = rdata.size() - at;
    on_octets(rdata.subspan(at, size));
    at += size;
  }
}

}  // namespace dragoman::dns
