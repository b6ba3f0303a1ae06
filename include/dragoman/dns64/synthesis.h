// DNS64's decisions and its records (RFC 6147 5): whether an AAAA answer calls for synthesis, the synthetic answer made
// from an A answer, reverse names under a prefix, and the names that a DNS64 answers by itself (RFC 8880).
// Pure: answers in, records out; never a lookup. The resolver does the asking.
#pragma once

#include <cstdint>
#include <optional>

#include "dragoman/dns/answer.h"
#include "dragoman/dns/message_writer.h"
#include "dragoman/dns/name.h"
#include "dragoman/dns64/policy.h"

namespace dragoman::dns64 {

// RFC 6147 5.5: a client that sets both DO and CD validates by itself and gets no synthesis. CD alone is a client that
// wants data unchecked, perhaps to validate: none either. Only class IN and type AAAA (5.1.1).
bool wants_synthesis(const Policy* policy, const dns::Question& question, bool dnssec_ok, bool checking_disabled);

// What an AAAA answer means for synthesis; also a metric label.
enum class AaaaVerdict : std::uint8_t {
  native,    // a usable AAAA is there: it is the answer (5.1.1)
  filtered,  // usable ones beside excluded ones: the answer without the excluded (5.1.4)
  nxdomain,  // the name does not exist: returned as it is (5.1.2)
  empty,     // NODATA: look at A (5.1.6)
  excluded,  // every AAAA is excluded: as empty (5.1.4)
  error,     // another RCODE, or no answer in time: as empty (5.1.2, 5.1.3)
};
AaaaVerdict judge_aaaa(const Policy& policy, const dns::AnswerView& aaaa);

// Writes the records of `aaaa` without its excluded AAAA records (and without RRSIGs over AAAA, which no longer match).
void write_filtered(const Policy& policy, const dns::AnswerView& aaaa, const dns::Question& question,
                    dns::MessageWriter& writer);

// Whether an AAAA record of an answer counts as absent (5.1.4).
bool is_excluded(const Policy& policy, const dns::AnswerRecord& aaaa);

// What becomes of one address under one of the policy's prefixes (5.1.7).
enum class AVerdict : std::uint8_t {
  mapped,
  excluded,    // by the policy's exclude_a
  not_global,  // and so kept out of the Well-Known Prefix (RFC 6052 3.1)
};
AVerdict judge_a(const Policy& policy, const ip::Pref64& prefix, const ip::Ipv4Octets& address);

// What came of writing a synthetic answer; also a metric label.
enum class Synthesis : std::uint8_t {
  synthesized,
  no_a,          // the A answer has no address: it is the basis (5.1.6)
  not_mappable,  // it has addresses, but none that may be embedded (5.1.7): NODATA
};
// Writes the answer section for an AAAA question from an A answer: its CNAME and DNAME chain as it is, then one AAAA
// per A and prefix (5.1.7), TTL = min(TTL of the A, `ttl_limit_s`). Signatures over A are left out. Authority and
// additional records of the A answer follow, A records that were used excepted (5.3.2, 5.4). Writes nothing unless the
// result is `synthesized`. The caller looks at writer.ok().
Synthesis write_synthetic(const Policy& policy, const dns::AnswerView& a, const dns::Question& question,
                          std::uint32_t ttl_limit_s, dns::MessageWriter& writer);

// 5.1.7: TTL of the SOA in the negative AAAA answer (capped by its MINIMUM), 600 s or the option's value without one.
std::uint32_t synthesis_ttl_limit(const dns::AnswerView& aaaa, AaaaVerdict verdict, seconds without_soa);

// PTR questions (5.3.1): the IPv4 address in an ip6.arpa name under one of the policy's prefixes or the Well-Known
// Prefix, as the in-addr.arpa name to look up. Nullopt: as any other question.
std::optional<dns::Name> reverse_target(const Policy& policy, dns::NameView name);

// Names that a DNS64 answers by itself, whatever its upstreams say (RFC 8880 7.1, 7.2; RFC 7050): ipv4only.arpa with
// everything below it, and the reverse names of 192.0.0.170 and .171; with a policy, also their reverse names under its
// prefixes and the Well-Known Prefix. A DS question is the one exception.
bool is_local_name(dns::NameView name, dns::Type type, const Policy* policy = nullptr);
struct LocalAnswer {
  dns::Rcode rcode = dns::Rcode::noerror;
};
// Writes the answer; AAAA under every prefix of the policy (none without policy: NODATA). Only for names that
// is_local_name() takes, with the same policy.
LocalAnswer write_local(const Policy* policy, const dns::Question& question, seconds ttl, dns::MessageWriter& writer);

}  // namespace dragoman::dns64
