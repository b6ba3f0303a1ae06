// From options to options; see trust.h.
#include "trust.h"

#include "routing.h"

namespace dragoman::app {

trust::Options trust_options(const config::Config& config) {
  return {.validates = config.dnssec.mode == config::DnssecMode::validate,
          .anchors = config.dnssec.anchors,
          .negative = config.dnssec.negative,
          .managed = config.dnssec.managed,
          .routing = make_routing(config)};
}

bool judges_otherwise(const resolve::Settings& before, const resolve::Settings& after) {
  if (before.validates() != after.validates() || before.trust_upstream_ad != after.trust_upstream_ad) return true;
  return before.validates() && before.anchors != after.anchors && *before.anchors != *after.anchors;
}

}  // namespace dragoman::app
