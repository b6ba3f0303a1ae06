// What happened to one query, step by step, for people who ask "why did I get this?". No client's query has one: where
// a step would be told, a null pointer is tested (src/resolve/tracing.h). Filled on the worker's thread; once the reply
// is there, it is a value like any other.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "dragoman/base/time.h"

namespace dragoman::resolve {

// What a step is about.
enum class StepKind : std::uint8_t {
  admission,   // may this client ask this?
  policy,      // which policy the client has, and whether it concerns the question
  local,       // names that are answered without an upstream
  cache,       // what the cache held
  upstream,    // a question to an upstream, and what came of it
  exclusion,   // addresses that count as absent (RFC 6147 5.1.4)
  dns64,       // what the AAAA answer means, and which addresses were embedded
  ttl,         // how the TTL of synthetic records came about (RFC 6147 5.1.7)
  validation,  // who has checked signatures
  reply,       // what went back
};
std::string_view to_text(StepKind kind);

// One fact of a step for programs. Keys are snake_case and do not change.
struct TraceFact {
  using Value = std::variant<std::string, std::int64_t, double, bool, std::vector<std::string>>;

  TraceFact(const char* fact_key, std::string_view text) : key(fact_key), value(std::string(text)) {}
  TraceFact(const char* fact_key, const char* text) : TraceFact(fact_key, std::string_view(text)) {}
  TraceFact(const char* fact_key, const std::string& text) : TraceFact(fact_key, std::string_view(text)) {}
  TraceFact(const char* fact_key, std::vector<std::string> texts) : key(fact_key), value(std::move(texts)) {}
  TraceFact(const char* fact_key, double number) : key(fact_key), value(number) {}
  TraceFact(const char* fact_key, bool yes) : key(fact_key), value(yes) {}
  template <std::integral Number>
  TraceFact(const char* fact_key, Number number) : key(fact_key), value(static_cast<std::int64_t>(number)) {}

  const char* key;
  Value value;
};
using TraceFacts = std::vector<TraceFact>;

struct TraceStep {
  Duration at{};  // since the query came
  StepKind kind{};
  std::string text;  // for people: one line, without names of the program's inside
  TraceFacts facts;  // the same for programs
};

class Trace {
 public:
  static constexpr std::size_t most_steps = 200;  // an answer may hold thousands of addresses

  Trace() : begun_(Clock::now()) {}

  // Something that has happened now. A step that says what an earlier one has said already is left out: the cache is
  // looked at again when a query begins to wait.
  void add(StepKind kind, std::string text, TraceFacts facts = {});
  // Something that happened at this time, and is told only now. Steps are kept in the order of time.
  void add_at(TimePoint when, StepKind kind, std::string text, TraceFacts facts = {});

  const std::vector<TraceStep>& steps() const { return steps_; }
  std::size_t left_out() const { return left_out_; }  // steps beyond most_steps
  TimePoint begun() const { return begun_; }

 private:
  TimePoint begun_;
  std::vector<TraceStep> steps_;
  std::size_t left_out_ = 0;
};

double in_milliseconds(Duration duration);         // to a tenth of a microsecond
std::string milliseconds_text(Duration duration);  // "23.4 ms"

}  // namespace dragoman::resolve
