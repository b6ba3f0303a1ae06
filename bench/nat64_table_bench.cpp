// What the tables of the NAT64 cost: new sessions and packets of old ones a second, one worker; octets of memory for a
// session with a binding of its own; and the longest single call while a million sessions come and go. Ten thousand
// subscribers have a hundred sessions each, every one from a port of its own, which is the dearest there is.
#include <benchmark/benchmark.h>

#include <time.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <numeric>
#include <random>
#include <vector>

#include "dragoman/base/bytes.h"
#include "dragoman/nat64/translator.h"
#include "fakes/packets.h"

namespace dragoman::nat64 {
namespace {

using fakes::Octets;
using std::chrono::microseconds;

constexpr std::uint32_t million = 1'000'000, sessions_of_a_subscriber = 100;

Options bench_options() {
  Options options;
  options.prefixes = {ip::Pref64()};
  options.pool4 = {{{198, 18, 0, 0}, {198, 18, 0, 63}, 1024, 65535, false}};
  options.max_sessions = 4 * million;
  return options;
}

std::size_t resident_octets() {
  long pages = 0, resident = 0;
  std::FILE* file = std::fopen("/proc/self/statm", "r");
  if (file == nullptr) return 0;
  const int found = std::fscanf(file, "%ld %ld", &pages, &resident);
  std::fclose(file);
  return found == 2 ? static_cast<std::size_t>(resident) * 4096 : 0;
}

// This thread's own time: what others make it wait does not count.
std::chrono::nanoseconds own_time() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

// The time of single calls.
class Pauses {
 public:
  template <class Call>
  void time(Call call) {
    const auto begin = own_time();
    call();
    const auto elapsed = own_time() - begin;
    longest_ = std::max(longest_, elapsed);
    long_ones_ += elapsed > microseconds(100) ? 1 : 0;
  }
  void report(benchmark::State& state) const {
    state.counters["longest_us"] = static_cast<double>(longest_.count()) / 1000;
    state.counters["over_100us"] = static_cast<double>(long_ones_);
  }

 private:
  std::chrono::nanoseconds longest_{0};
  std::size_t long_ones_ = 0;
};

// One worker and its packets, which are made in the same room one after the other.
class Worker final : public Output {
 public:
  Worker() {
    const ip::Endpoint inside = fakes::endpoint("[2001:db8::1]:5000"), remote = fakes::endpoint("203.0.113.1:443");
    const ip::Endpoint synthesized{ip::Address(ip::Pref64().embed(remote.address.v4())), remote.port};
    datagram6_ = fakes::udp(inside, synthesized, "");
    datagram4_ = fakes::udp(remote, fakes::endpoint("198.18.0.0:1024"), "");
  }

  // The packet of a session, by its number.
  void pass_out(std::uint32_t session) {
    store_u32(&datagram6_[8 + 4], session / sessions_of_a_subscriber);
    store_u16(&datagram6_[40], static_cast<std::uint16_t>(1024 + session % sessions_of_a_subscriber));
    translate(datagram6_);
  }
  // The answer to what left from here: T and t, and the sum of the IPv4 header.
  struct Outside {
    std::uint32_t address = 0;
    std::uint16_t port = 0;
    std::uint16_t checksum = 0;
  };
  Outside last_outside() const { return last_; }
  void pass_in(const Outside& outside) {
    store_u32(&datagram4_[16], outside.address);
    store_u16(&datagram4_[22], outside.port);
    store_u16(&datagram4_[10], outside.checksum);
    translate(datagram4_);
  }
  static std::uint16_t checksum_to(std::uint32_t address, Octets datagram) {
    store_u32(&datagram[16], address);
    fakes::detail::refresh_ipv4_checksum(datagram);
    return load_u16(&datagram[10]);
  }
  Outside answer_to_last() const { return {last_.address, last_.port, checksum_to(last_.address, datagram4_)}; }

  void fill(std::uint32_t sessions) {
    for (std::uint32_t session = 0; session < sessions; ++session) pass_out(session);
  }
  bool expire() { return translator->expire(now, *this); }

  void send(Packet& packet) override {
    ++sent;
    if (packet.data[0] >> 4 == 4) last_ = {load_u32(packet.data + 12), load_u16(packet.data + 20), 0};
  }
  bool hand_off(unsigned, const Packet&, HandOff) override { return false; }
  void note(const BindingEvent&) override {}

  std::shared_ptr<const Options> options = std::make_shared<const Options>(bench_options());
  PortPool pool{*options, {}};
  SessionBudget budget{options->max_sessions};
  TimePoint now{seconds(1000)};
  std::unique_ptr<Translator> translator =
      std::make_unique<Translator>(Translator::Place{}, options, Translator::Shared{pool, budget}, 4711, now);
  std::uint64_t sent = 0;

