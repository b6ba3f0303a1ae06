// How long an answer may be kept (RFC 1035 7.4, RFC 2181 8, RFC 2308 5, RFC 9520 3.2), and with which TTLs.
// Pure; any thread.
#pragma once

#include <cstdint>

#include "dragoman/base/bytes.h"
#include "dragoman/cache/answer_cache.h"
#include "dragoman/dns/answer.h"

namespace dragoman::cache {

struct Keeping {
  std::uint32_t lifetime = 0;  // seconds; 0: not kept
  bool is_failure = false;
  // The TTLs of the kept records lie between these, so that they reach zero when the entry ends and not before.
  std::uint32_t lowest_ttl = 0, highest_ttl = 0;
  bool changes_ttls = false;  // some TTL lies outside
};

std::uint32_t whole_seconds(seconds value);  // not below zero

Keeping keeping_of(dns::Type question, const dns::AnswerView& answer, const Options& options);

// RFC 9520 3.2: how long a failure is remembered that is the first, and one that follows another of this lifetime,
// which was remembered `age` seconds ago. Failures between which much time went by do not add up.
std::uint32_t failure_ttl(const Options& options);
std::uint32_t next_failure_ttl(std::uint32_t former, std::uint32_t age, const Options& options);
Keeping keeping_of_failure(std::uint32_t lifetime);

// Brings the TTLs of `records`, a copy of the answer's, within the bounds.
void bound_ttls(const dns::AnswerView& answer, const Keeping& keeping, MutableBytes records);

}  // namespace dragoman::cache
