// What the resolver counts. To add one: a field here and a row in describe(); then add() where it happens.
#pragma once

#include <array>
#include <cstdint>

#include "dragoman/dns/types.h"
#include "dragoman/dnssec/limits.h"
#include "dragoman/dnssec/verdict.h"
#include "dragoman/resolve/cookies.h"
#include "dragoman/resolve/query.h"
#include "dragoman/telemetry/metric.h"

namespace dragoman::resolve {

enum class Family : std::uint8_t { v4, v6 };

// Question types that are counted by name; every other is `other`.
enum class QueryType : std::uint8_t {
  a,
  aaaa,
  any,
  caa,
  cname,
  dnskey,
  ds,
  https,
  mx,
  naptr,
  ns,
  ptr,
  soa,
  srv,
  svcb,
  tlsa,
  txt,
  other
};
QueryType query_type(dns::Type type);

// RCODEs that a reply can have; the rest are `other`.
enum class ReplyCode : std::uint8_t {
  noerror,
  formerr,
  servfail,
  nxdomain,
  notimp,
  refused,
  badvers,
  badcookie,
  other
};
ReplyCode reply_code(dns::Rcode rcode);

// Where an answer came from.
enum class Source : std::uint8_t { cache, upstream, local };

// Why a query got no reply at all.
enum class DropReason : std::uint8_t { short_header, response, rate_limit };

// Why a query was refused without being looked at further.
enum class RefusalReason : std::uint8_t {
  malformed,
  opcode,
  edns_version,
  question_type,
  question_class,
  acl,
  overload,
  rate_limit,
  bad_cookie
};

// Which of the rate limits was exceeded, and what came of it.
enum class RateRule : std::uint8_t { client, response };
enum class RateAction : std::uint8_t {
  drop,
  slip,       // TC over UDP: come over TCP
  badcookie,  // the same for those who can show a cookie instead
  refuse
};

enum class CacheHit : std::uint8_t { positive, negative, failure, dns64, stale, nxdomain_cut, proven };

// Why a reply was made of an answer past its lifetime (RFC 8767).
enum class StaleReason : std::uint8_t {
  failure,  // nobody could answer
  slow,     // nobody had answered within serve_stale.answer_after
  retry,    // less than serve_stale.retry_after ago it was one of the two
};

// What became of asking again for an answer that is about to expire.
enum class Prefetch : std::uint8_t { refreshed, failed, shed };

enum class Dns64Result : std::uint8_t {
  synthesized,
  native,
  filtered,
  nxdomain,
  no_a,
  not_mappable,
  dnssec_bypass,
  error,
  beside_native,  // synthetic records among native ones
  excluded_name,
  no_prefix,  // the client's policy synthesizes nothing
  unproven,   // a signed zone's AAAA could not be had, so nothing proves that it is not there
  bogus       // one of both answers did not validate
};

}  // namespace dragoman::resolve

namespace dragoman::telemetry {
template <>
struct LabelValues<resolve::Family> {
  static constexpr std::array<const char*, 2> values{"4", "6"};
};
template <>
struct LabelValues<resolve::QueryType> {
  static constexpr std::array<const char*, 18> values{"A",   "AAAA",  "ANY",  "CAA",   "CNAME", "DNSKEY",
                                                      "DS",  "HTTPS", "MX",   "NAPTR", "NS",    "PTR",
                                                      "SOA", "SRV",   "SVCB", "TLSA",  "TXT",   "other"};
};
template <>
struct LabelValues<resolve::ReplyCode> {
  static constexpr std::array<const char*, 9> values{"NOERROR", "FORMERR", "SERVFAIL",  "NXDOMAIN", "NOTIMP",
                                                     "REFUSED", "BADVERS", "BADCOOKIE", "other"};
};
template <>
struct LabelValues<resolve::Source> {
  static constexpr std::array<const char*, 3> values{"cache", "upstream", "local"};
};
template <>
struct LabelValues<resolve::DropReason> {
  static constexpr std::array<const char*, 3> values{"short_header", "response", "rate_limit"};
};
template <>
struct LabelValues<resolve::RateRule> {
  static constexpr std::array<const char*, 2> values{"client", "response"};
};
template <>
struct LabelValues<resolve::RateAction> {
  static constexpr std::array<const char*, 4> values{"drop", "slip", "badcookie", "refuse"};
};
template <>
struct LabelValues<resolve::CookieState> {
  static constexpr std::array<const char*, 3> values{"client", "invalid", "valid"};
};
template <>
struct LabelValues<resolve::RefusalReason> {
  static constexpr std::array<const char*, 9> values{"malformed",     "opcode",         "edns_version",
                                                     "question_type", "question_class", "acl",
                                                     "overload",      "rate_limit",     "bad_cookie"};
};
template <>
struct LabelValues<resolve::CacheHit> {
  static constexpr std::array<const char*, 7> values{"positive", "negative",     "failure", "dns64",
                                                     "stale",    "nxdomain_cut", "proven"};
};
template <>
struct LabelValues<resolve::StaleReason> {
  static constexpr std::array<const char*, 3> values{"failure", "slow", "retry"};
};
template <>
struct LabelValues<resolve::Prefetch> {
  static constexpr std::array<const char*, 3> values{"refreshed", "failed", "shed"};
};
template <>
struct LabelValues<resolve::Dns64Result> {
  static constexpr std::array<const char*, 13> values{
      "synthesized", "native",        "filtered",      "nxdomain",  "no_a",     "not_mappable", "dnssec_bypass",
      "error",       "beside_native", "excluded_name", "no_prefix", "unproven", "bogus"};
};
}  // namespace dragoman::telemetry

