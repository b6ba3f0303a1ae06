// The way from a trust anchor down to the zone of a name (RFC 4035 5): DS records of each name on it, DNSKEY records of
// each zone. What is found is remembered, so most questions need no lookup. Worker thread only.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "dragoman/base/task.h"
#include "dragoman/base/wall_time.h"
#include "dragoman/dns/answer.h"
#include "dragoman/dnssec/limits.h"
#include "dragoman/dnssec/trust_anchors.h"
#include "dragoman/net/event_loop.h"
#include "zone_table.h"

namespace dragoman::resolve {

// One thing that was checked, for explanations.
struct Check {
  TimePoint at{};
  dns::Name name;
  enum class Kind : std::uint8_t { zone, inside, absent, answer } kind = Kind::zone;
  dnssec::Verdict verdict;
  std::vector<std::uint16_t> key_tags;  // of a secure zone
};

// What the checking of one answer shares: it is over when the answer is judged.
struct Validation {
  std::shared_ptr<const dnssec::TrustAnchors> anchors;
  dnssec::Budget budget;
  WallTime now{};
  std::vector<Check>* checks = nullptr;  // null: nobody wants to know
};

// The seam: where records come from as upstreams have them, signatures included and not validated by them.
class ChainSource {
 public:
  virtual ~ChainSource() = default;
  // Nullopt: nobody can say. `again`: what came did not validate; an upstream that validates by itself may find better
  // if it is not told to keep out of it (RFC 6840 5.9).
  virtual Task<std::optional<dns::Answer>> fetch(dns::Name name, dns::Type type, bool again) = 0;
};

class TrustChain {
 public:
  TrustChain(net::EventLoop& loop, ChainSource& source);

  // Where `name` stands. `validation` must live as long as the task.
  Task<dnssec::Standing> stand(dns::Name name, Validation& validation);

  std::size_t known_names() const { return table_.size(); }

 private:
  // The apex of `zone`, for which something above stands.
  Task<Place> enter(dns::Name zone, dnssec::Endorsement by, std::uint32_t ttl, Validation& validation);
  // A name right below what is known of `zone`.
  Task<Place> look_below(std::shared_ptr<const dnssec::ZoneKeys> zone, dns::Name name, Validation& validation);
  Place remember(const dns::Name& name, Place place, std::uint32_t ttl, Validation& validation);
  // `spent` are the verifications that the name itself has cost.
  Place fail(const dns::Name& name, dnssec::Reason reason, unsigned spent, Validation& validation);

  net::EventLoop& loop_;
  ChainSource& source_;
  ZoneTable table_;
  std::shared_ptr<const dnssec::TrustAnchors> anchors_;  // that the table follows from
};

}  // namespace dragoman::resolve
