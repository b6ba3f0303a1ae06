// The list of what still needs IPv4 as the admin API gives it. The keys are stable; docs/explain.md has them.
#pragma once

#include <string>

#include "dragoman/resolve/ipv4_only.h"

namespace dragoman::app {

std::string ipv4_only_as_json(const resolve::Ipv4OnlyReport& report);

}  // namespace dragoman::app
