// The steps of a trace, kept in the order of time.
#include "dragoman/resolve/trace.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace dragoman::resolve {

std::string_view to_text(StepKind kind) {
  static constexpr std::array<std::string_view, 10> texts{"admission", "policy", "local", "cache",      "upstream",
                                                          "exclusion", "dns64",  "ttl",   "validation", "reply"};
  return texts[static_cast<std::size_t>(kind)];
}

void Trace::add(StepKind kind, std::string text, TraceFacts facts) {
  const bool is_known = std::any_of(steps_.begin(), steps_.end(),
                                    [&](const TraceStep& step) { return step.kind == kind && step.text == text; });
  if (!is_known) add_at(Clock::now(), kind, std::move(text), std::move(facts));
}

void Trace::add_at(TimePoint when, StepKind kind, std::string text, TraceFacts facts) {
  // The last steps are those that people look for first: a long list loses its middle.
  if (steps_.size() >= most_steps && kind != StepKind::reply) {
    ++left_out_;
    return;
  }
  const Duration at = std::max(when - begun_, Duration::zero());
  const auto later = std::find_if(steps_.begin(), steps_.end(), [&](const TraceStep& step) { return step.at > at; });
  steps_.insert(later, {at, kind, std::move(text), std::move(facts)});
}

double in_milliseconds(Duration duration) {
  return std::round(std::chrono::duration<double, std::micro>(duration).count() * 10) / 10 / 1000;
}

std::string milliseconds_text(Duration duration) {
  std::array<char, 32> text;
  std::snprintf(text.data(), text.size(), "%.1f ms", std::chrono::duration<double, std::milli>(duration).count());
  return text.data();
}

}  // namespace dragoman::resolve
