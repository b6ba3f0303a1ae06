// What the configuration wants of trust anchors, for the trust module to keep.
#pragma once

#include "dragoman/config/config.h"
#include "dragoman/trust/options.h"

namespace dragoman::app {

trust::Options trust_options(const config::Config& config);

}  // namespace dragoman::app
