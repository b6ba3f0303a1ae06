// What each reason means, to programs and to people.
#include "dragoman/dnssec/verdict.h"

#include <iterator>

namespace dragoman::dnssec {
namespace {

struct Row {
  Security security;
  std::optional<dns::Ede> ede;
  std::string_view explanation;
};

// In the order of Reason.
constexpr Row rows[] = {
    {Security::secure, {}, "every signature holds"},
    {Security::insecure, {}, "its zone is delegated without a DS record"},
    {Security::insecure, {}, "it may lie in an opt-out span of NSEC3"},
    {Security::insecure, dns::Ede::unsupported_dnskey_algorithm, "its zone is signed by unknown algorithms alone"},
    {Security::insecure, dns::Ede::unsupported_ds_digest, "its DS records have unknown digest types alone"},
    {Security::insecure, dns::Ede::unsupported_nsec3_iterations, "its NSEC3 records have too many iterations"},
    {Security::insecure, {}, "a negative trust anchor excepts it"},
    {Security::bogus, dns::Ede::rrsigs_missing, "signatures are missing"},
    {Security::bogus, dns::Ede::dnssec_bogus, "the signature is wrong"},
    {Security::bogus, dns::Ede::signature_expired, "the signature has expired"},
    {Security::bogus, dns::Ede::signature_not_yet_valid, "the signature is not valid yet"},
    {Security::bogus, dns::Ede::signature_expired_before_valid, "the signature ends before it begins"},
    {Security::bogus, dns::Ede::dnskey_missing, "no key matches"},
    {Security::bogus, dns::Ede::no_zone_key_bit_set, "the key is not a zone key"},
    {Security::bogus, dns::Ede::nsec_missing, "nothing proves that it does not exist"},
    {Security::bogus, dns::Ede::nsec_missing, "nothing proves that the wildcard applies"},
    {Security::bogus, dns::Ede::unsupported_nsec3_iterations, "its NSEC3 records have far too many iterations"},
    {Security::bogus, dns::Ede::dnssec_bogus, "checking it would be too much work"},
    {Security::bogus, dns::Ede::dnskey_missing, "the DS or DNSKEY records of its zone cannot be had"},
};
static_assert(std::size(rows) == reason_count);

const Row& row_of(Reason reason) { return rows[static_cast<std::size_t>(reason)]; }

}  // namespace

Verdict verdict_of(Reason reason) { return {row_of(reason).security, reason}; }
std::optional<dns::Ede> ede_of(Reason reason) { return row_of(reason).ede; }
std::string_view explanation(Reason reason) { return row_of(reason).explanation; }
std::string_view to_text(Security security) { return telemetry::label_text(security); }

}  // namespace dragoman::dnssec
