// What the configuration says of the answer cache.
#pragma once

#include <cstddef>

#include "dragoman/base/time.h"

namespace dragoman::cache {

// Answers past their lifetime, for when no upstream answers (RFC 8767).
struct StaleOptions {
  bool enabled = false;
  seconds max_stale{86400};         // past its lifetime; RFC 8767 5 recommends one to three days
  seconds ttl{30};                  // of every record of such an answer (RFC 8767 4)
  milliseconds answer_after{1800};  // a client waits so long for a fresh answer first (RFC 8767 5)
  seconds retry_after{30};          // after an attempt that failed nobody waits and nothing is asked for so long
};

struct Options {
  std::size_t size = 512u << 20;  // bytes of entries; the index comes on top, about a tenth
  std::size_t packets = 4u << 20;  // bytes, for each worker: whole replies of this second; 0: none are kept
  seconds max_ttl{86400};
  seconds min_ttl{0};              // raises nothing below it by default
  seconds negative_max_ttl{3600};  // RFC 2308 5 recommends one to three hours
  seconds failure_ttl{5};          // RFC 9520 3.2: at least 1 s, at most 5 min
  seconds failure_max_ttl{300};    // what it grows to, doubling with every failure in a row
  StaleOptions serve_stale = {};
  bool prefetch = true;      // ask again for popular names in the last tenth of their lifetime
  bool nxdomain_cut = true;  // below a name that does not exist nothing does (RFC 8020)
};

}  // namespace dragoman::cache
