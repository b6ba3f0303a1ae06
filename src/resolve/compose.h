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
  std::optional<dns::Ede> ede;         // why there is no better one; see explanation()
  std::optional<StaleReason> stale{};  // past its lifetime (RFC 8767), and why that is all there is
  bool is_cut = false;                 // NXDOMAIN that follows from another question's (RFC 8020)
  bool is_proven = false;              // a denial that follows from validated ones (RFC 8198)
  std::uint32_t left_s = 0;            // how long the cache may go on with it

  // What there is to tell clients beside it (RFC 8914). What validation or our own rules said of the answer goes first.
  std::optional<dns::Ede> explanation() const {
    if (answer.head.ede != dns::Ede::other) return answer.head.ede;
    if (!ede && answer.head.blocked) return dns::Ede::blocked;
    return ede;
  }
  // Whether the cache would say the same once more.
  bool lasts() const { return source == Source::cache && !stale; }
  CacheHit kind() const {
    if (is_failure) return CacheHit::failure;
    if (stale) return CacheHit::stale;
    if (is_cut) return CacheHit::nxdomain_cut;
    if (is_proven) return CacheHit::proven;
    const bool is_data = answer.head.answers > 0 && answer.head.rcode == dns::Rcode::noerror;
    return is_data ? CacheHit::positive : CacheHit::negative;
  }
};

// The answer as it is.
ReplyContent compose_plain(const Known& known, dns::MessageWriter& writer);
// The reply to a question that DNS64 does not look after: the answer as it is, but for what a DNS64 client's policy
// adds to SVCB and HTTPS records (addresses, RFC 9460 4.2.1) or takes out of them (IPv4 hints).
ReplyContent compose_other(const Inquiry& inquiry, const Settings& settings, const Known& known,
                           dns::MessageWriter& writer);

// What was found out about an AAAA question. `a` is looked at only when dns64::needs_a() says so of the verdict.
struct AaaaFindings {
  dns64::AaaaVerdict verdict{};
  Known aaaa, a;
};

// The reply to an AAAA question of a DNS64 client.
ReplyContent compose_aaaa(const Inquiry& inquiry, const Settings& settings, const AaaaFindings& findings,
                          dns::MessageWriter& writer);

// The reply to a PTR question under a prefix, made of the PTR answer for the in-addr.arpa name (RFC 6147 5.3.1).
ReplyContent compose_reverse(const Inquiry& inquiry, dns::NameView target, const Known& found,
                             dns::MessageWriter& writer);

}  // namespace dragoman::resolve
