// What is wrong with the policies of DNS64 only when they are seen together, and beside the listeners.
#pragma once

#include "findings.h"

namespace dragoman::config {

void check_policies(const Config& config, const Node& root, Findings& findings);

}  // namespace dragoman::config
