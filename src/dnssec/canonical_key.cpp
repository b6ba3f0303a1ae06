// Labels in reverse.
#include "canonical_key.h"

#include "dragoman/base/letter_case.h"

namespace dragoman::dnssec {

CanonicalKey::CanonicalKey(dns::NameView name) {
  std::array<Bytes, dns::max_name_length / 2> labels;
  std::size_t count = 0;
  for (; !name.is_root(); name = name.parent()) labels[count++] = name.first_label();
  while (count > 0) {
    for (const std::uint8_t octet : labels[--count]) {
      if (octet <= 1) octets_[length_++] = 1;
      octets_[length_++] = static_cast<char>(octet <= 1 ? octet + 1 : to_lower(octet));
    }
    octets_[length_++] = 0;
  }
}

}  // namespace dragoman::dnssec
