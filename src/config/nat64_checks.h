// What DNS64 and NAT64 have in common, and what of the section `nat64` only shows beside other keys.
#pragma once

#include "findings.h"

namespace dragoman::config {

// The rule of the Well-Known Prefix is one, wherever it is written. Before checks.
void join_dns64_and_nat64(Config& config, const Node& root);

void check_nat64(const Config& config, const Node& root, Findings& findings);

}  // namespace dragoman::config
