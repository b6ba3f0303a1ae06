// What counting costs: the touches of one query on the hot path, each kind of cell alone, and a whole scrape.
// The promise is 5 ns a query.
#include <benchmark/benchmark.h>

#include <array>
#include <memory>
#include <vector>

#include "dragoman/resolve/metrics.h"
#include "dragoman/telemetry/exposition.h"

namespace {

using namespace dragoman;
using std::chrono::nanoseconds;

// Durations from a cache hit to a slow upstream, so that the branches of observe() are not always the same.
constexpr std::array<nanoseconds, 8> durations{nanoseconds(6'000),  nanoseconds(9'000),     nanoseconds(12'000),
                                               nanoseconds(70'000), nanoseconds(8'000),     nanoseconds(1'800'000),
                                               nanoseconds(7'000),  nanoseconds(23'000'000)};

void counter(benchmark::State& state) {
  telemetry::Counter cell;
  for (auto _ : state) {
    cell.add();
    benchmark::ClobberMemory();
  }
  benchmark::DoNotOptimize(cell.value());
}
BENCHMARK(counter);

void histogram(benchmark::State& state) {
  telemetry::Histogram cell;
  std::size_t turn = 0;
  for (auto _ : state) {
    cell.observe(durations[turn++ % durations.size()]);
    benchmark::ClobberMemory();
  }
}
BENCHMARK(histogram);

// A cache hit for a DNS64 client: what the resolver counts, with labels that the compiler cannot know.
void one_query(benchmark::State& state) {
  auto metrics = std::make_unique<resolve::Metrics>();
  std::size_t turn = 0;
  for (auto _ : state) {
    auto protocol = static_cast<resolve::Protocol>(turn % 4);
    auto family = static_cast<resolve::Family>(turn % 2);
    auto type = static_cast<resolve::QueryType>(turn % 3);
    benchmark::DoNotOptimize(protocol);
    benchmark::DoNotOptimize(family);
    benchmark::DoNotOptimize(type);
    metrics->requests(protocol, family, type).add();
    metrics->dnssec_ok.add();
    metrics->cache_hits(resolve::CacheHit::positive).add();
    metrics->dns64(resolve::Dns64Result::synthesized).add();
    metrics->responses(protocol, resolve::ReplyCode::noerror).add();
    metrics->duration(protocol, resolve::Source::cache).observe(durations[turn++ % durations.size()]);
    benchmark::ClobberMemory();
  }
}
BENCHMARK(one_query);

// The loop of one_query without the counting: what to take off.
void one_query_overhead(benchmark::State& state) {
  std::size_t turn = 0;
  for (auto _ : state) {
    auto protocol = static_cast<resolve::Protocol>(turn % 4);
    auto family = static_cast<resolve::Family>(turn % 2);
    auto type = static_cast<resolve::QueryType>(turn % 3);
    benchmark::DoNotOptimize(protocol);
    benchmark::DoNotOptimize(family);
    benchmark::DoNotOptimize(type);
    benchmark::DoNotOptimize(durations[turn++ % durations.size()]);
    benchmark::ClobberMemory();
  }
}
BENCHMARK(one_query_overhead);

// The resolver's metrics of eight workers, merged and written.
void scrape(benchmark::State& state) {
  const auto format = static_cast<telemetry::Format>(state.range(0));
  std::vector<std::unique_ptr<resolve::Metrics>> workers;
  telemetry::Catalogue catalogue;
  for (int i = 0; i < 8; ++i) catalogue.add(workers.emplace_back(std::make_unique<resolve::Metrics>()).get());
  for (auto _ : state) benchmark::DoNotOptimize(telemetry::write(catalogue.Collect(), format));
}
BENCHMARK(scrape)->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond);

}  // namespace
