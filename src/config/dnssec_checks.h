// What is wrong with the trust anchors only when they are seen together.
#pragma once

#include "findings.h"

namespace dragoman::config {

void check_dnssec(const Config& config, const Node& root, Findings& findings);

}  // namespace dragoman::config
