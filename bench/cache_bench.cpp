// What a cached name costs: time of a hit and of a store, and octets of resident memory per IPv4-only name, that is one
// AAAA denial with its SOA and one A answer.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <string>
#include <vector>

#include "dragoman/cache/answer_cache.h"
#include "dragoman/dns/answer.h"
#include "dragoman/dns/message_writer.h"

namespace dragoman::cache {
namespace {

constexpr TimePoint stored{seconds(1000)};

dns::Name site(int number) {
  char text[64];
  std::snprintf(text, sizeof text, "www.site%06d.bench.example.", number);
  return *dns::Name::from_text(text);
}

dns::Answer finish(const dns::MessageWriter& writer) { return dns::to_answer(dns::written_answer(writer, {})); }

dns::Answer address_of(dns::NameView name) {
  std::vector<std::uint8_t> octets(512);
  dns::MessageWriter writer(octets);
  writer.question(name, dns::Type::a, dns::Class::in);
  writer.record(dns::Section::answer, name, dns::Type::a, 3600, std::vector<std::uint8_t>{198, 18, 0, 1});
  return finish(writer);
}

dns::Answer denial_of(dns::NameView name) {
  static const dns::Name mname = *dns::Name::from_text("ns1.bench.example.");
  static const dns::Name rname = *dns::Name::from_text("hostmaster.bench.example.");
  std::vector<std::uint8_t> octets(512);
  dns::MessageWriter writer(octets);
  writer.question(name, dns::Type::aaaa, dns::Class::in);
  writer.begin_record(dns::Section::authority, name.parent().parent(), dns::Type::soa, dns::Class::in, 3600);
  writer.rdata_name(mname, true);
  writer.rdata_name(rname, true);
  for (std::uint32_t number : {2026112301u, 7200u, 3600u, 1209600u, 3600u}) writer.rdata_u32(number);
  writer.end_record();
  return finish(writer);
}

void store_name(AnswerCache& cache, int number) {
  const dns::Name name = site(number);
  const Key a{name, dns::Type::a}, aaaa{name, dns::Type::aaaa};
  cache.store(a, KeyHash(a), address_of(name).view(), stored);
  cache.store(aaaa, KeyHash(aaaa), denial_of(name).view(), stored);
}

std::size_t resident_octets() {
  std::size_t pages = 0;
  if (std::FILE* file = std::fopen("/proc/self/statm", "r")) {
    if (std::fscanf(file, "%*u %zu", &pages) != 1) pages = 0;
    std::fclose(file);
  }
  return pages * 4096;
}

void memory_per_name(benchmark::State& state) {
  const int names = static_cast<int>(state.range(0));
  for (auto _ : state) {
    const std::size_t before = resident_octets();
    AnswerCache cache{Options{}};
    for (int number = 0; number < names; ++number) store_name(cache, number);
    const std::size_t after = resident_octets();
    const Stats stats = cache.stats();
    state.counters["rss_per_name"] = static_cast<double>(after - before) / names;
    state.counters["entries_per_name"] = static_cast<double>(stats.bytes) / names;
    state.counters["index_per_name"] = static_cast<double>(stats.index_bytes) / names;
  }
}
BENCHMARK(memory_per_name)->Arg(100000)->Arg(150000)->Iterations(1)->Unit(benchmark::kMillisecond);

// A hit as the resolver makes it: the key is hashed, the TTLs are a few seconds old. Every thread asks for the same
// names, a few (hot in the processor's caches) or many.
void find_hit(benchmark::State& state) {
  static AnswerCache cache{Options{}};
  const int names = static_cast<int>(state.range(0));
  if (state.thread_index() == 0) {
    for (int number = 0; number < names; ++number) store_name(cache, number);
  }
  std::vector<dns::Name> asked;
  for (int number = 0; number < names; ++number) asked.push_back(site(number));
  std::vector<std::uint8_t> room(4096);
  std::size_t next = 0;
  for (auto _ : state) {
    const Key key{asked[next], dns::Type::a};
    benchmark::DoNotOptimize(cache.find(key, KeyHash(key), stored + seconds(5), room));
    next = next + 1 < asked.size() ? next + 1 : 0;
  }
}
BENCHMARK(find_hit)->Arg(1)->Arg(100)->Arg(100000);
BENCHMARK(find_hit)->Arg(1)->Arg(100)->Threads(2)->UseRealTime();

void find_miss(benchmark::State& state) {
  AnswerCache cache{Options{}};
  for (int number = 0; number < 100000; ++number) store_name(cache, number);
  const dns::Name name = site(999999);
  std::vector<std::uint8_t> room(4096);
  for (auto _ : state) {
    const Key key{name, dns::Type::a};
    benchmark::DoNotOptimize(cache.find(key, KeyHash(key), stored, room));
  }
}
BENCHMARK(find_miss);

// What a miss costs more, for the names above may be denied: four labels, none is.
void find_denial_miss(benchmark::State& state) {
  AnswerCache cache{Options{}};
  for (int number = 0; number < 100000; ++number) store_name(cache, number);
  const dns::Name name = site(999999);
  std::vector<std::uint8_t> room(4096);
  for (auto _ : state) benchmark::DoNotOptimize(cache.find_denial({name, dns::Type::a}, stored, room));
}
BENCHMARK(find_denial_miss);

void hash_of_a_key(benchmark::State& state) {
  const dns::Name name = site(123);
  for (auto _ : state) {
    const Key key{name, dns::Type::a};
    benchmark::DoNotOptimize(KeyHash(key).value());
  }
}
BENCHMARK(hash_of_a_key);

// Into a cache that is full: with eviction.
void store_new(benchmark::State& state) {
  AnswerCache cache{Options{.size = 16u << 20}};
  const dns::Answer answer = address_of(site(0));
  std::vector<dns::Name> names;
  for (int number = 0; number < 500000; ++number) names.push_back(site(number));
  std::size_t next = 0;
  for (auto _ : state) {
    const Key key{names[next], dns::Type::a};
    cache.store(key, KeyHash(key), answer.view(), stored);
    next = next + 1 < names.size() ? next + 1 : 0;
  }
}
BENCHMARK(store_new)->Iterations(2000000);

}  // namespace
}  // namespace dragoman::cache
