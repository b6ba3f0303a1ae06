// What it costs to know that something does not exist: a hash of NSEC3, a proof, and an answer from remembered denials
// of a large zone (RFC 8198).
#include <benchmark/benchmark.h>

#include <cstdio>
#include <set>
#include <string>

#include "denial.h"
#include "dragoman/dnssec/denial_cache.h"
#include "unit/dnssec/denial_samples.h"

namespace dragoman::dnssec {
namespace {

constexpr int names = 10000;
const Types host_types = {dns::Type::a, dns::Type::rrsig, dns::Type::nsec};
const Types apex_types = {dns::Type::soa, dns::Type::ns, dns::Type::rrsig};

std::string host(int number) {
  char text[64];
  std::snprintf(text, sizeof text, "host%06d.bench.example", number);
  return text;
}

// The apex and every other host.
std::vector<Rrset> nsec_chain() {
  std::vector<Rrset> all{soa("bench.example")};
  for (int number = 0; number < names; ++number) {
    const dns::Name next = name(number + 1 < names ? host(number * 2 + 2) : "bench.example");
    all.push_back(nsec(name(host(number * 2)), next, host_types));
  }
  all.push_back(nsec(name("bench.example"), name(host(0)), apex_types));
  return all;
}

std::vector<Rrset> nsec3_chain(std::uint16_t iterations) {
  std::vector<Rrset> all{soa("bench.example")};
  std::set<Nsec3Hash> hashes;
  const Nsec3Hash apex = *nsec3_hash(name("bench.example"), {}, iterations);
  hashes.insert(apex);
  for (int number = 0; number < names; ++number) hashes.insert(*nsec3_hash(name(host(number * 2)), {}, iterations));
  for (auto hash = hashes.begin(); hash != hashes.end(); ++hash) {
    const Nsec3Hash& next = std::next(hash) == hashes.end() ? *hashes.begin() : *std::next(hash);
    const Nsec3Fields fields{
        1, 0, iterations, {}, Octets(next.begin(), next.end()), *hash == apex ? apex_types : host_types};
    all.push_back(nsec3(name(base32hex(*hash) + ".bench.example"), fields));
  }
  return all;
}

void hash(benchmark::State& state) {
  const dns::Name asked = name("www.bench.example");
  const Octets salt(8, 0xAB);
  const auto iterations = static_cast<std::uint16_t>(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(nsec3_hash(asked, salt, iterations));
}
BENCHMARK(hash)->Arg(0)->Arg(50)->Arg(500);

void find(benchmark::State& state, const std::vector<Rrset>& chain, std::string_view zone) {
  DenialCache cache({.bytes = 64u << 20});
  teach(cache, zone, chain);
  std::vector<dns::Name> missing;
  for (int number = 0; number < 1024; ++number) missing.push_back(name(host(number * 18 + 1)));
  std::array<std::uint8_t, 4096> memory;
  std::size_t at = 0;
  for (auto _ : state) {
    const dns::Name& asked = missing[at++ % missing.size()];
    dns::MessageWriter writer(memory);
    writer.question(asked, dns::Type::a, dns::Class::in);
    benchmark::DoNotOptimize(cache.find({asked, dns::Type::a, dns::Class::in}, true, start, writer));
  }
  state.counters["answered"] = cache.stats().nxdomain == static_cast<std::uint64_t>(state.iterations());
}
BENCHMARK_CAPTURE(find, nsec, nsec_chain(), "bench.example");
BENCHMARK_CAPTURE(find, nsec3, nsec3_chain(0), "bench.example");
BENCHMARK_CAPTURE(find, nsec3_10_iterations, nsec3_chain(10), "bench.example");
BENCHMARK_CAPTURE(find, nothing_known, {nsec("other. other. SOA NS")}, "other");

void prove(benchmark::State& state, const std::vector<Rrset>& chain) {
  DenialCache cache({.bytes = 64u << 20});
  teach(cache, "bench.example", chain);
  const dns::Name zone = name("bench.example"), asked = name(host(1001));
  Octets memory(4096);
  dns::MessageWriter writer(memory);
  writer.question(asked, dns::Type::a, dns::Class::in);
  cache.find({asked, dns::Type::a, dns::Class::in}, true, start, writer);
  dns::MessageView message;
  dns::MessageView::parse(writer.finish({}), message);
  const std::vector<Rrset> rrsets = *rrsets_of(message, 8);
  std::vector<const Rrset*> records;
  for (const Rrset& rrset : rrsets) records.push_back(&rrset);
  for (auto _ : state) {
    Budget budget{Limits{}};
    Denial denial(zone, records, budget);
    if (denial.nxdomain(asked) != Reason::none) state.SkipWithError("not proven");
  }
}
BENCHMARK_CAPTURE(prove, nsec, nsec_chain());
BENCHMARK_CAPTURE(prove, nsec3, nsec3_chain(0));

}  // namespace
}  // namespace dragoman::dnssec
