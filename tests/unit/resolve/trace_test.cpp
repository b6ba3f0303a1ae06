// The steps of a trace: their order, and what is left out.
#include "dragoman/resolve/trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dragoman::resolve {
namespace {

using testing::ElementsAre;

std::vector<std::string> texts(const Trace& trace) {
  std::vector<std::string> found;
  for (const TraceStep& step : trace.steps()) found.push_back(step.text);
  return found;
}

TEST(Trace, keeps_steps_in_the_order_of_time_whenever_they_are_told) {
  Trace trace;
  trace.add_at(trace.begun() + milliseconds(20), StepKind::upstream, "late");
  trace.add_at(trace.begun() + milliseconds(5), StepKind::upstream, "early");
  trace.add_at(trace.begun() + milliseconds(20), StepKind::reply, "last");
  EXPECT_THAT(texts(trace), ElementsAre("early", "late", "last"));
  EXPECT_EQ(trace.steps()[1].at, milliseconds(20));
}

TEST(Trace, puts_what_was_before_the_query_at_its_beginning) {
  Trace trace;
  trace.add_at(trace.begun() - seconds(1), StepKind::cache, "before");
  EXPECT_EQ(trace.steps().at(0).at, Duration::zero());
}

TEST(Trace, tells_the_same_thing_once) {
  Trace trace;
  trace.add(StepKind::cache, "nothing");
  trace.add(StepKind::cache, "nothing");
  trace.add(StepKind::local, "nothing");
  EXPECT_EQ(trace.steps().size(), 2u);
}

TEST(Trace, counts_what_is_too_much_and_keeps_the_reply) {
  Trace trace;
  for (std::size_t i = 0; i < Trace::most_steps + 3; ++i) trace.add(StepKind::dns64, std::to_string(i));
  trace.add(StepKind::reply, "reply");
  EXPECT_EQ(trace.steps().size(), Trace::most_steps + 1);
  EXPECT_EQ(trace.left_out(), 3u);
  EXPECT_EQ(texts(trace).back(), "reply");
}

TEST(Trace, keeps_facts_by_what_they_are) {
  const TraceFact number("left_s", std::uint32_t{4000000000u}), yes("joined", true), text("name", "v4.test.");
  EXPECT_EQ(std::get<std::int64_t>(number.value), 4000000000);
  EXPECT_TRUE(std::get<bool>(yes.value));
  EXPECT_EQ(std::get<std::string>(text.value), "v4.test.");
  EXPECT_EQ(std::get<std::vector<std::string>>(TraceFact("clients", std::vector<std::string>{"::/0"}).value).size(),
            1u);
}

TEST(Trace, gives_time_for_people_and_for_programs) {
  EXPECT_EQ(milliseconds_text(std::chrono::microseconds(23449)), "23.4 ms");
  EXPECT_DOUBLE_EQ(in_milliseconds(std::chrono::nanoseconds(23449260)), 23.4493);
  EXPECT_EQ(to_text(StepKind::admission), "admission");
  EXPECT_EQ(to_text(StepKind::reply), "reply");
}

}  // namespace
}  // namespace dragoman::resolve
