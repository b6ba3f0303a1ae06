// What a query costs between the socket and the socket when its answer is known: reading, finding, writing.
#include <benchmark/benchmark.h>

#include <cstdlib>

#include "dragoman/resolve/metrics.h"
#include "dragoman/resolve/resolver.h"
#include "fakes/fake_upstream.h"

namespace dragoman::resolve {
namespace {

class NoTarget final : public ReplyTarget {
 public:
  void deliver(std::uint64_t, Bytes, const ReplyFacts&) override {}
};

struct Bench {
  net::EventLoop loop;
  cache::AnswerCache cache{cache::Options{.size = 64 << 20}};
  fakes::FakeUpstream upstream;
  Metrics metrics;
  std::unique_ptr<Resolver> resolver;
  NoTarget target;
  std::vector<std::uint8_t> room = std::vector<std::uint8_t>(dns::max_message_length);
  std::vector<std::uint8_t> query = std::vector<std::uint8_t>(512);

  Bench(dns::Type type, bool edns) {
    auto settings = std::make_shared<Settings>();
    settings->acl = make_acl({});
    settings->local.add_empty_below(*dns::Name::from_text("metric.gstatic.com"));
    settings->special = SpecialNames(SpecialNamesOptions());
    dns64::Policy policy;
    policy.mappings = {{.prefixes = {ip::Pref64()}}};
    policy.exclude_aaaa = dns64::default_exclude_aaaa();
    settings->dns64.policies = {policy};
    resolver = std::make_unique<Resolver>(loop, cache, upstream, settings, metrics);
    upstream.answer("www.site000123.bench.example.", dns::Type::a,
                    {"www.site000123.bench.example. 86400 A 198.18.0.123"});
    upstream.answer("www.site000123.bench.example.", dns::Type::aaaa,
                    {"!bench.example. 86400 SOA ns.bench.example. hostmaster.bench.example. 1 3600 600 604800 86400"});
    dns::MessageWriter writer(query);
    writer.question(*dns::Name::from_text("www.site000123.bench.example"), type, dns::Class::in);
    dns::Header header;
    header.flags = dns::Header::rd;
    const dns::EdnsReply opt;
    query.resize(writer.finish(header, edns ? &opt : nullptr).size());
    ask();
  }
  HandleResult ask() {
    return resolver->handle({query, {ip::Address(ip::Ipv4Octets{127, 0, 0, 1}), Protocol::udp}, 0}, target, 1, room);
  }
};

void hit(benchmark::State& state, dns::Type type, bool edns) {
  Bench bench(type, edns);
  if (bench.ask().handled != Handled::answered) std::abort();
  for (auto _ : state) benchmark::DoNotOptimize(bench.ask());
}

BENCHMARK_CAPTURE(hit, a, dns::Type::a, false);
BENCHMARK_CAPTURE(hit, a_with_edns, dns::Type::a, true);
BENCHMARK_CAPTURE(hit, aaaa_synthesized, dns::Type::aaaa, false);
BENCHMARK_CAPTURE(hit, aaaa_synthesized_with_edns, dns::Type::aaaa, true);

}  // namespace
}  // namespace dragoman::resolve
