// What the resolver counts. To add one: a field here and a row in describe(); then add() where it happens.
#pragma once

#include <array>
#include <cstdint>

#include "dragoman/dns/types.h"
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
enum class ReplyCode : std::uint8_t { noerror, formerr, servfail, nxdomain, notimp, refused, badvers, other };
ReplyCode reply_code(dns::Rcode rcode);

// Where an answer came from.
enum class Source : std::uint8_t { cache, upstream, local };

// Why a query got no reply at all.
enum class DropReason : std::uint8_t { short_header, response };

// Why a query was refused without being looked at further.
enum class RefusalReason : std::uint8_t {
  malformed,
  opcode,
  edns_version,
  question_type,
  question_class,
  acl,
  overload
};

enum class CacheHit : std::uint8_t { positive, negative, failure, dns64 };

enum class Dns64Result : std::uint8_t {
  synthesized,
  native,
  filtered,
  nxdomain,
  no_a,
  not_mappable,
  dnssec_bypass,
  error
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
  static constexpr std::array<const char*, 8> values{"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN",
                                                     "NOTIMP",  "REFUSED", "BADVERS",  "other"};
};
template <>
struct LabelValues<resolve::Source> {
  static constexpr std::array<const char*, 3> values{"cache", "upstream", "local"};
};
template <>
struct LabelValues<resolve::DropReason> {
  static constexpr std::array<const char*, 2> values{"short_header", "response"};
};
template <>
struct LabelValues<resolve::RefusalReason> {
  static constexpr std::array<const char*, 7> values{"malformed",      "opcode", "edns_version", "question_type",
                                                     "question_class", "acl",    "overload"};
};
template <>
struct LabelValues<resolve::CacheHit> {
  static constexpr std::array<const char*, 4> values{"positive", "negative", "failure", "dns64"};
};
template <>
struct LabelValues<resolve::Dns64Result> {
  static constexpr std::array<const char*, 8> values{"synthesized", "native",       "filtered",      "nxdomain",
                                                     "no_a",        "not_mappable", "dnssec_bypass", "error"};
};
}  // namespace dragoman::telemetry

namespace dragoman::resolve {

struct Metrics {
  telemetry::Counters<Protocol, Family, QueryType> requests;
  telemetry::Counters<Protocol, ReplyCode> responses;
  telemetry::Histograms<Protocol, Source> duration;
  telemetry::Counters<DropReason> dropped;
  telemetry::Counters<RefusalReason> refused;
  telemetry::Counter truncated;
  telemetry::Counter dnssec_ok;
  telemetry::Counters<CacheHit> cache_hits;
  telemetry::Counter cache_misses;
  telemetry::Counters<Dns64Result> dns64;
  telemetry::Counter dns64_ptr;
  telemetry::Gauge lookups_in_flight;
  telemetry::Counter lookups_joined;
  telemetry::Counter chains_followed;
  telemetry::Counter special_names;
  telemetry::Counter rebinding_blocked;

  template <class Visitor>
  void describe(Visitor& visit) const {
    visit(requests, "dragoman_dns_requests_total", "Queries from clients.", "proto", "family", "type");
    visit(responses, "dragoman_dns_responses_total", "Replies to clients, by RCODE.", "proto", "rcode");
    visit(duration, "dragoman_dns_request_duration_seconds",
          "Time from a query's arrival to its reply, by where the answer came from.", "proto", "source");
    visit(dropped, "dragoman_dns_dropped_total", "Messages that got no reply: not queries.", "reason");
    visit(refused, "dragoman_dns_refused_total", "Queries answered with an error before any lookup.", "reason");
    visit(truncated, "dragoman_dns_truncated_total", "Replies over UDP that did not fit and went out with TC.");
    visit(dnssec_ok, "dragoman_dns_do_requests_total", "Queries with the DO bit.");
    visit(cache_hits, "dragoman_cache_hits_total", "Queries answered from the cache.", "kind");
    visit(cache_misses, "dragoman_cache_misses_total", "Queries that needed an upstream.");
    visit(dns64, "dragoman_dns64_responses_total", "AAAA queries of DNS64 clients, by what became of them.", "result");
    visit(dns64_ptr, "dragoman_dns64_ptr_total", "PTR queries under a DNS64 prefix that were mapped to in-addr.arpa.");
    visit(lookups_in_flight, "dragoman_lookups_in_flight", "Questions waiting for an upstream.");
    visit(lookups_joined, "dragoman_lookups_joined_total", "Questions that joined an identical one in flight.");
    visit(chains_followed, "dragoman_lookups_chained_total",
          "Further questions for CNAME targets that an upstream left out.");
    visit(special_names, "dragoman_dns_special_names_total",
          "Questions for special-use names and private reverse zones, answered without an upstream.");
    visit(rebinding_blocked, "dragoman_rebinding_blocked_total",
          "Answers of upstreams that lost private addresses to the protection against rebinding.");
  }
};

}  // namespace dragoman::resolve
