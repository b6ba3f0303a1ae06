// From the configuration to what the resolver obeys.
#pragma once

#include <memory>

#include "dragoman/config/config.h"
#include "dragoman/resolve/settings.h"

namespace dragoman::app {

std::shared_ptr<const resolve::Settings> make_settings(const config::Config& config);

}  // namespace dragoman::app
