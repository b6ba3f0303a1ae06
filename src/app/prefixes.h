// What the configuration wants to know of prefixes, for the gateway module to find out.
#pragma once

#include "dragoman/config/config.h"
#include "dragoman/gateway/options.h"
#include "dragoman/gateway/prefixes.h"

namespace dragoman::app {

// What is to be discovered and probed by this configuration. Its probe URLs are good ones.
gateway::Options gateway_options(const config::Config& config);

}  // namespace dragoman::app
