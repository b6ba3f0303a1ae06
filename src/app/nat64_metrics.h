// What is worked out about the NAT64 at a scrape; what its workers count is in nat64/metrics.h and
// gateway/nat64_metrics.h. To add one: a line in the .cpp.
#pragma once

#include <vector>

#include "dragoman/telemetry/collector.h"
#include "nat64_questions.h"

namespace dragoman::app {

// `entries`: the pool as it is configured now. Any thread.
void describe_nat64_process(const Nat64Questions& nat64, const std::vector<nat64::PoolEntry>& entries,
                            const telemetry::Collector& visit);

}  // namespace dragoman::app
