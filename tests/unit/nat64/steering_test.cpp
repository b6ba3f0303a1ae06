// Who owns a packet: the hash, and that the program says of every packet what the rule says. The rule is written down
// here once more, as plainly as it can be.
#include "dragoman/nat64/steering.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <stdexcept>

#include "fakes/bpf_machine.h"

namespace dragoman::nat64 {
namespace {

using fakes::BpfMachine;
using Random = std::mt19937;

std::uint32_t below(Random& random, std::uint32_t end) { return static_cast<std::uint32_t>(random() % end); }

// -- The hash --

TEST(SubscriberWorker, is_the_same_for_all_hosts_of_a_subscriber) {
  Random random(1);
  for (const int bits : {48, 56, 60, 64, 65, 96, 127, 128}) {
    const auto length = static_cast<std::uint8_t>(bits);
    for (int round = 0; round < 1000; ++round) {
      ip::Ipv6Octets one, other;
      for (std::size_t i = 0; i < 16; ++i) one[i] = static_cast<std::uint8_t>(random());
      for (std::size_t i = 0; i < 16; ++i) other[i] = static_cast<std::uint8_t>(random());
      for (std::size_t bit = 0; bit < length; ++bit) {
        const auto mask = static_cast<std::uint8_t>(0x80 >> bit % 8);
        other[bit / 8] = static_cast<std::uint8_t>((other[bit / 8] & ~mask) | (one[bit / 8] & mask));
      }
      EXPECT_EQ(subscriber_worker(one.data(), length, 7), subscriber_worker(other.data(), length, 7)) << +length;
    }
  }
}

// Whichever bits subscribers differ in, each worker has its part of them: within five standard deviations.
TEST(SubscriberWorker, spreads_subscribers_by_every_bit_of_the_prefix) {
  constexpr std::size_t bits = 12;
  constexpr double subscribers = 1 << bits;
  for (const int prefix : {48, 56, 64, 96, 128}) {
    const auto length = static_cast<std::uint8_t>(prefix);
    for (const unsigned workers : {2u, 3u, 4u, 16u}) {
      for (std::size_t first = 0; first + bits <= length; ++first) {
        std::vector<double> share(workers);
        for (std::uint32_t number = 0; number < 1u << bits; ++number) {
          ip::Ipv6Octets address{0x20, 0x01, 0x0d, 0xb8};
          for (std::size_t bit = 0; bit < bits; ++bit) {
            if ((number >> bit & 1) != 0)
              address[(first + bit) / 8] ^= static_cast<std::uint8_t>(0x80 >> (first + bit) % 8);
          }
          ++share[subscriber_worker(address.data(), length, workers)];
        }
        const double even = subscribers / workers;
        for (const double each : share) EXPECT_NEAR(each, even, 5 * std::sqrt(even)) << +length << " " << first;
      }
    }
  }
}

TEST(SubscriberWorker, needs_no_alignment) {
  std::uint8_t octets[17];
  for (std::size_t i = 0; i < sizeof octets; ++i) octets[i] = static_cast<std::uint8_t>(i * 37);
  ip::Ipv6Octets aligned;
  std::memcpy(aligned.data(), octets + 1, 16);
  EXPECT_EQ(subscriber_worker(octets + 1, 128, 1000), subscriber_worker(aligned.data(), 128, 1000));
}

TEST(SubscriberWorker, is_the_only_one_where_there_is_one) {
  const ip::Ipv6Octets address{0x20, 0x01};
  EXPECT_EQ(subscriber_worker(address.data(), 64, 1), 0u);
}

TEST(FragmentWorker, depends_on_all_that_makes_a_datagram) {
  const ip::Ipv4Octets one{192, 0, 2, 1}, other{192, 0, 2, 2};
  constexpr unsigned many = 1'000'000;
  const unsigned worker = fragment_worker(one.data(), other.data(), 77, many);
  EXPECT_NE(worker, fragment_worker(other.data(), one.data(), 77, many));
  EXPECT_NE(worker, fragment_worker(one.data(), other.data(), 78, many));
  EXPECT_EQ(worker, fragment_worker(one.data(), other.data(), 77, many));
}

// -- The program --

constexpr int addresses = 11, owners = 12, fragments = 13;
constexpr SteeringMaps map_descriptors{addresses, owners, fragments};

constexpr ip::Ipv4Octets pool[] = {{198, 51, 100, 1}, {198, 51, 100, 2}, {203, 0, 113, 9}};

struct Truncated : std::runtime_error {
  Truncated() : std::runtime_error("") {}
};

// The rule, packet by packet.
class Rule {
 public:
  Rule(const SteeringOptions& options, const BpfMachine& machine) : options_(options), machine_(machine) {}

