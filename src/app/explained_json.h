// An explanation as the admin API gives it. The keys are stable; docs/explain.md has them.
#pragma once

#include <string>

#include "explainer.h"

namespace dragoman::app {

std::string explained_as_json(const Explained& explained);

}  // namespace dragoman::app
