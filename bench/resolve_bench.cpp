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

  ip::Ipv6Octets client{0x20, 0x01, 0x0d, 0xb8};
  std::uint32_t subscriber = 0;

  Bench(dns::Type type, bool edns, std::shared_ptr<nat64::ResolvedAddresses> resolved = {}) {
    auto settings = std::make_shared<Settings>();
    settings->acl = make_acl({{*ip::Prefix::from_text("127.0.0.0/8"), *ip::Prefix::from_text("2001:db8::/32")}, {}});
    settings->resolved = std::move(resolved);
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
  // One of 65536 subscribers, each in turn.
  HandleResult ask_as_the_next() {
    store_u32(client.data() + 4, ++subscriber * 40503 & 0xffff);
    return resolver->handle({query, {ip::Address(client), Protocol::udp}, 0}, target, 1, room);
  }
};

// With a NAT64 that wants to know who was answered with what, and without.
void hit_of_subscribers(benchmark::State& state, std::size_t memory) {
  Bench bench(dns::Type::aaaa, true,
              memory == 0 ? nullptr : std::make_shared<nat64::ResolvedAddresses>(memory, std::uint8_t{64}, 7));
  if (bench.ask_as_the_next().handled != Handled::answered) std::abort();
  for (auto _ : state) benchmark::DoNotOptimize(bench.ask_as_the_next());
}
BENCHMARK_CAPTURE(hit_of_subscribers, untold, 0);
BENCHMARK_CAPTURE(hit_of_subscribers, told_1MiB, 1 << 20);
BENCHMARK_CAPTURE(hit_of_subscribers, told_16MiB, 16 << 20);

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
