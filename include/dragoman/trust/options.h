// Which trust anchors there are to be, as configured. Plain values.
#pragma once

#include <string>
#include <vector>

#include "dragoman/dnssec/managed_anchors.h"
#include "dragoman/dnssec/trust_anchors.h"
#include "dragoman/upstream/routes.h"

namespace dragoman::trust {

// RFC 5011.
struct ManagedOptions {
  std::string state_file;  // empty: anchors stay as they are configured
  dnssec::RolloverTimes times;
  friend bool operator==(const ManagedOptions&, const ManagedOptions&) = default;
};

struct Options {
  bool validates = false;  // without, nothing is asked
  std::vector<dnssec::TrustAnchor> anchors;
  std::vector<dnssec::NegativeTrustAnchor> negative;
  ManagedOptions managed;
  upstream::Routing routing;  // who is asked for the keys
};

}  // namespace dragoman::trust
