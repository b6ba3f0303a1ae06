// What the NAT64 allocates on the way of a packet: nothing. Tables grow by pieces of their own, which come from
// calloc() and are not counted here.
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include "scene.h"

namespace {
std::size_t allocations = 0;
}

void* operator new(std::size_t size) {
  ++allocations;
  if (void* block = std::malloc(size)) return block;
  throw std::bad_alloc();
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size);
}
void operator delete(void* block) noexcept { std::free(block); }
void operator delete(void* block, std::size_t) noexcept { std::free(block); }

namespace dragoman::nat64 {
namespace {

using namespace scene;

// Knows of each packet sent where it came from, and no more.
class Silent final : public Output {
 public:
  void send(Packet& packet) override {
    ++count;
    std::memcpy(source.data(), packet.data + 12, 4);
    source_port = load_u16(packet.data + 20);
  }
  bool hand_off(unsigned, const Packet&, HandOff) override { return false; }
  void note(const BindingEvent&) override {}

  std::size_t count = 0;
  ip::Ipv4Octets source{};
  std::uint16_t source_port = 0;
};

class Allocations : public testing::Test {
 protected:
  static constexpr int hosts = 200;

  static Options options() {
    Options options = standard_options();
    options.pool4[0].last = {198, 51, 100, 3};
    options.filtering = Filtering::address_dependent;
    return options;
  }
  // Of a host, made in the room of the last one.
  void pass_out(int host, std::uint16_t port, std::uint8_t remote, Protocol protocol = Protocol::udp) {
    Octets& octets = protocol == Protocol::udp ? datagram_ : syn_;
    store_u16(&octets[8 + 6], static_cast<std::uint16_t>(host));
    store_u16(&octets[40], port);
    octets[39] = remote;
    translate(octets);
  }
  void translate(const Octets& octets) {
    std::copy(octets.begin(), octets.end(), room_.begin() + Packet::headroom);
    Packet packet{room_.data() + Packet::headroom, octets.size(), {}};
    translator_.translate(packet, Translator::Arrival::device, now_, output_);
  }
  void wait(int time) {
    for (; time > 0; --time) {
      now_ += seconds(1);
      while (translator_.expire(now_, output_)) continue;
    }
  }
  // Every host has five sessions of each protocol, from two bindings; then all of it ends.
  void live_a_day() {
    for (int host = 0; host < hosts; ++host) {
      for (std::uint8_t remote = 1; remote <= 5; ++remote) {
        pass_out(host, static_cast<std::uint16_t>(5000 + remote % 2), remote);
        pass_out(host, static_cast<std::uint16_t>(5000 + remote % 2), remote, Protocol::tcp);
      }
    }
    wait(450);
    EXPECT_EQ(translator_.metrics().subscribers.value(), 0);
  }

  Octets datagram_ = udp(endpoint("[2001:db8::1]:5000"), synthesized("203.0.113.1:80"));
  Octets syn_ = tcp(endpoint("[2001:db8::1]:5000"), synthesized("203.0.113.1:80"), "S");
  Octets room_ = Octets(Packet::headroom + 1500 + Packet::tailroom);
  std::shared_ptr<const Options> options_ = std::make_shared<const Options>(options());
  PortPool pool_{*options_, {}};
  SessionBudget budget_{options_->max_sessions};
  Translator translator_{{0, 1}, options_, {pool_, budget_}, 7, TimePoint(seconds(1))};
  TimePoint now_ = TimePoint(seconds(1));
  Silent output_;
};

TEST_F(Allocations, none_for_packets_of_a_session) {
  pass_out(1, 5000, 1);
  Octets answer = udp(endpoint("203.0.113.1:80"), {ip::Address(output_.source), output_.source_port});
  const std::size_t before = allocations, sent = output_.count;
  for (int i = 0; i < 1000; ++i) {
    pass_out(1, 5000, 1);
    translate(answer);
  }
  EXPECT_EQ(allocations - before, 0u);
  EXPECT_EQ(output_.count - sent, 2000u);
}

TEST_F(Allocations, none_for_new_sessions_and_bindings_in_a_block) {
  pass_out(1, 5000, 1);
  const std::size_t before = allocations, sent = output_.count;
  for (std::uint8_t remote = 2; remote < 255; ++remote) pass_out(1, 5000, remote);
  for (std::uint16_t port = 1; port < 200; ++port) pass_out(1, static_cast<std::uint16_t>(6000 + port), 1);
  EXPECT_EQ(allocations - before, 0u);
  EXPECT_EQ(output_.count - sent, 253u + 199u);
}

TEST_F(Allocations, none_for_hosts_and_blocks_that_come_and_go_once_there_were_as_many) {
  live_a_day();
  live_a_day();
  const std::size_t before = allocations, sent = output_.count;
  live_a_day();
  EXPECT_EQ(allocations - before, 0u);
  EXPECT_EQ(output_.count - sent, 10u * hosts);
}

}  // namespace
}  // namespace dragoman::nat64
