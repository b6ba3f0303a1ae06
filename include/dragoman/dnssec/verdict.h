// What validation came to (RFC 4033 5, RFC 4035 4.3) and why. Pure; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "dragoman/dns/types.h"
#include "dragoman/telemetry/metric.h"

namespace dragoman::dnssec {

enum class Security : std::uint8_t {
  secure,         // a chain of signatures leads from a trust anchor to the data
  insecure,       // an unbroken chain leads to the proof that there is no more chain
  bogus,          // there should be a chain and it is broken
  indeterminate,  // no trust anchor says anything about it
};

// Why data are not secure; also a metric label. Each has an EDE code (RFC 8914).
enum class Reason : std::uint8_t {
  none,
  // Insecure
  no_ds,                  // an authentic denial of a DS record at a delegation (RFC 4035 5.2)
  opt_out,                // the delegation, or the name, may lie in an opt-out span (RFC 5155 6)
  unsupported_algorithm,  // of every DS record: RFC 4035 5.2
  unsupported_digest,
  nsec3_iterations,       // more than Limits::nsec3_iterations (RFC 9276 3.2)
  negative_trust_anchor,  // RFC 7646
  // Bogus
  signature_missing,
  signature_wrong,  // it does not verify, or claims what it may not (RFC 4035 5.3.1)
  signature_expired,
  signature_not_yet_valid,
  signature_never_valid,  // it expires before it begins
  key_missing,            // no DNSKEY record matches the DS records, or the one a signature names (RFC 4035 5.2)
  key_not_of_zone,        // that key has no Zone Key flag (RFC 4034 2.1.1)
  denial_missing,         // no NSEC or NSEC3 record proves it
  wildcard_unproven,      // that nothing closer than the wildcard exists (RFC 4035 5.3.4)
  nsec3_refused,          // more iterations than Limits::nsec3_refused_iterations
  too_much_work,          // a limit was reached: Budget::exceeded()
  chain_unreachable,      // no upstream gives the DS or DNSKEY records
};
constexpr std::size_t reason_count = static_cast<std::size_t>(Reason::chain_unreachable) + 1;

struct Verdict {
  Security security = Security::indeterminate;
  Reason reason = Reason::none;
  friend bool operator==(const Verdict&, const Verdict&) = default;
};

inline constexpr Verdict secure{Security::secure, Reason::none};
// The verdict that a reason means; Reason::none means secure.
Verdict verdict_of(Reason reason);
// RFC 8914 4; nullopt when nothing needs to be said.
std::optional<dns::Ede> ede_of(Reason reason);
std::string_view to_text(Security security);
// For people: a clause without subject, "the signature has expired".
std::string_view explanation(Reason reason);

}  // namespace dragoman::dnssec

namespace dragoman::telemetry {
template <>
struct LabelValues<dnssec::Security> {
  static constexpr std::array<const char*, 4> values{"secure", "insecure", "bogus", "indeterminate"};
};
template <>
struct LabelValues<dnssec::Reason> {
  static constexpr std::array<const char*, dnssec::reason_count> values{"none",
                                                                        "no_ds",
                                                                        "opt_out",
                                                                        "unsupported_algorithm",
                                                                        "unsupported_digest",
                                                                        "nsec3_iterations",
                                                                        "negative_trust_anchor",
                                                                        "signature_missing",
                                                                        "signature_wrong",
                                                                        "signature_expired",
                                                                        "signature_not_yet_valid",
                                                                        "signature_never_valid",
                                                                        "key_missing",
                                                                        "key_not_of_zone",
                                                                        "denial_missing",
                                                                        "wildcard_unproven",
                                                                        "nsec3_refused",
                                                                        "too_much_work",
                                                                        "chain_unreachable"};
};
}  // namespace dragoman::telemetry
