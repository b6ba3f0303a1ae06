// From one zone to the next (RFC 4035 5.2): what is known of a name on the way down from a trust anchor, and what an
// answer to a DS question says of it. Pure; one thread at a time.
#pragma once

#include <cstdint>
#include <memory>

#include "dragoman/dns/message_view.h"
#include "dragoman/dns/name.h"
#include "dragoman/dnssec/limits.h"
#include "dragoman/dnssec/verdict.h"
#include "dragoman/dnssec/zone_keys.h"

namespace dragoman::dnssec {

// Where a name stands: the zone that it belongs to, as far as there is a chain.
struct Standing {
  Verdict verdict;                       // of the zone
  std::shared_ptr<const ZoneKeys> keys;  // of a secure zone, with its name; else null

  bool is_secure() const { return verdict.security == Security::secure; }
};

enum class DelegationKind : std::uint8_t {
  signed_there,    // a zone of its own with DS records: its DNSKEY records are next
  unsigned_there,  // a zone of its own without: insecure
  not_there,       // no zone of its own
  nonexistent,     // no such name, nor one below it
  broken,          // the answer proves nothing
};

struct Delegation {
  DelegationKind kind = DelegationKind::broken;
  Reason reason = Reason::none;  // of unsigned_there and broken
  Endorsement endorsement;       // of signed_there
  std::uint32_t ttl = 0;         // seconds for which this may be remembered
};

// `message` answers the question for DS records of `name`, which lies below the zone whose keys these are.
Delegation read_delegation(const dns::MessageView& message, dns::NameView name, const ZoneKeys& parent, WallTime now,
                           Budget& budget);

struct Entrance {
  Standing standing;
  std::uint32_t ttl = 0;  // as above; of a secure zone
};

// `message` answers the question for DNSKEY records of `zone`, which something above stands for.
Entrance read_keys(const dns::MessageView& message, dns::NameView zone, const Endorsement& by, WallTime now,
                   Budget& budget);

}  // namespace dragoman::dnssec
