// Values and columns; see api_text.h.
#include "api_text.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace dragoman::app {

std::string text_of(const json::value& value) {
  const json::string& text = value.as_string();
  std::string plain(text.begin(), text.end());
  // Whatever the other end is, it moves no cursor here.
  std::replace_if(
      plain.begin(), plain.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
  return plain;
}

std::string milliseconds_of(const json::value& value) {
  std::array<char, 32> text;
  std::snprintf(text.data(), text.size(), "%.1f", value.to_number<double>());
  return text.data();
}

std::string number_of(const json::value& value) { return std::to_string(value.to_number<std::int64_t>()); }

std::string table_of(const std::vector<Row>& rows, bool numbers_first) {
  std::vector<std::size_t> widths;
  for (const Row& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string padding(widths[i] - row[i].size(), ' ');
      const bool is_last = i + 1 == row.size();
      if (i == 0 && numbers_first) {
        text += padding + row[i];
      } else {
        text += row[i] + (is_last ? "" : padding);
      }
      text += is_last ? "\n" : "  ";
    }
  }
  return text;
}

}  // namespace dragoman::app
