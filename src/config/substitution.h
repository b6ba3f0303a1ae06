// ${env:NAME} and ${file:/path} in values: what should not stand in the configuration file itself.
#pragma once

#include "findings.h"

namespace dragoman::config {

// Replaces them in every scalar of the tree; keys stay as they are. What was put in is never shown in messages.
void substitute(Node& root, Reading& reading);

}  // namespace dragoman::config
