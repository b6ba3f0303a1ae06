// What a packet costs in the NAT64 apart from the tables: reading its headers and translating them. Each iteration
// takes a packet as the device gave it; copying its headers back is part of what is measured, and is measured apart as
// well.
#include <benchmark/benchmark.h>

#include <cstring>
#include <vector>

#include "dragoman/base/bytes.h"
#include "dragoman/ip/checksum.h"
#include "translation.h"

namespace dragoman::nat64 {
namespace {

using Octets = std::vector<std::uint8_t>;

constexpr ip::Ipv6Octets client6{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
constexpr ip::Ipv6Octets server6{0x00, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, 198, 51, 100, 1};
constexpr ip::Ipv4Octets client4{192, 0, 2, 1};
constexpr ip::Ipv4Octets server4{198, 51, 100, 1};
constexpr Tuple4 outgoing4{client4, server4, 1024, 443};
constexpr Tuple6 outgoing6{server6, client6, 443, 40000};

Octets udp(std::size_t payload) {
  Octets datagram(8 + payload, 0x61);
  store_u16(&datagram[0], 40000);
  store_u16(&datagram[2], 443);
  store_u16(&datagram[4], static_cast<std::uint16_t>(datagram.size()));
  store_u16(&datagram[6], 0x1234);
  return datagram;
}

Octets tcp(std::size_t payload) {
  Octets segment(32 + payload, 0x61);
  store_u16(&segment[0], 40000);
  store_u16(&segment[2], 443);
  segment[12] = 0x80;
  segment[13] = 0x10;
  std::memset(&segment[20], 1, 12);
  return segment;
}

Octets ipv6(std::uint8_t protocol, const Octets& payload) {
  Octets packet(40);
  packet[0] = 0x60;
  store_u16(&packet[4], static_cast<std::uint16_t>(payload.size()));
  packet[6] = protocol;
  packet[7] = 64;
  std::memcpy(&packet[8], client6.data(), 16);
  std::memcpy(&packet[24], server6.data(), 16);
  packet.insert(packet.end(), payload.begin(), payload.end());
  return packet;
}

Octets ipv4(std::uint8_t protocol, const Octets& payload) {
  Octets packet(20);
  packet[0] = 0x45;
  store_u16(&packet[2], static_cast<std::uint16_t>(20 + payload.size()));
  packet[6] = 0x40;
  packet[8] = 64;
  packet[9] = protocol;
  std::memcpy(&packet[12], server4.data(), 4);
  std::memcpy(&packet[16], client4.data(), 4);
  ip::store_word(&packet[10], ip::checksum_of(ip::sum_words(packet.data(), 20)));
  packet.insert(packet.end(), payload.begin(), payload.end());
  return packet;
}

// A packet that is as it came again and again.
class Source {
 public:
  Source(Octets packet, const Offload& offload)
      : original_(std::move(packet)),
        memory_(Packet::headroom + original_.size() + Packet::tailroom),
        offload_(offload) {
    std::memcpy(data(), original_.data(), original_.size());
  }
  Packet next() {
    std::memcpy(data(), original_.data(), std::min<std::size_t>(original_.size(), 104));
    return {data(), original_.size(), offload_};
  }

 private:
  std::uint8_t* data() { return memory_.data() + Packet::headroom; }

  Octets original_;
  Octets memory_;
  Offload offload_;
};

constexpr Offload super_packet6{.flags = Offload::needs_checksum,
                                .kind = Offload::tcp6,
                                .header_size = 72,
                                .segment_size = 1428,
                                .checksum_start = 40,
                                .checksum_offset = 16};
constexpr Offload super_packet4{.flags = Offload::needs_checksum,
                                .kind = Offload::tcp4,
                                .header_size = 52,
                                .segment_size = 1428,
                                .checksum_start = 20,
                                .checksum_offset = 16};

void run_copy(benchmark::State& state) {
  Source source(ipv6(17, udp(16)), {});
  for (auto _ : state) benchmark::DoNotOptimize(source.next());
}

void run_six_to_four(benchmark::State& state, const Octets& octets, const Offload& offload) {
  Source source(octets, offload);
  const Options options;
  Identification identification(1);
  for (auto _ : state) {
    Packet packet = source.next();
    Ipv6Headers headers;
    Step step = read_ipv6(packet, headers);
    if (!step) step = six_to_four(packet, headers, outgoing4, identification, options);
    if (step) state.SkipWithError("refused");
    benchmark::DoNotOptimize(packet);
    benchmark::ClobberMemory();
  }
}

void run_four_to_six(benchmark::State& state, const Octets& octets, const Offload& offload) {
  Source source(octets, offload);
  const Options options;
  for (auto _ : state) {
    Packet packet = source.next();
    Ipv4Headers headers;
    Step step = read_ipv4(packet, headers);
    if (!step) step = four_to_six(packet, headers, outgoing6, options);
    if (step) state.SkipWithError("refused");
    benchmark::DoNotOptimize(packet);
    benchmark::ClobberMemory();
  }
}

// What IPv6 asks of a datagram that has no checksum, and of software segmentation.
void run_checksum(benchmark::State& state) {
  const Octets octets(static_cast<std::size_t>(state.range(0)), 0x61);
  for (auto _ : state) benchmark::DoNotOptimize(ip::checksum_of(ip::sum_words(octets.data(), octets.size())));
}

BENCHMARK(run_copy);
BENCHMARK(run_checksum)->Arg(64)->Arg(1400);
BENCHMARK_CAPTURE(run_six_to_four, udp_64, ipv6(17, udp(16)), Offload{});
BENCHMARK_CAPTURE(run_four_to_six, udp_64, ipv4(17, udp(36)), Offload{});
BENCHMARK_CAPTURE(run_six_to_four, tcp_1500, ipv6(6, tcp(1428)), Offload{});
BENCHMARK_CAPTURE(run_four_to_six, tcp_1480, ipv4(6, tcp(1428)), Offload{});
BENCHMARK_CAPTURE(run_six_to_four, tcp_super_60k, ipv6(6, tcp(60000)), super_packet6);
BENCHMARK_CAPTURE(run_four_to_six, tcp_super_60k, ipv4(6, tcp(60000)), super_packet4);

}  // namespace
}  // namespace dragoman::nat64
