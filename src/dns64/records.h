// Questions about single records and addresses that several steps of RFC 6147 ask. Pure; any thread.
#pragma once

#include <algorithm>
#include <vector>

#include "dragoman/dns/answer.h"
#include "dragoman/ip/address.h"

namespace dragoman::dns64 {

inline bool is_in(const std::vector<ip::Prefix>& prefixes, const ip::Address& address) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](const ip::Prefix& prefix) { return prefix.contains(address); });
}

// An RRSIG's first field is the type it covers (RFC 4034 3.1).
inline bool is_signature_over(const dns::AnswerRecord& record, dns::Type type) {
  return record.type == dns::Type::rrsig && record.rdata.size() >= 2 &&
         load_u16(record.rdata.data()) == static_cast<std::uint16_t>(type);
}

}  // namespace dragoman::dns64
