// From the configuration to who is asked about what.
#pragma once

#include "dragoman/config/config.h"
#include "dragoman/upstream/routes.h"

namespace dragoman::app {

upstream::Routing make_routing(const config::Config& config);

// Whether some name that has a route in one of them is asked about elsewhere in the other: then what the cache holds
// may be somebody else's answer.
bool leads_elsewhere(const config::Config& before, const config::Config& after);

}  // namespace dragoman::app
