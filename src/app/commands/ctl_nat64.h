// `dragoman ctl nat64 status | sessions | pool | subscriber`.
#pragma once

#include <memory>

#include "ctl.h"

namespace dragoman::app {

Run declare_nat64(CLI::App& app, const std::shared_ptr<CtlArguments>& shared);

}  // namespace dragoman::app
