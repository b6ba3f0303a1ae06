// Windows of 256 types, each with its number, its length and its bits.
#include "type_bitmap.h"

#include <algorithm>

#include "dragoman/dns/rdata.h"

namespace dragoman::dnssec {
namespace {

constexpr std::size_t max_window_length = 32;

// Calls on_type for each type, in ascending order, while it returns true.
template <class OnType>
bool all_types(Bytes octets, OnType on_type) {
  for (; !octets.empty(); octets = octets.subspan(2u + octets[1])) {
    for (unsigned bit = 0; bit < octets[1] * 8u; ++bit) {
      const bool is_set = (octets[2 + bit / 8] & 0x80u >> bit % 8) != 0;
      if (is_set && !on_type(static_cast<dns::Type>(octets[0] << 8 | bit))) return false;
    }
  }
  return true;
}

}  // namespace

std::optional<TypeBitmap> TypeBitmap::read(Bytes octets) {
  int window = -1;
  for (Bytes rest = octets; !rest.empty(); rest = rest.subspan(2u + rest[1])) {
    if (rest.size() < 2 || rest[0] <= window || rest[1] == 0 || rest[1] > max_window_length) return {};
    if (rest.size() < 2u + rest[1]) return {};
    window = rest[0];
  }
  return TypeBitmap(octets);
}

bool TypeBitmap::has(dns::Type type) const { return dns::bitmap_has(octets_, type); }

bool TypeBitmap::has_none_but(std::initializer_list<dns::Type> types) const {
  return all_types(octets_, [&](dns::Type type) { return std::ranges::find(types, type) != types.end(); });
}

}  // namespace dragoman::dnssec
