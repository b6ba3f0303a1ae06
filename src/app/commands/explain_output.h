// An explanation for people, from the JSON of the admin API.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dragoman::app {

struct ExplanationText {
  std::string text;
  bool has_records = false;  // NOERROR with records in the answer section
};

// Nullopt when it is not what /api/v1/explain gives.
std::optional<ExplanationText> explanation_as_text(std::string_view json);

// The same for /api/v1/status: all of it, or the table of upstream servers alone.
std::optional<std::string> status_as_text(std::string_view json);
std::optional<std::string> upstreams_as_text(std::string_view json);

}  // namespace dragoman::app
