// The order and the text form of what was found.
#include "findings.h"

#include <algorithm>
#include <tuple>

namespace dragoman::config {

std::string Problem::to_text() const {
  std::string out = file;
  if (line > 0) out += ":" + std::to_string(line) + ":" + std::to_string(column);
  out += ": ";
  if (!key.empty()) out += key + ": ";
  return out + text;
}

Problem Places::problem(const std::string& key, std::string text, std::string fix) const {
  Problem out{file_, 0, 0, key, std::move(text), std::move(fix)};
  auto found = places_.find(key);
  for (std::size_t end = key.size(); found == places_.end(); found = places_.find(key.substr(0, end))) {
    end = key.find_last_of(".[", end - 1);
    if (end == std::string::npos || end == 0) return out;
  }
  std::tie(out.line, out.column) = found->second;
  return out;
}

void Findings::error_at(Place place, std::string key, std::string text, std::string fix) {
  if (errors_.size() >= most_errors) return;
  errors_.push_back({file_, place.line, place.column, std::move(key), std::move(text), std::move(fix)});
}

void Findings::warning(const Node& node, std::string text, std::string fix) {
  warnings_.push_back({file_, node.place.line, node.place.column, node.path, std::move(text), std::move(fix)});
}

std::vector<Problem> Findings::sorted(std::vector<Problem> problems) {
  std::stable_sort(problems.begin(), problems.end(), [](const Problem& a, const Problem& b) {
    return std::tie(a.line, a.column) < std::tie(b.line, b.column);
  });
  return problems;
}

}  // namespace dragoman::config
