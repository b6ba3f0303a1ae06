// The merge of what producers noted, without threads.
#include "binding_writer.h"

#include <gtest/gtest.h>

#include <fstream>
#include <random>

#include "binding_samples.h"
#include "fakes/temporary_directory.h"

namespace dragoman::gateway {
namespace {

class Writers : public testing::Test {
 protected:
  void open(std::size_t producer_count, std::size_t queue_size, std::vector<std::string> files) {
    for (std::size_t i = 0; i < producer_count; ++i) producers.push_back(std::make_unique<Producer>(queue_size));
    Writer identity = samples::writer();
    for (const std::string& file : files) {
      identity.options.targets.push_back({BindingFormat::json, directory.path(file)});
    }
    auto opened = BindingWriter::open(std::move(identity), producers, samples::pool(), metrics);
    ASSERT_TRUE(opened);
    writer = *std::move(opened);
  }
  bool note(std::size_t producer, std::int64_t ms) {
    StampedEvent stamped = samples::block();
    stamped.time = samples::time + milliseconds(ms);
    stamped.event.first_port = static_cast<std::uint16_t>(producer);
    return producers[producer]->ring.push(stamped);
  }
  std::vector<std::string> lines(const std::string& file) {
    std::vector<std::string> all;
    std::ifstream stream(directory.path(file));
    for (std::string line; std::getline(stream, line);) all.push_back(line);
    return all;
  }
  // The times of lines about this event, without the date.
  std::vector<std::string> times(const std::string& file, const std::string& event) {
    std::vector<std::string> all;
    for (const std::string& line : lines(file)) {
      if (line.find("\"" + event + "\"") != std::string::npos) all.push_back(line.substr(20, 12));
    }
    return all;
  }
  Moment later(int ms) { return {samples::time + milliseconds(ms), TimePoint(seconds(100) + milliseconds(ms))}; }

  test::TemporaryDirectory directory;
  std::vector<std::unique_ptr<Producer>> producers;
  BindingLogMetrics metrics;
  std::unique_ptr<BindingWriter> writer;
};

TEST_F(Writers, tell_every_target_the_same) {
  open(1, 8, {"a", "b"});
  note(0, 1);
  EXPECT_EQ(writer->turn(later(50)), 1.0 / 8);
  writer->stop(later(60).wall);
  writer->turn(later(60));
  EXPECT_EQ(lines("a").size(), 1u + 3 + 1 + 1);  // started with pool, the event, stopped
  EXPECT_EQ(lines("a"), lines("b"));
  EXPECT_EQ(metrics.targets.at(0)->events.value(), 1u);
  EXPECT_EQ(metrics.targets.at(1)->events.value(), 1u);
}

TEST_F(Writers, put_the_events_of_all_producers_in_order) {
  open(3, 1024, {"log"});
  std::mt19937 random(3);
  std::array<std::int64_t, 3> clock{};
  std::size_t noted = 0;
  for (int i = 0; i < 2000; ++i) {
    const std::size_t producer = random() % 3;
    clock[producer] += random() % 5;
    noted += note(producer, clock[producer]) ? 1 : 0;
  }
  writer->turn(later(9000));
  const auto all = times("log", "block_allocated");
  EXPECT_EQ(all.size(), noted);
  EXPECT_TRUE(std::is_sorted(all.begin(), all.end()));
}

TEST_F(Writers, say_between_which_turns_queues_overflowed) {
  open(2, 2, {"log"});
  writer->turn(later(50));
  for (int i = 0; i < 5; ++i) {
    if (!note(1, 60)) producers[1]->lost.fetch_add(1);
  }
  EXPECT_EQ(writer->turn(later(100)), 1.0);
  writer->turn(later(150));
  EXPECT_EQ(metrics.targets.at(0)->lost(BindingLoss::queue_full).value(), 3u);
  EXPECT_EQ(lines("log").back(), R"({"time":"2026-11-27T22:31:00.223Z","event":"lost","lost":3,)"
                                 R"("since":"2026-11-27T22:31:00.173Z","reason":"queue_full"})");
}

TEST_F(Writers, tell_what_the_pool_is_after_a_reload) {
  open(1, 8, {"log"});
  nat64::Options other = samples::pool();
  other.pool4.pop_back();
  other.static_bindings.clear();
  writer->change(other, later(10).wall);
  writer->turn(later(10));
  EXPECT_EQ(times("log", "changed"), (std::vector<std::string>{"22:31:00.133"}));
  EXPECT_EQ(times("log", "pool").size(), 2u + 1);
}

TEST_F(Writers, follow_a_rotation_when_they_are_told) {
  open(1, 8, {"log"});
  writer->turn(later(50));
  std::filesystem::rename(directory.path("log"), directory.path("log.1"));
  writer->reopen();
  note(0, 60);
  writer->turn(later(100));
  EXPECT_EQ(lines("log").size(), 1u);
}

TEST_F(Writers, leave_nothing_behind_when_a_target_cannot_be_opened) {
  Writer identity = samples::writer();
  identity.options.targets = {{BindingFormat::json, directory.path("missing/log")}};
  const auto opened = BindingWriter::open(std::move(identity), producers, {}, metrics);
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().text().find("missing/log"), std::string::npos);
}

}  // namespace
}  // namespace dragoman::gateway
