// RFC 9110 12.4.2 and 12.5.1: media ranges with weights. Malformed elements are passed over, never refused.
#include "dragoman/telemetry/accept.h"

#include <algorithm>
#include <cctype>
#include <string>

namespace dragoman::telemetry {
namespace {

constexpr int full_weight = 1000;

std::string_view trim(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// Cuts the text before the next `separator` off `rest`.
std::string_view next_piece(std::string_view& rest, char separator) {
  const auto end = rest.find(separator);
  const std::string_view piece = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return trim(piece);
}

bool equals_ignoring_case(std::string_view left, std::string_view right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); });
}

// A qvalue in thousandths: "0", "0.5", "1.000". Anything else counts as 1, as if it were not there.
int weight_from(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return full_weight;
  int weight = (text[0] - '0') * full_weight;
  int digit_worth = full_weight / 10;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (i == 1 && text[i] == '.') continue;
    if (i == 1 || !std::isdigit(static_cast<unsigned char>(text[i]))) return full_weight;
    weight += (text[i] - '0') * digit_worth;
    digit_worth /= 10;
  }
  return std::min(weight, full_weight);
}

struct MediaRange {
  std::string_view type;
  std::string_view version;
  int weight = full_weight;
};

MediaRange parse_range(std::string_view element) {
  MediaRange range;
  range.type = next_piece(element, ';');
  while (!element.empty()) {
    std::string_view value = next_piece(element, ';');
    const std::string_view name = next_piece(value, '=');
    value = trim(value);
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
    if (equals_ignoring_case(name, "q")) range.weight = weight_from(value);
    if (equals_ignoring_case(name, "version")) range.version = value;
  }
  return range;
}

bool is_open_metrics(const MediaRange& range) {
  if (!equals_ignoring_case(range.type, "application/openmetrics-text")) return false;
  return range.version.empty() || range.version == "1.0.0" || range.version == "0.0.1";
}

// The more exactly a range names text/plain, the more its weight says about it; 0 says nothing.
int text_precision(const MediaRange& range) {
  if (equals_ignoring_case(range.type, "text/plain")) return 3;
  if (equals_ignoring_case(range.type, "text/*")) return 2;
  return range.type == "*/*" ? 1 : 0;
}

}  // namespace

Format negotiate(std::string_view accept) {
  int open_metrics = 0, text = 0, precision = 0;
  while (!accept.empty()) {
    const MediaRange range = parse_range(next_piece(accept, ','));
    if (is_open_metrics(range)) {
      open_metrics = std::max(open_metrics, range.weight);
    } else if (const int found = text_precision(range); found > precision) {
      precision = found;
      text = range.weight;
    }
  }
  return open_metrics > 0 && open_metrics >= text ? Format::open_metrics : Format::text;
}

}  // namespace dragoman::telemetry
