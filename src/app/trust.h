// What the configuration wants of trust anchors, for the trust module to keep, and what their changes mean.
#pragma once

#include "dragoman/config/config.h"
#include "dragoman/resolve/settings.h"
#include "dragoman/trust/options.h"

namespace dragoman::app {

trust::Options trust_options(const config::Config& config);

// Whether some answer may be another one by these settings: then the cache holds what was judged by the former ones.
bool judges_otherwise(const resolve::Settings& before, const resolve::Settings& after);

}  // namespace dragoman::app
