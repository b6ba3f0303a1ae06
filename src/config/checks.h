// What only shows when keys are seen together. Runs over whatever could be read, so that its findings come out in one
// go with the rest.
#pragma once

#include "findings.h"

namespace dragoman::config {

void check_together(const Config& config, const Node& root, Findings& findings);

}  // namespace dragoman::config
