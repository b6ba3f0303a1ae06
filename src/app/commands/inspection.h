// What a configuration meets on this host: certificates, files, ports, limits. Opens nothing for longer than the look.
#pragma once

#include <vector>

#include "check.h"

namespace dragoman::app {

// `try_ports`: whether the listeners could be opened now.
std::vector<Finding> inspect(const config::Config& config, const config::Places& places, bool try_ports);

}  // namespace dragoman::app
