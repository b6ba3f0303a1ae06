// A resolver that is asked for explanations.
#pragma once

#include "dragoman/resolve/trace.h"
#include "fixture.h"

namespace dragoman::resolve {

class ExplainTest : public ResolverTest {
 protected:
  HandleResult begin(const Ask& ask, Trace& told, ReplyTarget& target) {
    const auto message = query_octets(ask);
    Query query{message, {*ip::Address::from_text(ask.from), ask.protocol}};
    query.trace = &told;
    return resolver->explain(query, target, 1, room);
  }

  // The steps of one kind, or of all, as "kind: text".
  std::vector<std::string> explain(const Ask& ask, std::optional<StepKind> wanted = {}) {
    trace = Trace();
    TestClient client;
    const HandleResult result = begin(ask, trace, client);
    const auto limit = Clock::now() + std::chrono::seconds(5);
    while (result.handled == Handled::pending && client.replies.empty() && Clock::now() < limit) {
      loop.run_once(milliseconds(5));
    }
    EXPECT_TRUE(result.handled == Handled::answered || !client.replies.empty()) << ask.name;
    return texts(wanted);
  }

  std::vector<std::string> texts(std::optional<StepKind> wanted = {}) const {
    std::vector<std::string> found;
    for (const TraceStep& step : trace.steps()) {
      if (!wanted) found.push_back(std::string(to_text(step.kind)) + ": " + step.text);
      if (wanted == step.kind) found.push_back(step.text);
    }
    return found;
  }

  // The first fact of this key in a step of this kind.
  const TraceFact::Value* fact(StepKind kind, std::string_view key) const {
    for (const TraceStep& step : trace.steps()) {
      for (const TraceFact& known : step.facts) {
        if (step.kind == kind && key == known.key) return &known.value;
      }
    }
    return nullptr;
  }

  Trace trace;
};

}  // namespace dragoman::resolve
