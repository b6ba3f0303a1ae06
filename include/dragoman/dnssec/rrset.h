// RRsets of a message in canonical form, with the signatures that cover them: what is hashed, signed and compared
// (RFC 4034 6, RFC 6840 5.1). Pure; any thread. An Rrset owns its octets, but for the signatures, which borrow from the
// message.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "dragoman/base/bytes.h"
#include "dragoman/dns/message_view.h"
#include "dragoman/dns/name.h"
#include "dragoman/dns/rdata.h"
#include "dragoman/dns/types.h"

namespace dragoman::dnssec {

class Rrset {
 public:
  dns::Section section{};
  dns::Name owner;  // as it came
  dns::Type type{};
  std::uint32_t ttl = 0;               // the smallest of its records
  std::vector<dns::Rrsig> signatures;  // RRSIG records of the same section, owner and covered type

  std::size_t size() const { return records_.size(); }
  // RDATA in canonical form, names expanded; records in canonical order without doubles (RFC 4034 6.2, 6.3).
  Bytes rdata(std::size_t index) const {
    return Bytes(octets_).subspan(records_[index].offset, records_[index].length);
  }

  void add(Bytes canonical_rdata);
  void sort();

 private:
  struct Place {
    std::uint32_t offset = 0, length = 0;
  };
  std::vector<std::uint8_t> octets_;
  std::vector<Place> records_;
};

// The RRsets of class IN of the answer and authority sections, in the order of their first records; nullopt when there
// are more than `most`, since grouping takes quadratic time. RRSIG records are no RRsets of their own (RFC 4035 2.2),
// but when their type was asked for.
std::optional<std::vector<Rrset>> rrsets_of(const dns::MessageView& message, std::size_t most);

// Null when there is none.
const Rrset* find_rrset(std::span<const Rrset> rrsets, dns::Section section, dns::NameView owner, dns::Type type);

// NSEC and NSEC3: records that say what does not exist.
constexpr bool is_denial(dns::Type type) { return type == dns::Type::nsec || type == dns::Type::nsec3; }

}  // namespace dragoman::dnssec
