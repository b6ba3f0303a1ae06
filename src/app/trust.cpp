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

}  // namespace dragoman::app
