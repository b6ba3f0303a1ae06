// The answer cache: what upstreams said, once, for all workers (RFC 1035 7.4, RFC 2308).
//
// Any thread may call; a call holds one stripe's lock for a probe and a copy. Bounded in bytes: each stripe keeps its
// entries in two byte rings, small and main, and evicts by S3-FIFO, so that a scan of names asked once cannot push out
// names that are asked again. Nothing is allocated per entry and nothing fragments. Pure: time is an argument.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>

#include "dragoman/base/bytes.h"
#include "dragoman/base/time.h"
#include "dragoman/dns/answer.h"
#include "dragoman/dns/name.h"
#include "dragoman/dns/types.h"

namespace dragoman::cache {

struct Options {
  std::size_t size = 512u << 20;  // bytes of entries; the index comes on top, about a tenth
  seconds max_ttl{86400};
  seconds min_ttl{0};              // raises nothing below it by default
  seconds negative_max_ttl{3600};  // RFC 2308 5 recommends one to three hours
  seconds failure_ttl{5};          // RFC 9520 3.2: at least 1 s, at most 5 min
};

// What an answer is an answer to. DO and CD are part of it: with DO set an upstream adds signatures, with CD it leaves
// out validation, and neither kind may reach the clients of the other.
struct Key {
  dns::NameView name;  // any case
  dns::Type type{};
  bool dnssec_ok = false;
  bool checking_disabled = false;
};

// A key's hash, with the key's octets in the form that is hashed and compared. Class IN only. Made once per query, it
// serves every probe of it.
class KeyHash {
 public:
  explicit KeyHash(const Key& key);
  std::uint64_t value() const { return value_; }
  Bytes octets() const { return {octets_.data(), length_}; }
  // The hash of such octets: seeded per process.
  static std::uint64_t hash_of(Bytes octets);

 private:
  std::uint64_t value_;
  std::uint16_t length_;
  std::array<std::uint8_t, dns::max_name_length + 3> octets_;
};

// A copy of an entry's records lies where the caller asked for it, TTLs already lowered by its age.
struct Hit {
  dns::AnswerHead head;
  std::size_t length = 0;         // octets written
  std::uint32_t remaining_s = 0;  // seconds until it expires; 0 for none
  bool is_failure = false;        // remembered for a short while (RFC 9520): an RCODE other than NOERROR and
                                  // NXDOMAIN, or nobody could answer (SERVFAIL without records)
};

struct Stats {
  std::uint64_t entries = 0;   // that can be found, those past their lifetime included
  std::uint64_t bytes = 0;     // taken in the rings, replaced entries that wait to leave included
  std::uint64_t capacity = 0;  // of the rings
  std::uint64_t index_bytes = 0;
  std::uint64_t insertions = 0;
  std::uint64_t evictions = 0;  // alive, given up for want of room
  std::uint64_t expired = 0;    // past their lifetime when they were replaced or left the ring
};

class Stripe;

class AnswerCache {
 public:
  explicit AnswerCache(const Options& options);
  ~AnswerCache();
  AnswerCache(const AnswerCache&) = delete;
  AnswerCache& operator=(const AnswerCache&) = delete;

  // Copies the entry's records to `out`. Nullopt: not there, expired, or larger than `out` (then ask with more room;
  // `needed`, if given, says how much; otherwise it is left alone). Here and below, `hash` is the hash of `key`.
  std::optional<Hit> find(const Key& key, const KeyHash& hash, TimePoint now, MutableBytes out,
                          std::size_t* needed = nullptr);

  // Keeps an answer for as long as its TTLs (positive) or its SOA (negative, RFC 2308) allow, within the options'
  // bounds; replaces what was there. An answer that may not be kept (no TTL, no SOA) is not.
  void store(const Key& key, const KeyHash& hash, const dns::AnswerView& answer, TimePoint now);

  // Remembers for options.failure_ttl that nobody could answer (RFC 9520).
  void store_failure(const Key& key, const KeyHash& hash, TimePoint now);

  void clear();
  Stats stats() const;

 private:
  Stripe& stripe_of(const KeyHash& hash) const;
  Options options_;
  std::size_t stripe_count_;  // a power of two
  std::unique_ptr<Stripe[]> stripes_;
};

}  // namespace dragoman::cache
