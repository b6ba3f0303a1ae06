// The list of what still needs IPv4 for people, from the JSON of the admin API.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dragoman::app {

// Nullopt when it is not what /api/v1/top/ipv4-only gives.
std::optional<std::string> ipv4_only_as_text(std::string_view json);

}  // namespace dragoman::app
