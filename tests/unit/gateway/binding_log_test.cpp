// The whole log with its thread: what threads noted is in the log or counted, and noting never waits.
#include "dragoman/gateway/binding_log.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "binding_samples.h"
#include "dragoman/net/socket.h"
#include "dragoman/telemetry/exposition.h"
#include "fakes/temporary_directory.h"

namespace dragoman::gateway {
namespace {

class BindingLogs : public testing::Test {
 protected:
  std::unique_ptr<BindingLog> open(std::vector<BindingTarget> targets, std::uint32_t queue_size,
                                   unsigned producers = 1) {
    BindingLogOptions options;
    options.targets = std::move(targets);
    options.queue_size = queue_size;
    options.host = "nat1";
    auto log = BindingLog::open(options, producers, samples::pool());
    EXPECT_TRUE(log);
    return *std::move(log);
  }
  std::vector<std::string> lines() {
    std::vector<std::string> all;
    std::ifstream stream(path);
    for (std::string line; std::getline(stream, line);) all.push_back(line);
    return all;
  }
  // The sum of what lines with this event say, or their number.
  std::uint64_t sum(const std::string& event) {
    std::uint64_t total = 0;
    for (const std::string& line : lines()) {
      if (line.find("\"event\":\"" + event + "\"") == std::string::npos) continue;
      const std::size_t at = line.find("\"lost\":");
      total += at == std::string::npos ? 1 : std::stoull(line.substr(at + 7));
    }
    return total;
  }
  BindingTarget file() { return {BindingFormat::json, path}; }

  test::TemporaryDirectory directory;
  const std::string path = directory.path("bindings.jsonl");
};

const nat64::BindingEvent block = samples::block().event;

TEST_F(BindingLogs, have_every_event_between_start_and_stop) {
  {
    const auto log = open({file()}, 1024);
    for (int i = 0; i < 100; ++i) EXPECT_TRUE(log->note(0, block));
  }
  const auto all = lines();
  ASSERT_EQ(all.size(), 1u + 3 + 100 + 1);
  EXPECT_NE(all.front().find("\"event\":\"started\",\"host\":\"nat1\""), std::string::npos);
  EXPECT_NE(all.back().find("\"event\":\"stopped\""), std::string::npos);
}

TEST_F(BindingLogs, stamp_events_with_the_time_of_the_clock) {
  const WallTime before = wall_now();
  {
    const auto log = open({file()}, 16);
    log->note(0, block);
  }
  const WallTime after = wall_now();
  const std::string line = lines().at(4);
  const auto stamp = wall_time_from_text(line.substr(9, timestamp_length));
  ASSERT_TRUE(stamp) << line;
  EXPECT_GE(*stamp, before);
  EXPECT_LE(*stamp, after);
}

// Three producers as fast as they can, with queues that overflow: whatever is not in the log is told to be missing.
TEST_F(BindingLogs, account_for_every_event_of_every_thread) {
  constexpr std::uint64_t each = 100000;
  std::atomic<std::uint64_t> refused{0};
  std::uint64_t counted = 0;
  {
    const auto log = open({file()}, 512, 3);
    std::vector<std::thread> threads;
    for (unsigned producer = 0; producer < 3; ++producer) {
      threads.emplace_back([&, producer] {
        std::uint64_t failed = 0;
        for (std::uint64_t i = 0; i < each; ++i) failed += log->note(producer, block) ? 0 : 1;
        refused += failed;
      });
    }
    for (std::thread& thread : threads) thread.join();
    counted = 3 * each - refused;
  }
  EXPECT_GT(refused, 0u);
  EXPECT_EQ(sum("block_allocated"), counted);
  EXPECT_EQ(sum("lost"), refused);
}

// A pipe that nobody empties, a collector that nobody runs, a socket that nobody made, a full disk: all at once.
TEST_F(BindingLogs, never_wait_for_a_target) {
  const std::string pipe = directory.path("pipe");
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const net::UniqueFd reader(::open(pipe.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  ip::Endpoint nobody;
  {
    const net::UniqueFd closed = *net::bind_udp({*ip::Address::from_text("127.0.0.1"), 0});
    nobody = net::local_endpoint(closed.get());
  }
  constexpr std::uint64_t count = 60000;  // more than the stuck ones keep
  {
    const auto log = open({{BindingFormat::json, pipe},
                           {BindingFormat::ipfix, "udp://" + nobody.to_text()},
                           {BindingFormat::syslog, "unix://" + directory.path("nobody")},
                           {BindingFormat::json, "/dev/full"},
                           file()},
                          1 << 16);
    std::uint64_t refused = 0;
    for (std::uint64_t i = 0; i < count; ++i) refused += log->note(0, block) ? 0 : 1;
    EXPECT_EQ(refused, 0u);
    // The one that works does not suffer from the others.
    const auto& targets = log->metrics().targets;
    while (targets.back()->events.value() < count) std::this_thread::yield();
    for (std::size_t i = 0; i < 4; ++i) EXPECT_LT(targets[i]->events.value(), count) << targets[i]->target.target;
    EXPECT_GT(targets[0]->lost(BindingLoss::unwritable).value(), 0u);
    EXPECT_GT(targets[2]->lost(BindingLoss::unwritable).value(), 0u);
    EXPECT_GT(targets[3]->lost(BindingLoss::unwritable).value(), 0u);
  }
  EXPECT_EQ(sum("block_allocated"), count);
  EXPECT_EQ(sum("lost"), 0u);
}

TEST_F(BindingLogs, open_their_files_again_when_they_are_told) {
  {
    const auto log = open({file()}, 1024);
    while (lines().size() < 4) std::this_thread::yield();
    std::filesystem::rename(path, path + ".1");
    log->reopen();
    while (!std::filesystem::exists(path)) std::this_thread::yield();
    log->note(0, block);
  }
  EXPECT_EQ(lines().size(), 2u);
}

TEST_F(BindingLogs, tell_of_a_reload) {
  {
    const auto log = open({file()}, 1024);
    log->apply(samples::pool());
    while (sum("changed") == 0) std::this_thread::yield();
  }
  EXPECT_EQ(sum("pool"), 2u * 2);
}

TEST_F(BindingLogs, are_refused_when_a_file_cannot_be_opened) {
  BindingLogOptions options;
  options.targets = {{BindingFormat::json, directory.path("missing/log")}};
  EXPECT_FALSE(BindingLog::open(options, 1, {}));
}

TEST_F(BindingLogs, show_their_counters) {
  const auto log = open({file()}, 16);
  log->note(0, block);
  while (log->metrics().targets.at(0)->events.value() == 0) std::this_thread::yield();
  telemetry::Catalogue catalogue;
  catalogue.add(&log->metrics());
  const std::string text = telemetry::write(catalogue.Collect(), telemetry::Format::text);
  const std::string labels = "{format=\"json\",target=\"" + path + "\"";
  EXPECT_NE(text.find("dragoman_nat64_log_events_total" + labels + "} 1\n"), std::string::npos) << text;
  EXPECT_NE(text.find("dragoman_nat64_log_lost_total" + labels + ",reason=\"queue_full\"} 0\n"), std::string::npos);
  EXPECT_NE(text.find("dragoman_nat64_log_up" + labels + "} 1\n"), std::string::npos);
}

}  // namespace
}  // namespace dragoman::gateway
