// The NAT64's own ICMP errors, and about what none is made.
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
using test::octets;
using test::Octets;
using test::PacketBuffer;
using test::server4;
using test::server6;
using test::udp;

constexpr ip::Ipv6Octets nat6{0x20, 0x01, 0x0d, 0xb8, 0xff};
constexpr ip::Ipv4Octets nat4{192, 0, 2, 254};

struct Room {
  std::vector<std::uint8_t> octets;
  explicit Room(std::size_t size) : octets(Packet::headroom + size + Packet::tailroom, 0xee) {}
};

Octets icmp6_error(const Octets& offending, const IcmpError& error) {
  PacketBuffer buffer(offending);
  Ipv6Headers headers;
  read_ipv6(buffer.packet, headers);
  Room room(1280);
  const Packet packet = make_icmp6_error(room.octets, buffer.packet, headers, nat6, error);
  EXPECT_EQ(packet.data, room.octets.data() + Packet::headroom);
  EXPECT_EQ(packet.offload, Offload{});
  EXPECT_EQ(room.octets[packet.size + Packet::headroom], 0xee);
  return {packet.data, packet.data + packet.size};
}

Octets icmp4_error(const Octets& offending, const IcmpError& error) {
  PacketBuffer buffer(offending);
  Ipv4Headers headers;
  read_ipv4(buffer.packet, headers);
  Room room(576);
  const Packet packet = make_icmp4_error(room.octets, buffer.packet, headers, nat4, error);
  EXPECT_EQ(packet.data, room.octets.data() + Packet::headroom);
  EXPECT_EQ(room.octets[packet.size + Packet::headroom], 0xee);
  return {packet.data, packet.data + packet.size};
}

// RFC 4443 2.4 (c), 3.2.
TEST(IcmpError6, quotes_the_packet_and_goes_to_its_source) {
  const Octets offending = ipv6({}, udp(40000, 443, octets("01 02 03")));
  const Octets error = icmp6_error(offending, {2, 0, 1420});
  ASSERT_EQ(error.size(), 48 + offending.size());
  EXPECT_EQ(hex(Bytes(error).first(8)), "60000000003b3a40");
  EXPECT_EQ(hex(Bytes(error).subspan(8, 16)), hex(nat6));
  EXPECT_EQ(hex(Bytes(error).subspan(24, 16)), hex(client6));
  EXPECT_EQ(hex(Bytes(error).subspan(40, 2)), "0200");
  EXPECT_EQ(load_u32(&error[44]), 1420U);
  EXPECT_EQ(hex(Bytes(error).subspan(48)), hex(offending));
  EXPECT_TRUE(checksum_is_right(error));
}

TEST(IcmpError6, takes_1280_octets_at_most) {
  const Octets error = icmp6_error(ipv6({}, udp(40000, 443, Octets(3001))), {3, 0, 0});
  EXPECT_EQ(error.size(), 1280U);
  EXPECT_TRUE(checksum_is_right(error));
}

TEST(IcmpErrors, quote_nothing_that_lies_behind_the_packet) {
  Octets six = ipv6({.hop_limit = 1}, udp(40000, 443, {}));
  six.resize(six.size() + 7, 0xff);
  EXPECT_EQ(icmp6_error(six, {3, 0, 0}).size(), 48U + 48U);
  Octets four = ipv4({.ttl = 1}, udp(443, 1024, {}));
  four.resize(four.size() + 7, 0xff);
  EXPECT_EQ(icmp4_error(four, {11, 0, 0}).size(), 28U + 28U);
}

// RFC 792, RFC 1191 4, RFC 1812 4.3.2.3, 4.3.2.5.
TEST(IcmpError4, quotes_the_packet_and_goes_to_its_source) {
  const Octets offending = ipv4({}, udp(443, 1024, octets("01 02 03")));
  const Octets error = icmp4_error(offending, {3, 4, 1480});
  ASSERT_EQ(error.size(), 28 + offending.size());
  EXPECT_EQ(hex(Bytes(error).first(10)), "45c0003b000040004001");
  EXPECT_EQ(hex(Bytes(error).subspan(12, 8)), hex(nat4) + hex(server4));
  EXPECT_EQ(hex(Bytes(error).subspan(20, 2)), "0304");
  EXPECT_EQ(hex(Bytes(error).subspan(24, 4)), "000005c8");
  EXPECT_EQ(hex(Bytes(error).subspan(28)), hex(offending));
  EXPECT_TRUE(header_checksum_is_right(error));
  EXPECT_TRUE(checksum_is_right(error));
}

