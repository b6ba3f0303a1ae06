// Which exposition format a scraper wants (RFC 9110 12.5.1, proactive negotiation by media type and weight).
#pragma once

#include <string_view>

#include "dragoman/telemetry/exposition.h"

namespace dragoman::telemetry {

// `accept` is the header's value, empty when there is none. OpenMetrics is chosen when it is asked for by name (1.0.0,
// 0.0.1 or no version) with at least the weight of text/plain; whoever accepts neither is given text all the same,
// since a person with a browser or curl learns more from it than from a 406.
Format negotiate(std::string_view accept);

}  // namespace dragoman::telemetry
