// Text as a JSON string (RFC 8259 7), for the --json output of subcommands.
#pragma once

#include <string>
#include <string_view>

namespace dragoman::app {

// With quotes; what is not UTF-8 stays as it is.
std::string json_text(std::string_view text);

}  // namespace dragoman::app
