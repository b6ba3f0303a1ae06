// The answer cache: what upstreams said, once, for all workers (RFC 1035 7.4, RFC 2308), and what they failed to say
// (RFC 9520).
//
// Any thread may call; a call holds one stripe's lock for a probe and a copy. Bounded in bytes: each stripe keeps its
// entries in two byte rings, small and main, and evicts by S3-FIFO, so that a scan of names asked once cannot push out
// names that are asked again. Nothing is allocated per entry and nothing fragments. Pure: time is an argument.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>

#include "dragoman/base/bytes.h"
#include "dragoman/base/time.h"
#include "dragoman/cache/options.h"
#include "dragoman/dns/answer.h"
#include "dragoman/dns/name.h"
#include "dragoman/dns/types.h"

namespace dragoman::cache {

// The cache's time: while it stays the same, so does everything that the cache says of one answer.
std::uint32_t seconds_of(TimePoint now);

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
  // Under this lies which question's answer says that the name of `key` does not exist; no client can ask for it.
  static KeyHash of_denial(const Key& key);
  std::uint64_t value() const { return value_; }
  Bytes octets() const { return {octets_.data(), length_}; }
  // The hash of such octets: seeded per process.
  static std::uint64_t hash_of(Bytes octets);

 private:
  KeyHash(const Key& key, std::uint8_t flags);
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
  bool is_stale = false;          // past its lifetime (RFC 8767): every TTL is serve_stale.ttl, and AD is gone
  bool is_due = false;            // popular and near its end: ask again now. Said once per entry, to one caller
};

// Whose fault it is that nobody answered (RFC 9520 3.2): a question's, which is asked ever more rarely, or that of
// servers which answer nothing at all, and are asked as usual when they are back.
enum class Fault : bool { question, servers };

struct Stats {
  std::uint64_t entries = 0;   // that can be found, those past their lifetime included
  std::uint64_t bytes = 0;     // taken in the rings, replaced entries that wait to leave included
  std::uint64_t capacity = 0;  // of the rings
  std::uint64_t index_bytes = 0;
  std::uint64_t insertions = 0;
  std::uint64_t evictions = 0;   // alive, given up for want of room
  std::uint64_t lock_waits = 0;  // calls that found their stripe held by another thread
  std::uint64_t expired = 0;     // past their lifetime when they were replaced or left the ring
};

class Stripe;
struct Entry;

class AnswerCache {
 public:
  explicit AnswerCache(const Options& options);
  ~AnswerCache();
  AnswerCache(const AnswerCache&) = delete;
  AnswerCache& operator=(const AnswerCache&) = delete;

  // Copies the records of what is known to `out`: the answer while it is fresh; after that, as long as the last
  // failure is remembered, the stale answer if it may be served, else the failure. Nullopt: nothing of it, or it is
  // larger than `out` (then ask with more room; `needed`, if given, says how much; otherwise it is left alone). Here
  // and below, `hash` is the hash of `key`.
  std::optional<Hit> find(const Key& key, const KeyHash& hash, TimePoint now, MutableBytes out,
                          std::size_t* needed = nullptr);

  // The answer, though it be stale: for who has waited in vain (RFC 8767 5). Nullopt when serve_stale is off.
  std::optional<Hit> find_stale(const Key& key, const KeyHash& hash, TimePoint now, MutableBytes out);

  // NXDOMAIN for this key that follows from another question's: of the same name (RFC 2308 5) or of one above it (RFC
  // 8020, options.nxdomain_cut). Its records lie somewhere in `out`. One probe per label: not for the hot path.
  // `highest`, a name at or above, is the last to be looked at: what other servers say of those above it may not hold.
  std::optional<dns::AnswerView> find_denial(const Key& key, TimePoint now, MutableBytes out,
                                             dns::NameView highest = {});

  // Keeps an answer for as long as its TTLs (positive) or its SOA (negative, RFC 2308) allow, within the options'
  // bounds; replaces what was there, failures too. An answer that may not be kept (no TTL, no SOA) is not. An RCODE
  // other than NOERROR and NXDOMAIN is a failure of the question.
  void store(const Key& key, const KeyHash& hash, const dns::AnswerView& answer, TimePoint now);

  // Remembers that nobody could answer (RFC 9520): for options.failure_ttl, twice as long after each further failure of
  // the question up to failure_max_ttl, and for serve_stale.retry_after while there is a stale answer. The answer that
  // was there stays. While one failure is remembered, another changes nothing.
  void store_failure(const Key& key, const KeyHash& hash, TimePoint now, Fault fault = Fault::question);

  void clear();
  // How often it was cleared: whoever keeps something that was made of its answers forgets it then.
  std::uint64_t clearings() const { return clearings_.load(std::memory_order_acquire); }
  Stats stats() const;
  const Options& options() const { return options_; }

 private:
  Stripe& stripe_of(const KeyHash& hash) const;
  bool may_serve(const Entry* stale, std::uint32_t now) const;
  Entry* while_failing(Stripe& stripe, const KeyHash& hash, Entry* stale, std::uint32_t now) const;
  template <class Choose>
  std::optional<Hit> take(const KeyHash& hash, TimePoint now, MutableBytes out, std::size_t* needed, Choose choose);
  bool becomes_due(Entry& entry, std::uint32_t remaining_s) const;
  void keep_failure(const KeyHash& hash, const dns::AnswerView& answer, TimePoint now, Fault fault);
  // denial.cpp
  void note_denial(const Key& key, std::uint32_t lifetime, TimePoint now);
  void forget_denial(const Key& key, TimePoint now);
  bool has_data(const Key& key, dns::Type type, TimePoint now) const;
  std::optional<dns::Type> denied_by(const Key& key, TimePoint now) const;
  Options options_;
  std::uint32_t max_stale_s_;         // 0 when serve_stale is off
  std::uint32_t least_prefetched_s_;  // no entry of a shorter lifetime is ever due
  std::size_t stripe_count_;          // a power of two
  std::unique_ptr<Stripe[]> stripes_;
  std::atomic<std::uint64_t> clearings_{0};
};

}  // namespace dragoman::cache