TEST(IcmpError4, has_a_pointer_in_front) {
  const Octets error = icmp4_error(ipv4({}, udp(443, 1024, {})), {12, 0, 21});
  EXPECT_EQ(hex(Bytes(error).subspan(24, 4)), "15000000");
}

TEST(IcmpError4, takes_576_octets_at_most) {
  const Octets error = icmp4_error(ipv4({}, udp(443, 1024, Octets(3001))), {11, 0, 0});
  EXPECT_EQ(error.size(), 576U);
  EXPECT_TRUE(checksum_is_right(error));
}

bool may_be_told_of(const Octets& packet) {
  PacketBuffer buffer(packet);
  if (packet[0] >> 4 == 6) {
    Ipv6Headers headers;
    EXPECT_EQ(read_ipv6(buffer.packet, headers), Step{});
    return may_be_told(headers);
  }
  Ipv4Headers headers;
  EXPECT_EQ(read_ipv4(buffer.packet, headers), Step{});
  return may_be_told(headers);
}

ip::Ipv6Octets address6(const char* text) { return ip::Address::from_text(text)->v6(); }
ip::Ipv4Octets address4(const char* text) { return ip::Address::from_text(text)->v4(); }

// RFC 4443 2.4 (e).
TEST(IcmpError6, is_not_made_about_errors_multicast_and_what_is_not_one_node) {
  const Octets payload = udp(1, 2, {});
  EXPECT_TRUE(may_be_told_of(ipv6({}, payload)));
  EXPECT_TRUE(may_be_told_of(ipv6({.protocol = 58}, icmp(128, 1, {}))));
  EXPECT_TRUE(may_be_told_of(ipv6({.protocol = 132}, payload)));
  for (std::uint8_t type : std::initializer_list<std::uint8_t>{1, 2, 3, 4, 100, 127, 137}) {
    EXPECT_FALSE(may_be_told_of(ipv6({.protocol = 58}, icmp(type, 0, ipv6({}, payload))))) << int{type};
  }
  for (const char* source : {"::", "::1", "ff02::1"}) {
    EXPECT_FALSE(may_be_told_of(ipv6({.source = address6(source)}, payload))) << source;
  }
  EXPECT_TRUE(may_be_told_of(ipv6({.source = address6("::2")}, payload)));
  EXPECT_FALSE(may_be_told_of(ipv6({.destination = address6("ff0e::1")}, payload)));
  EXPECT_FALSE(may_be_told_of(ipv6({.protocol = 44}, octets("11 00 0010 00000001 01")))) << "a later fragment";
}

// RFC 1812 4.3.2.7.
TEST(IcmpError4, is_not_made_about_errors_multicast_and_what_is_not_one_host) {
  const Octets payload = udp(1, 2, {});
  EXPECT_TRUE(may_be_told_of(ipv4({}, payload)));
  EXPECT_TRUE(may_be_told_of(ipv4({.protocol = 1}, icmp(8, 1, {}))));
  for (std::uint8_t type : std::initializer_list<std::uint8_t>{3, 4, 5, 11, 12}) {
    EXPECT_FALSE(may_be_told_of(ipv4({.protocol = 1}, icmp(type, 0, ipv4({}, payload))))) << int{type};
  }
  for (const char* source : {"0.0.0.0", "0.1.2.3", "127.0.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"}) {
    EXPECT_FALSE(may_be_told_of(ipv4({.source = address4(source)}, payload))) << source;
  }
  for (const char* destination : {"224.0.0.1", "255.255.255.255"}) {
    EXPECT_FALSE(may_be_told_of(ipv4({.destination = address4(destination)}, payload))) << destination;
  }
  EXPECT_FALSE(may_be_told_of(ipv4({.flags_and_offset = 1}, payload))) << "a later fragment";
}

}  // namespace
}  // namespace dragoman::nat64
