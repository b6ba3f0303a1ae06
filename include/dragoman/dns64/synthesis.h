// DNS64's decisions and its records (RFC 6147 5): whether an AAAA answer calls for synthesis, the synthetic answer made
// from an A answer, and the names that a DNS64 answers by itself (RFC 8880). Reverse names are in reverse.h.
// Pure: answers in, records out; never a lookup. The resolver does the asking.
#pragma once

#include <cstdint>
#include <optional>

#include "dragoman/dns/answer.h"
#include "dragoman/dns/message_writer.h"
#include "dragoman/dns/name.h"
#include "dragoman/dns64/policy.h"

namespace dragoman::dns64 {

// Whether DNS64 looks after a question; if not, why.
enum class Eligibility : std::uint8_t {
  eligible,
  other_question,     // not class IN and type AAAA (5.1)
  no_prefix,          // no policy, or one that synthesizes nothing
  excluded_name,      // the policy leaves this name alone
  checking_disabled,  // DO with CD is a client that validates by itself (5.5); CD alone as the policy says
};
Eligibility eligibility(const Policy* policy, const dns::Question& question, bool dnssec_ok, bool checking_disabled);

// What an AAAA answer means for synthesis.
enum class AaaaVerdict : std::uint8_t {
  native,      // usable AAAA records: they are the answer (5.1.1)
  filtered,    // usable ones beside what may not stay: excluded ones (5.1.4), an A record (5.1.6)
  nxdomain,    // the name does not exist: returned as it is (5.1.2)
  empty,       // NODATA: look at A (5.1.6)
  excluded,    // every AAAA is excluded: as empty (5.1.4)
  error,       // another RCODE: as empty (5.1.2)
  unanswered,  // no answer in time: as an error (5.1.3)
  bogus,       // it did not validate: that is the answer, for who forged it may have hidden AAAA records (5.5)
};
AaaaVerdict judge_aaaa(const Policy& policy, dns::NameView name, const dns::AnswerView& aaaa);

// Whether the policy wants nothing of an AAAA record (5.1.4).
bool is_excluded(const Policy& policy, const dns::AnswerRecord& aaaa);

// Whether the A answer is needed for a reply: always where AAAA gave nothing, unless the policy sets narrower bounds.
bool needs_a(const Policy& policy, AaaaVerdict verdict);

// The mapping that an IPv4 address falls under; null when none holds it or exclude_a does.
const Mapping* mapping_for(const Policy& policy, const ip::Ipv4Octets& address);
// Whether an address may be embedded in a prefix of its mapping: the Well-Known Prefix has a rule (RFC 6052 3.1).
bool may_embed(const Policy& policy, const ip::Pref64& prefix, const ip::Ipv4Octets& address);

// 5.1.7: what bounds the TTL of synthetic records beside that of the A record: the SOA of the negative AAAA answer
// (capped by its MINIMUM, RFC 2308 5), 600 s or the option's value without one, and the policy's cap.
std::uint32_t synthesis_ttl_limit(const Policy& policy, const dns::AnswerView& aaaa, AaaaVerdict verdict,
                                  seconds without_soa);

// -- Writing. Everything goes behind the question that the writer has; the caller looks at writer.ok() --

// The records of `aaaa` without excluded AAAA records and without A records in its answer section. Where an AAAA record
// goes, so do the RRSIGs over AAAA, which no longer match.
void write_filtered(const Policy& policy, const dns::AnswerView& aaaa, const dns::Question& question,
                    dns::MessageWriter& writer);

// The records of an answer that has no address to offer, without any that it has all the same: its chain, its denial.
void write_without_addresses(const dns::AnswerView& answer, const dns::Question& question, dns::MessageWriter& writer);

// What came of writing a synthetic answer.
enum class Synthesis : std::uint8_t {
  synthesized,
  no_a,          // the A answer has no address: it is the basis (5.1.6)
  not_mappable,  // it has addresses, but none that may be embedded (5.1.7): NODATA
};
// Writes the answer section for an AAAA question from an A answer: its CNAME and DNAME chain as it is, then one AAAA
// per A and prefix (5.1.7), TTL = min(TTL of the A, `ttl_limit_s`). Signatures over A are left out. Authority and
// additional records of the A answer follow (5.3.2, 5.4), but for denials that only the A records needed. Writes
// nothing unless the result is `synthesized`.
Synthesis write_synthetic(const Policy& policy, const dns::AnswerView& a, const dns::Question& question,
                          std::uint32_t ttl_limit_s, dns::MessageWriter& writer);

// Both answers to what a name's addresses are.
struct Addresses {
  const dns::AnswerView& aaaa;
  const dns::AnswerView& a;
};
// Policy::always: the AAAA answer as write_filtered() gives it, with synthetic records behind its own when both chains
// end at one name (never a mix of two chains, 5.1.5). All AAAA then have one TTL, the smallest. False when nothing
// synthetic is among it.
bool write_beside_native(const Policy& policy, const Addresses& addresses, const dns::Question& question,
                         std::uint32_t ttl_limit_s, dns::MessageWriter& writer);

// NODATA where an answer has addresses of this type and none may be used: its chain, and an SOA made up at the end of
// it, since NODATA without one may not be kept (RFC 2308 5).
void write_nodata(const dns::AnswerView& answer, dns::Type type, const dns::Question& question, seconds ttl,
                  dns::MessageWriter& writer);

// -- Names that a DNS64 answers by itself, whatever its upstreams say (RFC 8880 7.1, 7.2; RFC 7050) --

// ipv4only.arpa with everything below it, and the reverse names of 192.0.0.170 and .171; with a policy, also their
// reverse names under its prefixes and the Well-Known Prefix. A DS question is the one exception.
bool is_local_name(dns::NameView name, dns::Type type, const Policy* policy = nullptr);
struct LocalAnswer {
  dns::Rcode rcode = dns::Rcode::noerror;
};
// Writes the answer; AAAA under every prefix of the policy (none without policy: NODATA). Only for names that
// is_local_name() takes, with the same policy.
LocalAnswer write_local(const Policy* policy, const dns::Question& question, seconds ttl, dns::MessageWriter& writer);

}  // namespace dragoman::dns64
