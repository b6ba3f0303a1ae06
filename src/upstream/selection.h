// Which server a question goes to. Pure but for the probes that it sets off; worker thread.
#pragma once

#include <memory>
#include <span>

#include "context.h"
#include "server.h"

namespace dragoman::upstream {

using Servers = std::span<const std::unique_ptr<Server>>;

// The better by latency of two random servers that are up and not among `asked`; as configured while no latency is
// known. Servers whose latency nobody has measured for a while, and those whose last attempt failed, are probed rather
// than tried on a client. Null when there is none.
Server* choose_healthy(Context& context, Servers servers, std::span<Server* const> asked);

// Of the servers that are down and not among `asked`, the one that failed least recently. Null when there is none.
Server* choose_last_resort(Servers servers, std::span<Server* const> asked);

}  // namespace dragoman::upstream