  unsigned operator()(Bytes packet) {
    packet_ = packet;
    try {
      const unsigned version = u8(0) >> 4;
      return version == 6 ? of_ipv6() : version == 4 ? of_ipv4() : 0;
    } catch (const Truncated&) {
      return 0;
    }
  }

 private:
  const std::uint8_t* at(std::size_t offset, std::size_t size) const {
    if (offset + size > packet_.size()) throw Truncated();
    return &packet_[offset];
  }
  unsigned u8(std::size_t offset) const { return *at(offset, 1); }
  unsigned u16(std::size_t offset) const { return load_u16(at(offset, 2)); }
  ip::Ipv4Octets v4(std::size_t offset) const {
    ip::Ipv4Octets octets;
    std::memcpy(octets.data(), at(offset, 4), 4);
    return octets;
  }

  unsigned of_ipv6() const {
    const bool is_error = u8(6) == 58 && u8(40) < 128;
    const std::size_t needed = options_.subscriber_prefix <= 64 ? 8 : 16;
    std::uint8_t address[16] = {};
    std::memcpy(address, at(is_error ? 40 + 8 + 24 : 8, needed), needed);
    return subscriber_worker(address, options_.subscriber_prefix, options_.workers);
  }

  unsigned of_ipv4() {
    const std::size_t transport = (u8(0) & 15) * 4;
    const FragmentSteeringKey key{v4(12), v4(16), static_cast<std::uint16_t>(load_id()),
                                  static_cast<std::uint8_t>(u8(9)), 0};
    if ((u16(6) & 0x1fff) != 0) {
      const auto known = remembered_.find(BpfMachine::octets_of(key));
      return known != remembered_.end()
                 ? known->second
                 : fragment_worker(at(12, 4), at(16, 4), static_cast<std::uint16_t>(u16(4)), options_.workers);
    }
    const std::optional<unsigned> worker = holder(transport);
    if (worker && (u16(6) & 0x2000) != 0) remembered_[BpfMachine::octets_of(key)] = *worker;
    return worker.value_or(0);
  }

  unsigned load_id() const {
    std::uint16_t as_it_lies;
    std::memcpy(&as_it_lies, at(4, 2), 2);
    return as_it_lies;
  }

  std::optional<unsigned> holder(std::size_t transport) const {
    switch (u8(9)) {
      case 6:
      case 17:
        return holder_of(v4(16), u16(transport + 2));
      case 1:
        break;
      default:
        return std::nullopt;
    }
    const unsigned type = u8(transport);
    if (type == 0 || type == 8) return holder_of(v4(16), u16(transport + 4));
    if (type > 12) return std::nullopt;
    const std::size_t embedded = transport + 8;
    const std::size_t embedded_transport = embedded + (u8(embedded) & 15) * 4;
    switch (u8(embedded + 9)) {
      case 6:
      case 17:
        return holder_of(v4(embedded + 12), u16(embedded_transport));
      case 1:
        return holder_of(v4(embedded + 12), u16(embedded_transport + 4));
      default:
        return std::nullopt;
    }
  }

