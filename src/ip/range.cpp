// See range.h.
#include "dragoman/ip/range.h"

#include <bit>

#include "dragoman/base/bytes.h"

namespace dragoman::ip {

std::string range_to_text(const Ipv4Octets& first, const Ipv4Octets& last) {
  const std::string text = Address(first).to_text();
  if (first == last) return text;
  const std::uint32_t low = load_u32(first.data()), others = low ^ load_u32(last.data());
  const bool is_prefix = std::has_single_bit(std::uint64_t{others} + 1) && (low & others) == 0;
  if (!is_prefix) return text + "-" + Address(last).to_text();
  return text + "/" + std::to_string(std::countl_zero(others));
}

}  // namespace dragoman::ip
