// What waits for a target, what is lost, and that the log tells it. The output is scripted, the time an argument.
#include "binding_target.h"

#include <gtest/gtest.h>

#include "binding_json.h"
#include "binding_samples.h"

namespace dragoman::gateway {
namespace {

// Takes everything, or nothing.
struct ScriptedOutput final : BindingOutput {
  explicit ScriptedOutput(std::vector<std::string>& where) : lines(where) {}

  Progress write(Backlog& backlog, BindingEncoder&, Moment) override {
    Progress progress = next;
    next = {};
    if (!trouble.empty()) {
      progress.trouble = trouble;
      return progress;
    }
    progress.events += backlog.events();
    progress.bytes += backlog.size();
    for (std::string& line : samples::units(backlog)) lines.push_back(std::move(line));
    return progress;
  }
  void reopen() override { ++reopened; }

  std::vector<std::string>& lines;
  std::string trouble;
  Progress next;
  int reopened = 0;
};

class Targets : public testing::Test {
 protected:
  void turn(milliseconds later = milliseconds(50)) {
    now.wall += later;
    now.steady += later;
    target.end_turn(now);
  }
  std::uint64_t lost(BindingLoss reason) { return metrics.lost(reason).value(); }
  // Events until one is lost; how many went in.
  int fill() {
    int count = 0;
    for (; lost(BindingLoss::unwritable) == 0; ++count) target.event(samples::block());
    return count - 1;
  }

  std::vector<std::string> lines;
  ScriptedOutput* output = new ScriptedOutput(lines);
  BindingTargetMetrics metrics{{BindingFormat::json, "/log"}};
  Writer writer = samples::writer();
  Target target{metrics, std::make_unique<JsonEncoder>(writer), std::unique_ptr<BindingOutput>(output)};
  Moment now{samples::time, TimePoint(seconds(100))};
};

TEST_F(Targets, get_every_event_in_order) {
  target.occasion(Occasion::started, samples::time, {});
  target.event(samples::block());
  target.event(samples::session());
  turn();
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_NE(lines[0].find("started"), std::string::npos);
  EXPECT_NE(lines[1].find("block_allocated"), std::string::npos);
  EXPECT_NE(lines[2].find("session_created"), std::string::npos);
  EXPECT_EQ(metrics.events.value(), 2u);
  EXPECT_EQ(metrics.bytes.value(), lines[0].size() + lines[1].size() + lines[2].size());
  EXPECT_TRUE(metrics.up.value());
}

TEST_F(Targets, keep_what_was_not_taken_and_lose_what_does_not_fit) {
  output->trouble = "No space left on device";
  const int fitted = fill();
  EXPECT_GT(fitted, 30000);  // 4 MiB of lines
  StampedEvent later = samples::block();
  later.time += seconds(7);
  target.event(later);
  EXPECT_EQ(lost(BindingLoss::unwritable), 2u);
  turn();
  turn();
  EXPECT_EQ(lines.size(), 0u);

  output->trouble.clear();
  turn();
  EXPECT_EQ(metrics.events.value(), static_cast<std::uint64_t>(fitted));
  turn();
  ASSERT_EQ(lines.size(), static_cast<std::size_t>(fitted) + 1);
  EXPECT_EQ(lines.back(), R"({"time":"2026-11-27T22:31:07.123Z","event":"lost","lost":2,)"
                          R"("since":"2026-11-27T22:31:00.123Z","reason":"unwritable"})"
                          "\n");
  target.event(samples::block());
  turn();
  EXPECT_EQ(lines.size(), static_cast<std::size_t>(fitted) + 2);
}

TEST_F(Targets, tell_what_the_queues_lost) {
  target.miss({3, samples::time - seconds(1), samples::time, BindingLoss::queue_full});
  target.miss({4, samples::time, samples::time + seconds(1), BindingLoss::queue_full});
  turn();
  EXPECT_EQ(lost(BindingLoss::queue_full), 7u);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0], R"({"time":"2026-11-27T22:31:01.123Z","event":"lost","lost":7,)"
                      R"("since":"2026-11-27T22:30:59.123Z","reason":"queue_full"})"
                      "\n");
}

TEST_F(Targets, tell_what_a_collector_refused_when_it_is_back) {
  output->next.refused = 5;
  output->next.refused_since = samples::time - seconds(2);
  output->trouble = "nobody listens";
  turn();
  turn();
  EXPECT_EQ(lost(BindingLoss::refused), 5u);
  EXPECT_TRUE(lines.empty());
  output->trouble.clear();
  turn();
  turn();
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_NE(lines[0].find(R"("lost":5,"since":"2026-11-27T22:30:58.123Z","reason":"refused")"), std::string::npos);
}

TEST_F(Targets, are_down_after_a_second_of_trouble) {
  output->trouble = "its reader does not keep up";
  turn();
  EXPECT_TRUE(metrics.up.value());
  turn(milliseconds(999));
  EXPECT_TRUE(metrics.up.value());
  turn(milliseconds(1));
  EXPECT_FALSE(metrics.up.value());
  output->trouble.clear();
  turn();
  EXPECT_TRUE(metrics.up.value());
}

TEST_F(Targets, are_worth_waiting_for_while_something_is_left_and_they_are_not_down) {
  EXPECT_FALSE(target.is_worth_waiting_for());
  output->trouble = "its reader does not keep up";
  target.event(samples::block());
  turn();
  EXPECT_TRUE(target.is_worth_waiting_for());
  turn(milliseconds(1000));
  EXPECT_FALSE(target.is_worth_waiting_for());
}

TEST_F(Targets, count_what_is_left_at_the_end) {
  output->trouble = "No space left on device";
  target.event(samples::block());
  target.event(samples::block());
  turn();
  target.close();
  EXPECT_EQ(lost(BindingLoss::unsent), 2u);
}

TEST_F(Targets, say_it_in_the_log_of_the_control_plane_now_and_then) {
  testing::internal::CaptureStderr();
  output->trouble = "No space left on device";
  for (int i = 0; i < 100; ++i) turn(milliseconds(250));  // 25 seconds
  target.miss({3, samples::time, samples::time, BindingLoss::queue_full});
  for (int i = 0; i < 100; ++i) turn(milliseconds(250));
  output->trouble.clear();
  turn();
  const std::string said = testing::internal::GetCapturedStderr();
  const auto count = [&](std::string_view word) {
    int found = 0;
    for (std::size_t at = 0; (at = said.find(word, at)) != std::string::npos; ++at) ++found;
    return found;
  };
  EXPECT_EQ(count("binding_log_down"), 2) << said;
  EXPECT_EQ(count("reason=\"No space left on device\" lost=0"), 1) << said;
  EXPECT_EQ(count("lost=3"), 1) << said;
  EXPECT_EQ(count("binding_log_up"), 1) << said;
}

TEST_F(Targets, pass_on_that_files_are_to_be_opened_again) {
  target.reopen();
  EXPECT_EQ(output->reopened, 1);
}

}  // namespace
}  // namespace dragoman::gateway
