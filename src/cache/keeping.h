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

Keeping keeping_of(dns::Type question, const dns::AnswerView& answer, const Options& options);

// Brings the TTLs of `records`, a copy of the answer's, within the bounds.
void bound_ttls(const dns::AnswerView& answer, const Keeping& keeping, MutableBytes records);

}  // namespace dragoman::cache
