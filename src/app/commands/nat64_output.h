// What the NAT64 says of itself for people, from the JSON of the admin API. Nullopt: it is not what that page gives.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dragoman::app {

std::optional<std::string> nat64_status_as_text(std::string_view json);
std::optional<std::string> nat64_sessions_as_text(std::string_view json);
std::optional<std::string> nat64_pool_as_text(std::string_view json);
std::optional<std::string> nat64_subscriber_as_text(std::string_view json);

}  // namespace dragoman::app
