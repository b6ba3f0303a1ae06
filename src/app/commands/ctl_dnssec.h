// `dragoman ctl dnssec anchors | nta | explain`.
#pragma once

#include <memory>

#include "ctl.h"

namespace dragoman::app {

Run declare_dnssec(CLI::App& app, const std::shared_ptr<CtlArguments>& shared);

}  // namespace dragoman::app
