// The file that keeps what became of managed anchors, between two runs of the program.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "dragoman/base/result.h"
#include "dragoman/dnssec/managed_anchors.h"

namespace dragoman::trust {

// None when there is no such file yet. An error leaves open what became of them.
Result<std::vector<dnssec::ManagedAnchor>> read_state(const std::string& path);
Result<void> write_state(const std::string& path, std::span<const dnssec::ManagedAnchor> anchors);

// An anchor that is configured as it was when its state began goes on from there; the others begin.
std::vector<dnssec::ManagedAnchor> resumed(const std::vector<dnssec::TrustAnchor>& configured,
                                           std::vector<dnssec::ManagedAnchor> state);

}  // namespace dragoman::trust
