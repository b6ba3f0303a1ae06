// Trust anchors and validation for people, from the JSON of the admin API. Nullopt: it is not what that page gives.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dragoman::app {

std::optional<std::string> anchors_as_text(std::string_view json);
std::optional<std::string> negative_anchors_as_text(std::string_view json);
// Of an explanation, what concerns validation.
std::optional<std::string> validation_as_text(std::string_view json);

}  // namespace dragoman::app
