// `dragoman nat64 ...`: for operators of the NAT64, beside the running server, whom `dragoman ctl nat64` asks.
//
// To add one: a function that declares it and a row in nat64_commands(), as in commands.cpp.
#pragma once

#include <vector>

#include "../commands.h"

namespace dragoman::app {

const std::vector<Command>& nat64_commands();

Run declare_nat64(CLI::App& app);

}  // namespace dragoman::app
