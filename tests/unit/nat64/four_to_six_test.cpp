// IPv4 to IPv6 over random packets, judged by the slow checksum. Single packets are in tests/golden/nat64.
#include <gtest/gtest.h>

#include "sample_packets.h"
#include "translation.h"

namespace dragoman::nat64 {
namespace {

using test::checksum_is_partial;
using test::checksum_is_right;
using test::client6;
using test::hex;
using test::ipv4;
using test::Octets;
using test::PacketBuffer;
using test::server6;
using test::tcp;
using test::udp;

constexpr Tuple6 outgoing6{server6, client6, 443, 40000};

// TCP, UDP or an Echo Reply of any size that fits into 1500 octets of IPv6.
Octets random_packet(std::mt19937& random) {
  const Octets payload = test::random_octets(random, random() % 1400);
  test::Ipv4Sample sample{.type_of_service = static_cast<std::uint8_t>(random()),
                          .flags_and_offset = static_cast<std::uint16_t>(random() % 2 * 0x4000)};
  const auto kind = random() % 3;
  sample.protocol = kind == 0 ? 6 : kind == 1 ? 17 : 1;
  return test::checksummed(ipv4(sample, kind == 0   ? tcp(443, 1024, payload)
                                        : kind == 1 ? udp(443, 1024, payload)
                                                    : test::icmp(0, 7, payload)));
}

TEST(FourToSix, gives_random_packets_right_checksums) {
  std::mt19937 random(1);
  for (int i = 0; i < 5000; ++i) {
    const Octets packet = random_packet(random);
    PacketBuffer buffer(packet);
    Ipv4Headers headers;
    ASSERT_EQ(read_ipv4(buffer.packet, headers), Step{});
    const Tuple6 tuple{server6, client6, static_cast<std::uint16_t>(random()), static_cast<std::uint16_t>(random())};
    ASSERT_EQ(four_to_six(buffer.packet, headers, tuple, {}), Step{});
    ASSERT_TRUE(checksum_is_right(buffer.bytes())) << hex(packet);
    ASSERT_EQ(load_u16(buffer.packet.data + 4) + 40U, buffer.packet.size);
  }
}

// R28 (RFC 7915 4.5).
TEST(FourToSix, computes_the_checksums_that_random_datagrams_have_not) {
  std::mt19937 random(2);
  for (std::size_t size = 0; size < 1400; ++size) {
    PacketBuffer buffer(ipv4({}, udp(443, 1024, test::random_octets(random, size))));
    Ipv4Headers headers;
    ASSERT_EQ(read_ipv4(buffer.packet, headers), Step{});
    ASSERT_EQ(four_to_six(buffer.packet, headers, outgoing6, {}), Step{});
    ASSERT_TRUE(checksum_is_right(buffer.bytes())) << size;
    ASSERT_NE(load_u16(buffer.packet.data + 46), 0);
  }
}

// RFC 9868 options lie behind the datagram and are not in its checksum.
TEST(FourToSix, computes_the_checksum_over_the_datagram_alone) {
  Octets datagram = udp(443, 1024, test::octets("01 02 03"));
  const Octets without = test::checksummed(test::ipv6({.source = server6, .destination = client6}, [&] {
    Octets translated = datagram;
    store_u16(&translated[2], 40000);
    return translated;
  }()));
  datagram.resize(20, 0xff);
  PacketBuffer buffer(ipv4({}, datagram));
  Ipv4Headers headers;
  ASSERT_EQ(read_ipv4(buffer.packet, headers), Step{});
  ASSERT_EQ(four_to_six(buffer.packet, headers, outgoing6, {}), Step{});
  EXPECT_EQ(load_u16(buffer.packet.data + 46), load_u16(&without[46]));
  EXPECT_EQ(buffer.packet.size, 60U);
}

TEST(FourToSix, gives_random_packets_right_partial_checksums) {
  std::mt19937 random(3);
  for (int i = 0; i < 2000; ++i) {
    Octets packet = random_packet(random);
    if (packet[9] == 1) continue;
    const std::size_t field = test::checksum_offset(packet);
    store_u16(&packet[field], static_cast<std::uint16_t>(test::pseudo_header_of(packet)));
    PacketBuffer buffer(packet, {.flags = Offload::needs_checksum,
                                 .checksum_start = 20,
                                 .checksum_offset = static_cast<std::uint16_t>(field - 20)});
    Ipv4Headers headers;
    ASSERT_EQ(read_ipv4(buffer.packet, headers), Step{});
    ASSERT_EQ(four_to_six(buffer.packet, headers, outgoing6, {}), Step{});
    ASSERT_TRUE(checksum_is_partial(buffer.bytes())) << hex(packet);
    ASSERT_EQ(buffer.packet.offload.checksum_start, 40);
  }
}

// Of a pseudo-header whose sum is zero: what the field holds then is no checksum that is missing.
TEST(FourToSix, takes_no_partial_checksum_for_none) {
  Octets packet;
  std::uint16_t host = 0;
  do {
    const ip::Ipv4Octets source{198, 51, static_cast<std::uint8_t>(host >> 8), static_cast<std::uint8_t>(host)};
    packet = ipv4({.source = source}, udp(443, 1024, test::octets("01 02 03")));
  } while (test::pseudo_header_of(packet) % 0xffff != 0 && ++host != 0);
  ASSERT_EQ(test::pseudo_header_of(packet) % 0xffff, 0U);
  PacketBuffer buffer(packet, {.flags = Offload::needs_checksum, .checksum_start = 20, .checksum_offset = 6});
  Ipv4Headers headers;
  ASSERT_EQ(read_ipv4(buffer.packet, headers), Step{});
  ASSERT_EQ(four_to_six(buffer.packet, headers, outgoing6, {}), Step{});
  EXPECT_TRUE(buffer.packet.offload.is_partial());
  EXPECT_TRUE(checksum_is_partial(buffer.bytes()));
}

// R24 (RFC 7915 4.1): a Fragment Header in front takes 28 octets of headroom, with options of IPv4 less.
TEST(FourToSix, grows_into_the_headroom) {
  PacketBuffer buffer(ipv4({.flags_and_offset = 0x2000}, udp(443, 1024, Octets(8, 1))));
  const std::uint8_t* before = buffer.packet.data;
  store_u16(buffer.packet.data + 26, 0x1234);
  Ipv4Headers headers;
  ASSERT_EQ(read_ipv4(buffer.packet, headers), Step{});
  ASSERT_EQ(four_to_six(buffer.packet, headers, outgoing6, {}), Step{});
  EXPECT_EQ(before - buffer.packet.data, 28);
}

// An error has a function of its own.
TEST(FourToSix, refuses_icmp_errors) {
  PacketBuffer buffer(ipv4({.protocol = 1}, test::icmp(11, 0, ipv4({}, udp(1, 2, {})))));
  Ipv4Headers headers;
  ASSERT_EQ(read_ipv4(buffer.packet, headers), Step{});
  EXPECT_EQ(four_to_six(buffer.packet, headers, outgoing6, {}), drop(DropReason::unsupported_icmp));
}

}  // namespace
}  // namespace dragoman::nat64
