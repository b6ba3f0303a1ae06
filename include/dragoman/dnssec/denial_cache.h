// Aggressive use of validated denials (RFC 8198): what NSEC and NSEC3 records have proven of a zone answers questions
// that nobody has asked yet. It says NODATA and NXDOMAIN as Denial would from the same records, and securely so; it
// makes no positive answers of wildcards. Pure; one thread. Bounded in bytes; records that have not been of use go
// first (CLOCK). find() allocates nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "dragoman/base/time.h"
#include "dragoman/dns/message_view.h"
#include "dragoman/dns/message_writer.h"
#include "dragoman/dns/name.h"
#include "dragoman/dnssec/rrset.h"

namespace dragoman::dnssec {

class DenialCache {
 public:
  struct Options {
    std::size_t bytes = 4u << 20;          // all records and what holds them: some 8000 with an ECDSA signature each
    std::uint32_t max_ttl = 10800;         // seconds (RFC 8198 5.4)
    std::uint16_t nsec3_iterations = 50;   // records with more are not kept
    std::uint16_t digests_per_find = 512;  // SHA-1, of names and of iterations: then find() gives up
  };
  struct Stats {
    std::uint64_t bytes = 0, zones = 0, records = 0;  // now
    std::uint64_t learned = 0, evicted = 0;           // since the beginning; NSEC and NSEC3 RRsets
    std::uint64_t nodata = 0, nxdomain = 0;           // answers of find()
    std::uint64_t nsec3_hashes = 0;                   // of names, in find()
  };
  // An RRset that is authentic by its own owner (as in Denial), and for how many seconds: at most its TTL, its
  // signature's original TTL, and what is left until that expires (RFC 4035 5.3.3).
  struct Authentic {
    const Rrset* rrset = nullptr;
    std::uint32_t ttl = 0;
  };

  explicit DenialCache(const Options& options);
  ~DenialCache();
  DenialCache(const DenialCache&) = delete;

  // Remembers a zone's SOA, NSEC and NSEC3 RRsets with their signatures, for no longer than the SOA allows (RFC 9077
  // 4); NSEC records are of no use unless the SOA is among them or is known. Others are passed over, and so are NSEC3
  // records with opt-out, which prove nothing of what was not asked. A record replaces what it contradicts; a change
  // from NSEC to NSEC3, or of salt or iterations, makes the zone's other records void. All are copied.
  void learn(dns::NameView zone, std::span<const Authentic> rrsets, TimePoint now);

  // The RCODE when it is proven that the name does not exist (NXDOMAIN), or has no records of this type (NOERROR).
  // Writes the authority section behind the question, which the caller has written: the SOA, whose TTL is the negative
  // TTL (RFC 2308 5), and if `dnssec_ok` the proof and all signatures; TTLs are what is left of them. When these do not
  // fit nothing is written and nothing is said. Class IN; types ANY, RRSIG and those of transfers never.
  // `highest`, a name at or above the question's: zones above it say nothing here (as in AnswerCache::find_denial).
  std::optional<dns::Rcode> find(const dns::Question& question, bool dnssec_ok, TimePoint now,
                                 dns::MessageWriter& writer, dns::NameView highest = {});

  void clear();
  Stats stats() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace dragoman::dnssec