  std::optional<unsigned> holder_of(const ip::Ipv4Octets& address, unsigned port) const {
    const auto& indexes = machine_.maps.at(addresses).entries;
    const auto index = indexes.find(BpfMachine::octets_of(address));
    if (index == indexes.end()) return std::nullopt;
    std::uint32_t number;
    std::memcpy(&number, index->second.data(), sizeof number);
    const std::uint32_t block = number * (65536 / options_.block_size) + port / options_.block_size;
    const auto& words = machine_.maps.at(owners).entries;
    const auto found = words.find(BpfMachine::octets_of(block));
    if (found == words.end()) return std::nullopt;
    std::uint64_t owner;
    std::memcpy(&owner, found->second.data(), sizeof owner);
    return owner == 0 ? std::nullopt : std::optional(static_cast<unsigned>(owner - 1));
  }

  SteeringOptions options_;
  const BpfMachine& machine_;
  Bytes packet_;
  std::map<std::vector<std::uint8_t>, unsigned> remembered_;
};

// The maps as the gateway would have filled them: each block with a random holder or none.
BpfMachine machine_for(const SteeringOptions& options, Random& random) {
  BpfMachine machine;
  machine.maps[addresses] = {4, 4};
  machine.maps[owners] = {4, 8};
  machine.maps[fragments] = {sizeof(FragmentSteeringKey), 4};
  const std::uint32_t blocks = 65536 / options.block_size;
  for (std::uint32_t index = 0; index < std::size(pool); ++index) {
    machine.maps[addresses].set(pool[index], index);
    for (std::uint32_t block = index * blocks; block < (index + 1) * blocks; ++block) {
      machine.maps[owners].set(block, std::uint64_t{below(random, options.workers + 1)});
    }
  }
  return machine;
}

// Packets of all kinds that steering tells apart, some of them cut or of nothing but noise.
class Packets {
 public:
  explicit Packets(Random& random) : random_(random) {}

  const std::vector<std::uint8_t>& next() {
    packet_.assign(200, 0);
    for (std::uint8_t& octet : packet_) octet = static_cast<std::uint8_t>(random_());
    const std::uint32_t kind = below(random_, 10);
    if (kind < 6) write_ipv4(0);
    if (kind >= 6 && kind < 9) write_ipv6();
    if (below(random_, 8) == 0) packet_.resize(1 + below(random_, 120));
    return packet_;
  }

 private:
  template <class T, std::size_t N>
  T one_of(const T (&choices)[N]) {
    return choices[below(random_, N)];
  }

  void write_ipv4(std::size_t at) {
    const std::uint8_t header_words = one_of<std::uint8_t>({5, 5, 5, 6, 8, 15});
    packet_[at] = static_cast<std::uint8_t>(0x40 | header_words);
    store_u16(&packet_[at + 4], static_cast<std::uint16_t>(below(random_, 20)));
    store_u16(&packet_[at + 6], one_of<std::uint16_t>({0, 0, 0x4000, 0x2000, 0x2000, 0x2001, 0x0001, 0x1fff, 0x6000}));
    packet_[at + 9] = one_of<std::uint8_t>({1, 1, 1, 6, 17, 17, 47});
    const ip::Ipv4Octets& outside = pool[below(random_, 3)];
    std::memcpy(&packet_[at + 12], at == 0 ? "\xc0\x00\x02\x01" : reinterpret_cast<const char*>(outside.data()), 4);
    std::memcpy(&packet_[at + 16], outside.data(), 4);
    if (below(random_, 16) == 0) packet_[at + 19] = 77;  // nobody's
    const std::size_t transport = at + header_words * 4u;
    if (packet_[at + 9] != 1) return;
    packet_[transport] = one_of<std::uint8_t>({0, 8, 3, 3, 3, 4, 5, 11, 12, 13, 14, 200});
    if (at == 0) write_ipv4(transport + 8);
  }

