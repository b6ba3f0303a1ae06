// Questions about single records and addresses that several steps of RFC 6147 ask. Pure; any thread.
#pragma once

#include <algorithm>
#include <vector>

#include "dragoman/dns/answer.h"
#include "dragoman/dns/rdata.h"
#include "dragoman/dns64/policy.h"
#include "dragoman/dns64/synthesis.h"
#include "dragoman/ip/address.h"

namespace dragoman::dns64 {

inline bool is_in(const std::vector<ip::Prefix>& prefixes, const ip::Address& address) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](const ip::Prefix& prefix) { return prefix.contains(address); });
}

// Goes through the prefixes that reverse names are answered for, until `wanted` is content with one: those of the
// mappings, those of the site, and the Well-Known Prefix, which is nobody's in the public tree, used here or not.
template <class Wanted>
bool any_reverse_prefix(const Policy& policy, const Wanted& wanted) {
  for (const Mapping& mapping : policy.mappings) {
    if (std::any_of(mapping.prefixes.begin(), mapping.prefixes.end(), wanted)) return true;
  }
  return std::any_of(policy.reverse_prefixes.begin(), policy.reverse_prefixes.end(), wanted) || wanted(ip::Pref64());
}

// Every query of every client passes by here: most leave by this comparison of four octets.
inline bool ends_in_arpa(dns::NameView name) {
  const Bytes wire = name.wire();
  return wire.size() > 6 && (load_u32(&wire[wire.size() - 5]) | 0x20202020) == 0x61727061;
}

inline bool is_answer(const dns::AnswerRecord& record, dns::Type type) {
  return record.section == dns::Section::answer && record.type == type;
}

inline bool is_signature_over(const dns::AnswerRecord& record, dns::Type type) {
  return dns::type_covered(record.type, record.rdata) == type;
}

inline bool is_of_or_over(const dns::AnswerRecord& record, dns::Type type) {
  return record.type == type || is_signature_over(record, type);
}

// Whether any prefix takes an address (5.1.7); mapping.cpp.
bool is_mappable(const Policy& policy, const ip::Ipv4Octets& address);

// Hands over what the address becomes under each prefix that takes it (5.1.7).
template <class Take>
void each_mapped(const Policy& policy, const ip::Ipv4Octets& address, const Take& take) {
  const Mapping* mapping = mapping_for(policy, address);
  if (mapping == nullptr) return;
  for (const ip::Pref64& prefix : mapping->prefixes) {
    if (may_embed(policy, prefix, address)) take(prefix.embed(address));
  }
}

// The chain from a question to its data, with its signatures (RFC 6147 5.1.5).
inline bool is_chain(const dns::AnswerRecord& record) {
  return record.section == dns::Section::answer &&
         (is_of_or_over(record, dns::Type::cname) || is_of_or_over(record, dns::Type::dname));
}

}  // namespace dragoman::dns64