namespace dragoman::resolve {

struct Metrics {
  telemetry::Counters<Protocol, Family, QueryType> requests;
  telemetry::Counters<Protocol, ReplyCode> responses;
  telemetry::Histograms<Protocol, Source> duration;
  telemetry::Counters<DropReason> dropped;
  telemetry::Counters<RefusalReason> refused;
  telemetry::Counters<RateRule, RateAction> rate_limited;
  telemetry::Counters<CookieState> cookies;
  telemetry::Counter truncated;
  telemetry::Counter dnssec_ok;
  telemetry::Counters<CacheHit> cache_hits;
  telemetry::Counter packets_repeated;
  telemetry::Counter cache_misses;
  telemetry::Counters<StaleReason> stale_answers;
  telemetry::Counters<Prefetch> prefetches;
  telemetry::Counters<Dns64Result> dns64;
  telemetry::Counter dns64_ptr;
  telemetry::Gauge lookups_in_flight;
  telemetry::Counter lookups_joined;
  telemetry::Counter chains_followed;
  telemetry::Counter special_names;
  telemetry::Counter rebinding_blocked;
  telemetry::Counter resolved_replaced;
  telemetry::Counters<dnssec::Security> validations;
  telemetry::Counter validations_mended;
  telemetry::Counters<dnssec::Reason> validation_reasons;
  telemetry::Counters<dnssec::Limit> validation_limits;
  telemetry::Counter signatures_verified;
  telemetry::Counter nsec3_hashes;
  telemetry::Gauge denials;
  telemetry::Gauge denial_bytes;

  template <class Visitor>
  void describe(Visitor& visit) const {
    visit(requests, "dragoman_dns_requests_total", "Queries from clients.", "proto", "family", "type");
    visit(responses, "dragoman_dns_responses_total", "Replies to clients, by RCODE.", "proto", "rcode");
    visit(duration, "dragoman_dns_request_duration_seconds",
          "Time from a query's arrival to its reply, by where the answer came from.", "proto", "source");
    visit(dropped, "dragoman_dns_dropped_total", "Messages that got no reply: not queries, or too many.", "reason");
    visit(refused, "dragoman_dns_refused_total", "Queries answered with an error before any lookup.", "reason");
    visit(rate_limited, "dragoman_rate_limited_total",
          "Queries beyond rate_limit: of one client, or for the same response again.", "rule", "action");
    visit(cookies, "dragoman_dns_cookies_total",
          "Queries with a cookie: of a client that has none of ours yet, with one that is not good, with a good one.",
          "state");
    visit(truncated, "dragoman_dns_truncated_total", "Replies over UDP that did not fit and went out with TC.");
    visit(dnssec_ok, "dragoman_dns_do_requests_total", "Queries with the DO bit.");
    visit(cache_hits, "dragoman_cache_hits_total", "Queries answered from the cache.", "kind");
    visit(packets_repeated, "dragoman_cache_packets_repeated_total",
          "Of the cache's hits: replies sent whole because the same octets were asked within this second.");
    visit(cache_misses, "dragoman_cache_misses_total", "Queries that needed an upstream.");
    visit(stale_answers, "dragoman_cache_stale_answers_total",
          "Replies made of answers past their lifetime (RFC 8767), by why there was no fresh one.", "reason");
    visit(prefetches, "dragoman_cache_prefetches_total",
          "Popular answers asked for again before they expire, by what came of it.", "result");
    visit(dns64, "dragoman_dns64_responses_total",
          "AAAA queries of clients that a policy is for, by what became of them.", "result");
    visit(dns64_ptr, "dragoman_dns64_ptr_total", "PTR queries under a DNS64 prefix that were mapped to in-addr.arpa.");
    visit(lookups_in_flight, "dragoman_lookups_in_flight", "Questions waiting for an upstream.");
    visit(lookups_joined, "dragoman_lookups_joined_total", "Questions that joined an identical one in flight.");
    visit(chains_followed, "dragoman_lookups_chained_total",
          "Further questions for CNAME targets that an upstream left out.");
    visit(special_names, "dragoman_dns_special_names_total",
          "Questions for special-use names and private reverse zones, answered without an upstream.");
    visit(rebinding_blocked, "dragoman_rebinding_blocked_total",
          "Answers of upstreams that lost private addresses to the protection against rebinding.");
    visit(resolved_replaced, "dragoman_nat64_resolved_replaced_total",
          "Addresses of answers that the NAT64 had to forget before their time (nat64.resolved_memory).");
    visit(validations, "dragoman_dnssec_validations_total",
          "Answers of upstreams that were validated, by what came of it.", "result");
    visit(validations_mended, "dragoman_dnssec_mended_total",
          "Answers that were bogus, and were not when they were asked for again.");
    visit(validation_reasons, "dragoman_dnssec_reasons_total", "Why answers were not secure.", "reason");
    visit(validation_limits, "dragoman_dnssec_limits_total",
          "Validations that reached a limit of the work they may cause (dnssec.limits).", "limit");
    visit(signatures_verified, "dragoman_dnssec_signatures_total",
          "Signatures that were verified with a public key, as many as they cost beside P-256.");
    visit(denials, "dragoman_dnssec_denials", "NSEC and NSEC3 records that answer further questions (RFC 8198).");
    visit(denial_bytes, "dragoman_dnssec_denial_bytes", "Memory of those.");
    visit(nsec3_hashes, "dragoman_dnssec_nsec3_hashes_total", "Names that were hashed for NSEC3 records.");
  }
};

}  // namespace dragoman::resolve
