// ICMPv4 errors to ICMPv6 errors over random embedded packets. Single packets are in tests/golden/nat64.
#include <gtest/gtest.h>

#include "sample_packets.h"
#include "translation.h"

namespace dragoman::nat64 {
namespace {

using test::checksum_is_right;
using test::client4;
using test::client6;
using test::hex;
using test::icmp;
using test::ipv4;
using test::ipv6;
using test::Octets;
using test::PacketBuffer;
using test::server4;
using test::server6;
using test::udp;

const ErrorTuple6 outgoing{server6, client6, {client6, server6, 40000, 443}};

Octets error(std::uint8_t type, const Octets& datagram, std::uint8_t length = 0) {
  Octets message = icmp(type, 0, datagram);
  message[5] = length;
  message[7] = 0;
  return test::checksummed(ipv4({.protocol = 1}, message));
}

Step translate(PacketBuffer& buffer) {
  Ipv4Headers outer, embedded;
  if (Step refusal = read_ipv4(buffer.packet, outer)) return refusal;
  if (Step refusal = read_embedded_ipv4(buffer.packet, outer, embedded)) return refusal;
  return error_four_to_six(buffer.packet, outer, embedded, outgoing, {});
}

bool has_room_for_the_device(const PacketBuffer& buffer) {
  return buffer.packet.data >= buffer.memory().data() + sizeof(Offload);
}

// R27 (RFC 7915 4.3): whatever its size, what is embedded is the IPv6 packet that was sent, but for its hop limit.
TEST(ErrorFourToSix, embeds_what_was_sent) {
  std::mt19937 random(1);
  for (std::size_t size = 0; size < 1180; ++size) {
    const Octets payload = test::random_octets(random, size);
    const Octets four = test::checksummed(ipv4({.source = client4, .destination = server4}, udp(1024, 443, payload)));
    const Octets six = test::checksummed(ipv6({}, udp(40000, 443, payload)));
    PacketBuffer buffer(error(3, four));
    ASSERT_EQ(translate(buffer), Step{});
    ASSERT_TRUE(checksum_is_right(buffer.bytes())) << size;
    ASSERT_EQ(hex(buffer.bytes().subspan(48)), hex(six)) << size;
  }
}

// The least that can be translated, with an extension that wants 128 octets in front: nobody's memory is written to.
TEST(ErrorFourToSix, grows_within_the_headroom) {
  const Octets least = ipv4({.source = client4, .destination = server4}, test::octets("040001bb"));
  PacketBuffer buffer(error(11, test::joined(least, test::octets("2000 0000")), 6));
  ASSERT_EQ(translate(buffer), Step{});
  EXPECT_TRUE(buffer.is_inside());
  EXPECT_EQ(buffer.packet.size, 180U);
  EXPECT_TRUE(has_room_for_the_device(buffer));
  EXPECT_TRUE(checksum_is_right(buffer.bytes()));
}

// The same, when it comes from the inside and turns back there (RFC 6146 3.8): it grows twice. The embedded length says
// that there is more, so that the padding of the first time counts as its octets.
TEST(ErrorFourToSix, grows_within_the_headroom_on_a_hairpin) {
  Octets least = ipv6({.source = server6, .destination = client6}, test::octets("01bb9c40"));
  store_u16(&least[4], 400);
  PacketBuffer buffer(test::checksummed(ipv6({.protocol = 58}, icmp(3, 0, least))));
  Ipv6Headers outer, embedded;
  ASSERT_EQ(read_ipv6(buffer.packet, outer), Step{});
  ASSERT_EQ(read_embedded_ipv6(buffer.packet, outer, embedded), Step{});
  const ErrorTuple4 outgoing4{
      .source = client4, .destination = server4, .embedded = {server4, client4, 443, 1024}, .router6 = client6.data()};
  ASSERT_EQ(error_six_to_four(buffer.packet, outer, embedded, outgoing4, {}), Step{});
  const std::size_t half_way = buffer.packet.size;
  ASSERT_EQ(translate(buffer), Step{});
  EXPECT_EQ(half_way, 184U);
  EXPECT_EQ(buffer.packet.size, 228U);
  EXPECT_TRUE(has_room_for_the_device(buffer));
  EXPECT_TRUE(checksum_is_right(buffer.bytes()));
}

TEST(ErrorFourToSix, leaves_with_a_whole_checksum) {
  Octets packet = error(11, ipv4({.source = client4, .destination = server4}, udp(1024, 443, Octets(8))));
  store_u16(&packet[22], 0);
  PacketBuffer buffer(packet, {.flags = Offload::needs_checksum, .checksum_start = 20, .checksum_offset = 2});
  ASSERT_EQ(translate(buffer), Step{});
  EXPECT_EQ(buffer.packet.offload, Offload{});
  EXPECT_TRUE(checksum_is_right(buffer.bytes()));
}

// A router of both families tells an error that a NAT64 behind us told: there and back it is the same.
TEST(ErrorFourToSix, and_back_is_the_same_message) {
  const Octets packet = error(11, test::checksummed(ipv4({.source = client4, .destination = server4, .id = 0},
                                                         udp(1024, 443, Octets(100, 7)))));
  PacketBuffer buffer(packet);
  ASSERT_EQ(translate(buffer), Step{});
  Ipv6Headers outer, embedded;
  ASSERT_EQ(read_ipv6(buffer.packet, outer), Step{});
  ASSERT_EQ(read_embedded_ipv6(buffer.packet, outer, embedded), Step{});
  const ErrorTuple4 back{server4, client4, {client4, server4, 1024, 443}, nullptr, 0x4321};
  ASSERT_EQ(error_six_to_four(buffer.packet, outer, embedded, back, {}), Step{});
  Octets expected = error(11, Octets(packet.begin() + 28, packet.end()));
  expected[8] = 62;
  store_u16(&expected[10], 0);
  store_u16(&expected[10], static_cast<std::uint16_t>(~test::slow_sum(Bytes(expected).first(20))));
  EXPECT_EQ(hex(buffer.bytes()), hex(expected));
}

}  // namespace
}  // namespace dragoman::nat64
