// Negative trust anchors that somebody added while the program runs. Each ends by itself (RFC 7646 2): a zone that was
// broken is to be validated again when its operators have mended it. Pure; one thread.
#pragma once

#include <optional>
#include <vector>

#include "dragoman/base/time.h"
#include "dragoman/base/wall_time.h"
#include "dragoman/dnssec/trust_anchors.h"

namespace dragoman::trust {

class TimedNegatives {
 public:
  // Until then; one of this name ends when the new one says. False when there are too many.
  bool add(const dns::Name& name, WallTime expires);
  // False when there is none of this name.
  bool remove(dns::NameView name);
  // Forgets those that have ended; whether there were any.
  bool expire(WallTime now);

  const std::vector<dnssec::NegativeTrustAnchor>& all() const { return all_; }

 private:
  std::vector<dnssec::NegativeTrustAnchor> all_;
};

}  // namespace dragoman::trust