 private:
  void translate(const Octets& octets) {
    std::copy(octets.begin(), octets.end(), room_.begin() + Packet::headroom);
    Packet packet{room_.data() + Packet::headroom, octets.size(), {}};
    translator->translate(packet, Translator::Arrival::device, now, *this);
  }

  Octets datagram6_, datagram4_;
  Octets room_ = Octets(Packet::headroom + 1500 + Packet::tailroom);
  Outside last_;
};

// Goal: 200,000 a second, and 96 octets each.
void new_sessions(benchmark::State& state) {
  const auto count = static_cast<std::uint32_t>(state.range(0));
  for (auto _ : state) {
    state.PauseTiming();
    const std::size_t before = resident_octets();
    auto worker = std::make_unique<Worker>();
    state.ResumeTiming();
    worker->fill(count);
    state.PauseTiming();
    if (worker->sent != count) state.SkipWithError("not every packet left");
    state.counters["octets_each"] = static_cast<double>(worker->translator->memory()) / count;
    state.counters["resident_each"] = static_cast<double>(resident_octets() - before) / count;
    worker.reset();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * count);
}
BENCHMARK(new_sessions)->Arg(100'000)->Arg(million)->Unit(benchmark::kMillisecond);

// Goal: no call over a millisecond.
void longest_call_while_sessions_begin(benchmark::State& state) {
  for (auto _ : state) {
    Worker worker;
    Pauses pauses;
    for (std::uint32_t session = 0; session < million; ++session) pauses.time([&] { worker.pass_out(session); });
    pauses.report(state);
  }
}
BENCHMARK(longest_call_while_sessions_begin)->Iterations(1)->Unit(benchmark::kMillisecond);

void longest_call_while_a_million_end_at_once(benchmark::State& state) {
  for (auto _ : state) {
    state.PauseTiming();
    Worker worker;
    worker.fill(million);
    worker.now += seconds(301);
    Pauses pauses;
    state.ResumeTiming();
    bool more = true;
    std::uint64_t calls = 0;
    for (; more; ++calls) pauses.time([&] { more = worker.expire(); });
    pauses.report(state);
    state.counters["calls"] = static_cast<double>(calls);
    if (worker.translator->metrics().sessions(Protocol::udp).value() != 0) state.SkipWithError("some are left");
  }
  state.SetItemsProcessed(state.iterations() * million);
}
BENCHMARK(longest_call_while_a_million_end_at_once)->Iterations(1)->Unit(benchmark::kMillisecond);

std::vector<std::uint32_t> in_any_order(std::uint32_t count) {
  std::vector<std::uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0);
  std::shuffle(order.begin(), order.end(), std::mt19937(1));
  return order;
}

// Of sessions in no order, so that few of them are in a cache.
void packets_from_ipv6(benchmark::State& state) {
  const auto count = static_cast<std::uint32_t>(state.range(0));
  Worker worker;
  worker.fill(count);
  const std::vector<std::uint32_t> order = in_any_order(count);
  std::size_t at = 0;
  for (auto _ : state) {
    worker.pass_out(order[at]);
    at = at + 1 == order.size() ? 0 : at + 1;
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(packets_from_ipv6)->Arg(100)->Arg(million);

void packets_from_ipv4(benchmark::State& state) {
  const auto count = static_cast<std::uint32_t>(state.range(0));
  Worker worker;
  std::vector<Worker::Outside> answers;
  for (const std::uint32_t session : in_any_order(count)) {
    worker.pass_out(session);
    answers.push_back(worker.answer_to_last());
  }
  std::shuffle(answers.begin(), answers.end(), std::mt19937(2));
  std::size_t at = 0;
  for (auto _ : state) {
    worker.pass_in(answers[at]);
    at = at + 1 == answers.size() ? 0 : at + 1;
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(packets_from_ipv4)->Arg(100)->Arg(million);

// What whoever has no port costs, since all of its packets ask for one.
void packets_when_the_pool_is_exhausted(benchmark::State& state) {
  Options options = bench_options();
  options.pool4 = {{{198, 18, 0, 0}, {198, 18, 15, 255}, 1024, 2047, false}};
  options.icmp.errors = false;
  Worker worker;
  worker.options = std::make_shared<const Options>(options);
  PortPool pool(options, {});
  worker.translator = std::make_unique<Translator>(Translator::Place{}, worker.options,
                                                   Translator::Shared{pool, worker.budget}, 4711, worker.now);
  std::uint32_t session = 0;
  for (; pool.usage().taken < pool.usage().blocks; session += 1000 * sessions_of_a_subscriber) {
    for (std::uint32_t i = 0; i < 1000; ++i) worker.pass_out(session + i * sessions_of_a_subscriber);
  }
  const std::uint64_t before = worker.sent;
  for (auto _ : state) worker.pass_out(session += sessions_of_a_subscriber);
  if (worker.sent != before) state.SkipWithError("there was a port");
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(packets_when_the_pool_is_exhausted);

}  // namespace
}  // namespace dragoman::nat64
