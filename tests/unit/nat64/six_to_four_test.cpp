// IPv6 to IPv4 over random packets, judged by the slow checksum. Single packets are in tests/golden/nat64.
#include <gtest/gtest.h>

#include "sample_packets.h"
#include "translation.h"

namespace dragoman::nat64 {
namespace {

using test::checksum_is_partial;
using test::checksum_is_right;
using test::client4;
using test::client6;
using test::header_checksum_is_right;
using test::hex;
using test::ipv6;
using test::Octets;
using test::PacketBuffer;
using test::server4;
using test::server6;
using test::tcp;
using test::udp;

constexpr Tuple4 outgoing4{client4, server4, 1024, 443};
constexpr Tuple6 back6{client6, server6, 40000, 443};

// TCP, UDP or an Echo Request of any size up to 1500 octets.
Octets random_packet(std::mt19937& random) {
  const Octets payload = test::random_octets(random, random() % 1400);
  test::Ipv6Sample sample{.traffic_class = static_cast<std::uint8_t>(random()), .hop_limit = 64};
  const auto port = static_cast<std::uint16_t>(random());
  const auto kind = random() % 3;
  sample.protocol = kind == 0 ? 6 : kind == 1 ? 17 : 58;
  return test::checksummed(ipv6(sample, kind == 0   ? tcp(port, 443, payload)
                                        : kind == 1 ? udp(port, 443, payload)
                                                    : test::icmp(128, port, payload)));
}

TEST(SixToFour, gives_random_packets_right_checksums) {
  std::mt19937 random(1);
  Identification identification(0xfff0);
  for (int i = 0; i < 5000; ++i) {
    const Octets packet = random_packet(random);
    PacketBuffer buffer(packet);
    Ipv6Headers headers;
    ASSERT_EQ(read_ipv6(buffer.packet, headers), Step{});
    const Tuple4 tuple{client4, server4, static_cast<std::uint16_t>(random()), static_cast<std::uint16_t>(random())};
    ASSERT_EQ(six_to_four(buffer.packet, headers, tuple, identification, {}), Step{});
    ASSERT_TRUE(header_checksum_is_right(buffer.bytes())) << hex(packet);
    ASSERT_TRUE(checksum_is_right(buffer.bytes())) << hex(packet);
    ASSERT_EQ(load_u16(buffer.packet.data + 2), buffer.packet.size);
  }
}

TEST(SixToFour, gives_random_packets_right_partial_checksums) {
  std::mt19937 random(2);
  Identification identification(1);
  for (int i = 0; i < 2000; ++i) {
    Octets packet = random_packet(random);
    if (packet[6] == 58) continue;
    const std::size_t field = test::checksum_offset(packet);
    store_u16(&packet[field], static_cast<std::uint16_t>(test::pseudo_header_of(packet)));
    PacketBuffer buffer(packet, {.flags = Offload::needs_checksum,
                                 .checksum_start = 40,
                                 .checksum_offset = static_cast<std::uint16_t>(field - 40)});
    Ipv6Headers headers;
    ASSERT_EQ(read_ipv6(buffer.packet, headers), Step{});
    ASSERT_EQ(six_to_four(buffer.packet, headers, outgoing4, identification, {}), Step{});
    ASSERT_TRUE(checksum_is_partial(buffer.bytes())) << hex(packet);
    ASSERT_EQ(buffer.packet.offload.checksum_start, 20);
  }
}

// What both directions keep, comes back as it was.
TEST(SixToFour, and_back_is_the_same_packet) {
  std::mt19937 random(3);
  Identification identification(1);
  for (int i = 0; i < 5000; ++i) {
    const Octets packet = random_packet(random);
    PacketBuffer buffer(packet);
    Ipv6Headers headers6;
    ASSERT_EQ(read_ipv6(buffer.packet, headers6), Step{});
    const std::uint16_t port = headers6.transport.source_port;
    ASSERT_EQ(six_to_four(buffer.packet, headers6, outgoing4, identification, {}), Step{});
    Ipv4Headers headers4;
    ASSERT_EQ(read_ipv4(buffer.packet, headers4), Step{});
    Tuple6 back = back6;
    back.source_port = port;
    ASSERT_EQ(four_to_six(buffer.packet, headers4, back, {}), Step{});
    Octets expected = packet;
    expected[7] = 62;  // two hops
    ASSERT_EQ(hex(buffer.bytes()), hex(expected));
  }
}

std::uint16_t id_of(const Packet& packet) { return load_u16(packet.data + 4); }

Packet translated(PacketBuffer& buffer, Identification& identification) {
  Ipv6Headers headers;
  EXPECT_EQ(read_ipv6(buffer.packet, headers), Step{});
  EXPECT_EQ(six_to_four(buffer.packet, headers, outgoing4, identification, {}), Step{});
  return buffer.packet;
}

Offload segments(std::uint16_t size) {
  return {.flags = Offload::needs_checksum,
          .kind = Offload::tcp6,
          .header_size = 60,
          .segment_size = size,
          .checksum_start = 40,
          .checksum_offset = 16};
}

// R30 (RFC 6864 4.3): the device numbers segments from the first one on; without DF no two may be alike.
TEST(SixToFour, takes_an_identification_for_every_segment_that_may_be_fragmented) {
  Identification identification(100);
  const Octets super = ipv6({.protocol = 6}, tcp(1, 2, Octets(3001)));
  PacketBuffer first(super, segments(1000));
  EXPECT_EQ(id_of(translated(first, identification)), 100);
  PacketBuffer second(ipv6({}, udp(1, 2, {})));
  EXPECT_EQ(id_of(translated(second, identification)), 104) << "four segments";
  PacketBuffer third(super, segments(1400));
  EXPECT_EQ(id_of(translated(third, identification)), 105);
  PacketBuffer fourth(ipv6({}, udp(1, 2, {})));
  EXPECT_EQ(id_of(translated(fourth, identification)), 106) << "segments with DF are numbered as they like";
}

TEST(SixToFour, takes_no_identification_for_what_is_refused) {
  Identification identification(100);
  PacketBuffer buffer(ipv6({.hop_limit = 1}, udp(1, 2, {})));
  Ipv6Headers headers;
  ASSERT_EQ(read_ipv6(buffer.packet, headers), Step{});
  EXPECT_EQ(six_to_four(buffer.packet, headers, outgoing4, identification, {})->reason, DropReason::hop_limit);
  EXPECT_EQ(identification.take(), 100);
}

// An error has a function of its own.
TEST(SixToFour, refuses_icmp_errors) {
  Identification identification(1);
  PacketBuffer buffer(ipv6({.protocol = 58}, test::icmp(3, 0, ipv6({}, udp(1, 2, {})))));
  Ipv6Headers headers;
  ASSERT_EQ(read_ipv6(buffer.packet, headers), Step{});
  EXPECT_EQ(six_to_four(buffer.packet, headers, outgoing4, identification, {}), drop(DropReason::unsupported_icmp));
}

}  // namespace
}  // namespace dragoman::nat64
