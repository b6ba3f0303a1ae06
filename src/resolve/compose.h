// From answers to a reply's records: an answer as it is, or an AAAA reply made of an AAAA and an A answer by the rules
// of RFC 6147 5.1. The same code serves a cache hit and the end of a lookup. Pure; worker thread.
#pragma once

#include <optional>

#include "dragoman/dns/answer.h"
#include "dragoman/dns64/synthesis.h"
#include "reply.h"

namespace dragoman::resolve {

// An answer and where it came from. A failure is SERVFAIL without records.
struct Known {
  dns::AnswerView answer;
  Source source = Source::cache;
  bool is_failure = false;
  std::optional<dns::Ede> ede;  // why it failed
  std::uint32_t left_s = 0;     // how long the cache may go on with it
};

// Whether this verdict on the AAAA answer makes the A answer necessary.
bool needs_a(dns64::AaaaVerdict verdict);

// The answer as it is.
ReplyContent compose_plain(const Known& known, dns::MessageWriter& writer);
// The same to a question that is not for AAAA: with addresses for DNS64 clients beside SVCB and HTTPS records.
ReplyContent compose_other(const Inquiry& inquiry, const dns64::Options& options, const Known& known,
                           dns::MessageWriter& writer);

// What was found out about an AAAA question. `a` is looked at only when needs_a(verdict).
struct AaaaFindings {
  dns64::AaaaVerdict verdict{};
  Known aaaa, a;
};

// The reply to an AAAA question of a DNS64 client.
ReplyContent compose_aaaa(const Inquiry& inquiry, const dns64::Options& options, const AaaaFindings& findings,
                          Metrics& metrics, dns::MessageWriter& writer);

}  // namespace dragoman::resolve