  void write_ipv6() {
    packet_[0] = 0x60;
    packet_[6] = one_of<std::uint8_t>({6, 17, 58, 58, 58, 44, 0});
    packet_[40] = one_of<std::uint8_t>({1, 2, 3, 4, 127, 128, 129, 135, 255});
  }

  Random& random_;
  std::vector<std::uint8_t> packet_;
};

class SteeringProgram : public testing::TestWithParam<SteeringOptions> {};

TEST_P(SteeringProgram, says_of_every_packet_what_the_rule_says) {
  const SteeringOptions options = GetParam();
  Random random(options.workers * 1000 + options.block_size);
  BpfMachine machine = machine_for(options, random);
  Rule rule(options, machine);
  Packets packets(random);
  const std::vector<BpfInstruction> program = steering_program(options, map_descriptors);
  std::vector<int> used(options.workers);
  for (int round = 0; round < 20'000; ++round) {
    const std::vector<std::uint8_t>& packet = packets.next();
    const std::optional<std::uint64_t> queue = machine.run(program, packet);
    ASSERT_TRUE(queue);
    ASSERT_LT(*queue, options.workers);
    ASSERT_EQ(*queue, rule(packet)) << "packet " << round;
    ++used[*queue];
  }
  for (const int each : used) EXPECT_GT(each, 20'000 / static_cast<int>(options.workers) / 4);
  EXPECT_GT(machine.maps[fragments].updates, 100u) << "else no fragment followed another";
}

INSTANTIATE_TEST_SUITE_P(Options, SteeringProgram,
                         testing::Values(SteeringOptions{1, 64, 256}, SteeringOptions{2, 64, 256},
                                         SteeringOptions{3, 56, 64}, SteeringOptions{4, 48, 4096},
                                         SteeringOptions{5, 65, 1024}, SteeringOptions{8, 96, 512},
                                         SteeringOptions{16, 128, 2048}, SteeringOptions{64, 60, 128}));

TEST(SteeringProgramSize, is_small) {
  for (const std::uint8_t prefix : {std::uint8_t{64}, std::uint8_t{128}}) {
    EXPECT_LE(steering_program({8, prefix, 256}, map_descriptors).size(), 220u) << "a packet runs through a part of it";
  }
}

// Whole packets are the many: they must not cost an update of the fragments' map.
TEST(SteeringProgramFragments, are_not_made_of_packets_that_may_not_be_fragmented) {
  const SteeringOptions options{4, 64, 256};
  Random random(5);
  BpfMachine machine = machine_for(options, random);
  std::vector<std::uint8_t> packet(40);
  packet[0] = 0x45;
  packet[6] = 0x40;  // DF
  packet[9] = 17;
  std::memcpy(&packet[16], pool[0].data(), 4);
  for (int port = 0; port < 65536; port += 256) {
    store_u16(&packet[22], static_cast<std::uint16_t>(port));
    ASSERT_TRUE(machine.run(steering_program(options, map_descriptors), packet));
  }
  EXPECT_EQ(machine.maps[fragments].updates, 0u);
}

TEST(SteeringProgramOwners, move_with_the_word) {
  const SteeringOptions options{4, 64, 256};
  Random random(6);
  BpfMachine machine = machine_for(options, random);
  std::vector<std::uint8_t> packet(40);
  packet[0] = 0x45;
  packet[9] = 6;
  std::memcpy(&packet[16], pool[1].data(), 4);
  store_u16(&packet[22], 0x1234);
  const std::vector<BpfInstruction> program = steering_program(options, map_descriptors);
  for (std::uint64_t worker = 0; worker < 4; ++worker) {
    machine.maps[owners].set(std::uint32_t{256 + 0x12}, worker + 1);
    EXPECT_EQ(machine.run(program, packet), worker);
  }
}

}  // namespace
}  // namespace dragoman::nat64
