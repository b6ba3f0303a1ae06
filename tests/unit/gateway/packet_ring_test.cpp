// The ring between two NAT64 workers: order, offload headers, its end, and two threads at once.
// The thread sanitizer runs the last one, too.
#include "packet_ring.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace dragoman::gateway {
namespace {

using nat64::Packet;

std::vector<std::uint8_t> octets_of(std::size_t size, std::uint8_t first) {
  std::vector<std::uint8_t> octets(size);
  for (std::size_t i = 0; i < size; ++i) octets[i] = static_cast<std::uint8_t>(first + i);
  return octets;
}

struct Room {
  std::vector<std::uint8_t> octets = std::vector<std::uint8_t>(Packet::max_size);
};

TEST(PacketRing, gives_packets_back_in_order_with_their_offload_headers) {
  PacketRing ring;
  Room room;
  auto first = octets_of(100, 1), second = octets_of(1501, 7);
  nat64::Offload offload;
  offload.kind = nat64::Offload::tcp6;
  offload.segment_size = 1428;
  ASSERT_TRUE(ring.push({first.data(), first.size(), {}}));
  ASSERT_TRUE(ring.push({second.data(), second.size(), offload}));
  Packet packet;
  ASSERT_TRUE(ring.pop(packet, room.octets.data()));
  EXPECT_EQ(std::vector(packet.data, packet.data + packet.size), first);
  EXPECT_EQ(packet.offload, nat64::Offload{});
  ASSERT_TRUE(ring.pop(packet, room.octets.data()));
  EXPECT_EQ(std::vector(packet.data, packet.data + packet.size), second);
  EXPECT_EQ(packet.offload, offload);
  EXPECT_FALSE(ring.pop(packet, room.octets.data()));
}

TEST(PacketRing, refuses_what_does_not_fit_and_keeps_what_it_has) {
  PacketRing ring;
  Room room;
  auto large = octets_of(65535, 3);
  std::size_t taken = 0;
  while (ring.push({large.data(), large.size(), {}})) ++taken;
  EXPECT_EQ(taken, PacketRing::capacity / (65535 + 17));
  Packet packet;
  for (std::size_t i = 0; i < taken; ++i) {
    ASSERT_TRUE(ring.pop(packet, room.octets.data()));
    ASSERT_EQ(std::vector(packet.data, packet.data + packet.size), large);
  }
  EXPECT_TRUE(ring.empty());
  EXPECT_TRUE(ring.push({large.data(), large.size(), {}})) << "room is free again";
}

TEST(PacketRing, carries_packets_of_any_size_from_thread_to_thread) {
  PacketRing ring;
  constexpr std::size_t count = 20000;
  const auto size_of = [](std::size_t i) { return 1 + i * 7919 % 3000; };
  std::thread writer([&] {
    for (std::size_t i = 0; i < count; ++i) {
      auto octets = octets_of(size_of(i), static_cast<std::uint8_t>(i));
      while (!ring.push({octets.data(), octets.size(), {}})) std::this_thread::yield();
    }
  });
  Room room;
  Packet packet;
  for (std::size_t i = 0; i < count; ++i) {
    while (!ring.pop(packet, room.octets.data())) std::this_thread::yield();
    EXPECT_EQ(packet.size, size_of(i));
    EXPECT_EQ(packet.data[packet.size - 1], static_cast<std::uint8_t>(i + packet.size - 1));
  }
  writer.join();
}

}  // namespace
}  // namespace dragoman::gateway
