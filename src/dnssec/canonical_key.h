// Names as octets that compare like names in canonical order (RFC 4034 6.1), for ordered containers. Pure; any thread.
#pragma once

#include <array>
#include <string_view>

#include "dragoman/dns/name.h"

namespace dragoman::dnssec {

// The labels from the last to the first in small letters, each closed by a 0. Octets 0 and 1 are written as 1 1 and
// 1 2, so that the end of a label comes before all that a label may have.
class CanonicalKey {
 public:
  explicit CanonicalKey(dns::NameView name);
  std::string_view octets() const { return {octets_.data(), length_}; }

 private:
  std::array<char, 2 * dns::max_name_length> octets_;
  std::size_t length_ = 0;
};

}  // namespace dragoman::dnssec
