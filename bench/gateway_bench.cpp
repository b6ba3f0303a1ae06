// The binding log: what noting an event costs a worker, what writing one costs the writer, and reading a line back.
#include <benchmark/benchmark.h>

#include <memory>
#include <string>

#include "binding_encoder.h"
#include "binding_writer.h"
#include "dragoman/gateway/binding_history.h"
#include "dragoman/gateway/binding_log.h"

namespace {

using namespace dragoman;
using namespace dragoman::gateway;

nat64::BindingEvent block() {
  nat64::BindingEvent event;
  event.subscriber = {0x20, 0x01, 0x0d, 0xb8, 0, 1, 0x23, 0};
  event.address = {198, 51, 100, 101};
  event.first_port = 31024;
  event.last_port = 31279;
  return event;
}

nat64::BindingEvent session() {
  nat64::BindingEvent event = block();
  event.kind = nat64::BindingEvent::Kind::session_created;
  event.subscriber = {0x20, 0x01, 0x0d, 0xb8, 0, 1, 0x23, 0, 0x50, 0x54, 0, 0xff, 0xfe, 0x12, 0x34, 0x56};
  event.inside_port = 40000;
  event.last_port = event.first_port;
  return event;
}

// The clock and the ring, which is emptied at one store a lap.
void note(benchmark::State& state) {
  Producer producer(65536);
  const nat64::BindingEvent event = session();
  for (auto _ : state) {
    if (producer.ring.push({wall_now(), event})) continue;
    producer.ring.pop(producer.ring.capacity());
  }
}
BENCHMARK(note);

// The clock alone: most of it.
void clock_alone(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(wall_now());
}
BENCHMARK(clock_alone);

// With the writer's thread beside, which writes to /dev/null; faster than it can follow, so most are counted as lost.
void note_in_a_flood(benchmark::State& state) {
  BindingLogOptions options;
  options.targets = {{BindingFormat::json, "/dev/null"}};
  const auto log = BindingLog::open(options, 1, {});
  const nat64::BindingEvent event = session();
  std::int64_t noted = 0;
  for (auto _ : state) noted += (*log)->note(0, event) ? 1 : 0;
  state.counters["noted"] = benchmark::Counter(static_cast<double>(noted), benchmark::Counter::kIsRate);
}
BENCHMARK(note_in_a_flood);

// One event by one encoder into a backlog.
void encode(benchmark::State& state, BindingFormat format, const nat64::BindingEvent& event) {
  const Writer writer{"nat1", 71, wall_now(), {}};
  const auto encoder = make_encoder(format, 1232, writer);
  Backlog backlog(1 << 20);
  const StampedEvent stamped{wall_now(), event};
  std::size_t octets = 0;
  for (auto _ : state) {
    encoder->event(stamped, backlog);
    while (!backlog.is_empty()) {
      octets += backlog.units().front().length;
      backlog.pop();
    }
  }
  state.counters["octets"] = static_cast<double>(octets) / static_cast<double>(state.iterations());
}
BENCHMARK_CAPTURE(encode, json_block, BindingFormat::json, block());
BENCHMARK_CAPTURE(encode, json_session, BindingFormat::json, session());
BENCHMARK_CAPTURE(encode, syslog_block, BindingFormat::syslog, block());
BENCHMARK_CAPTURE(encode, syslog_session, BindingFormat::syslog, session());
BENCHMARK_CAPTURE(encode, ipfix_block, BindingFormat::ipfix, block());
BENCHMARK_CAPTURE(encode, ipfix_session, BindingFormat::ipfix, session());

// A line that is about another address, and one that is about the one in question.
void read_back(benchmark::State& state, const char* address) {
  const Writer writer{"nat1", 71, wall_now(), {}};
  const auto encoder = make_encoder(BindingFormat::json, 0, writer);
  Backlog backlog(1 << 20);
  for (int i = 0; i < 1000; ++i) encoder->event({wall_now(), block()}, backlog);
  const Bytes octets = backlog.octets();
  const std::string text(octets.begin(), octets.end());
  BindingHistory history({ip::Address::from_text(address)->v4(), 1, {}, wall_now(), wall_now()});
  for (auto _ : state) history.read(text);
  state.SetItemsProcessed(state.iterations() * 1000);
}
BENCHMARK_CAPTURE(read_back, another, "198.51.100.1");
BENCHMARK_CAPTURE(read_back, the_one, "198.51.100.101");

}  // namespace
