// ICMPv6 errors to ICMPv4 errors over random embedded packets. Single packets are in tests/golden/nat64.
#include <gtest/gtest.h>

#include "sample_packets.h"
#include "translation.h"

namespace dragoman::nat64 {
namespace {

using test::checksum_is_right;
using test::client4;
using test::client6;
using test::header_checksum_is_right;
using test::hex;
using test::icmp;
using test::ipv4;
using test::ipv6;
using test::Octets;
using test::PacketBuffer;
using test::server4;
using test::server6;
using test::udp;

const ErrorTuple4 outgoing{client4, server4, {server4, client4, 443, 1024}, nullptr};

Octets error(std::uint8_t type, const Octets& datagram, std::uint8_t length = 0) {
  Octets message = icmp(type, 0, datagram);
  message[4] = length;
  message[7] = 0;
  return test::checksummed(ipv6({.protocol = 58}, message));
}

Step translate(PacketBuffer& buffer, const ErrorTuple4& tuple) {
  Ipv6Headers outer, embedded;
  if (Step refusal = read_ipv6(buffer.packet, outer)) return refusal;
  if (Step refusal = read_embedded_ipv6(buffer.packet, outer, embedded)) return refusal;
  return error_six_to_four(buffer.packet, outer, embedded, tuple, {});
}

// R34 (RFC 7915 5.3): whatever its size, what is embedded is the IPv4 packet that was sent, but for its id and TTL.
TEST(ErrorSixToFour, embeds_what_was_sent) {
  std::mt19937 random(1);
  for (std::size_t size = 0; size < 1180; ++size) {
    const Octets payload = test::random_octets(random, size);
    const Octets six = test::checksummed(ipv6({.source = server6, .destination = client6}, udp(443, 40000, payload)));
    const Octets four = test::checksummed(ipv4({.id = 0}, udp(443, 1024, payload)));
    PacketBuffer buffer(error(1, six));
    ASSERT_EQ(translate(buffer, outgoing), Step{});
    ASSERT_TRUE(header_checksum_is_right(buffer.bytes()));
    ASSERT_TRUE(checksum_is_right(buffer.bytes())) << size;
    ASSERT_EQ(hex(buffer.bytes().subspan(28)), hex(four)) << size;
  }
}

// The least that can be translated, with the most that can be added: nobody's memory is written to.
TEST(ErrorSixToFour, grows_within_the_headroom) {
  ErrorTuple4 with_router = outgoing;
  with_router.router6 = client6.data();
  const Octets least = ipv6({.source = server6, .destination = client6}, test::octets("01bb9c40"));
  PacketBuffer plain(error(3, least));
  ASSERT_EQ(translate(plain, with_router), Step{});
  EXPECT_TRUE(plain.is_inside());
  EXPECT_EQ(plain.packet.size, 184U);
  EXPECT_TRUE(checksum_is_right(plain.bytes()));

  const Octets extended = test::joined(least, test::octets("4*00 2000 0000"));
  PacketBuffer with_extension(error(3, extended, 6));
  ASSERT_EQ(translate(with_extension, with_router), Step{});
  EXPECT_TRUE(with_extension.is_inside());
  EXPECT_EQ(with_extension.packet.size, 184U);
}

// R12 (RFC 6146 3.8): both translations take place in the same room.
TEST(ErrorSixToFour, grows_within_the_headroom_though_it_turns_back) {
  ErrorTuple4 with_router = outgoing;
  with_router.router6 = client6.data();
  const Octets least = ipv6({.source = server6, .destination = client6}, test::octets("01bb9c40"));
  for (const ErrorTuple4& tuple : {outgoing, with_router}) {
    PacketBuffer buffer(error(3, least));
    ASSERT_EQ(translate(buffer, tuple), Step{});
    Ipv4Headers outer, embedded;
    ASSERT_EQ(read_ipv4(buffer.packet, outer), Step{});
    ASSERT_EQ(read_embedded_ipv4(buffer.packet, outer, embedded), Step{});
    const ErrorTuple6 back{server6, client6, {server6, client6, 443, 40000}};
    ASSERT_EQ(error_four_to_six(buffer.packet, outer, embedded, back, {}), Step{});
    EXPECT_TRUE(buffer.is_inside());
    EXPECT_TRUE(checksum_is_right(buffer.bytes()));
  }
}

// R30 (RFC 7915 5.1): what leaves without DF is no larger than 1260 octets.
TEST(ErrorSixToFour, is_no_larger_than_what_may_be_fragmented) {
  PacketBuffer buffer(error(3, ipv6({.source = server6, .destination = client6}, udp(443, 40000, Octets(3000)))));
  ASSERT_EQ(translate(buffer, outgoing), Step{});
  EXPECT_EQ(buffer.packet.size, 1260U);
  EXPECT_EQ(load_u16(buffer.packet.data + 30), 3028) << "the embedded length is that of the whole";
  EXPECT_TRUE(checksum_is_right(buffer.bytes()));
}

// Everything that the kernel leaves to a device is done here.
TEST(ErrorSixToFour, leaves_with_a_whole_checksum) {
  Octets packet = error(3, ipv6({.source = server6, .destination = client6}, udp(443, 40000, Octets(8))));
  store_u16(&packet[42], static_cast<std::uint16_t>(test::pseudo_header_of(packet)));
  PacketBuffer buffer(packet, {.flags = Offload::needs_checksum, .checksum_start = 40, .checksum_offset = 2});
  ASSERT_EQ(translate(buffer, outgoing), Step{});
  EXPECT_EQ(buffer.packet.offload, Offload{});
  EXPECT_TRUE(checksum_is_right(buffer.bytes()));
}

}  // namespace
}  // namespace dragoman::nat64
