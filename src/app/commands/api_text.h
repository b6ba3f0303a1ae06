// The JSON of the admin API as text for people: values, and rows in columns. What is missing or of another kind makes
// the whole unreadable: Boost.JSON throws, and read_json() catches. For the commands' output files.
#pragma once

#include <boost/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dragoman::app {

namespace json = boost::json;
using Row = std::vector<std::string>;

std::string text_of(const json::value& value);          // of a string, without control characters
std::string milliseconds_of(const json::value& value);  // "12.3"
std::string number_of(const json::value& value);

// Aligned columns, two spaces between; the first is flush right when `numbers_first`. The last is not padded.
std::string table_of(const std::vector<Row>& rows, bool numbers_first = false);

// What `make` makes of the object; nullopt when it is not one, or not what `make` expects.
template <class Make>
auto read_json(std::string_view text, Make make) -> std::optional<decltype(make(json::object()))> {
  try {
    return make(json::parse(json::string_view(text.data(), text.size())).as_object());
  } catch (const std::exception&) {
    return {};
  }
}

}  // namespace dragoman::app
