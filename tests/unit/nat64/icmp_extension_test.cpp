// RFC 4884 and RFC 5837: where an extension lies, and where it is put.
#include "icmp_extension.h"

#include <gtest/gtest.h>

#include "sample_packets.h"

namespace dragoman::nat64 {
namespace {

using test::hex;
using test::icmp;
using test::joined;
using test::octets;
using test::Octets;

const Octets mpls = octets("2000 ddb5 0008 0101 00010140");  // version 2, checksum, one object

Octets error(std::uint8_t type, std::size_t length_at, std::uint8_t length, std::size_t behind) {
  Octets message = icmp(type, 0, Octets(behind, 0x61));
  message[length_at] = length;
  return message;
}

// RFC 4884 4: which types have a length attribute, and in what words.
TEST(IcmpExtension, lies_behind_as_many_words_as_the_length_says) {
  for (std::uint8_t type : std::initializer_list<std::uint8_t>{3, 11, 12}) {
    const Octets message = error(type, 5, 32, 140);
    EXPECT_EQ(parts_of(Family::ipv4, message).datagram.size(), 128U);
    EXPECT_EQ(parts_of(Family::ipv4, message).extension.size(), 12U);
  }
  for (std::uint8_t type : std::initializer_list<std::uint8_t>{1, 3}) {
    const Octets message = error(type, 4, 16, 140);
    EXPECT_EQ(parts_of(Family::ipv6, message).datagram.size(), 128U);
    EXPECT_EQ(parts_of(Family::ipv6, message).extension.size(), 12U);
  }
  for (std::uint8_t type : std::initializer_list<std::uint8_t>{2, 4}) {  // an MTU or a pointer is no length
    EXPECT_EQ(parts_of(Family::ipv6, error(type, 4, 16, 140)).datagram.size(), 140U);
  }
}

// RFC 4884 5.5, 4.6.
TEST(IcmpExtension, is_none_when_the_length_says_so_or_does_not_fit) {
  for (std::uint8_t length : std::initializer_list<std::uint8_t>{0, 35, 36, 255}) {
    const Octets message = error(11, 5, length, 140);
    EXPECT_EQ(parts_of(Family::ipv4, message).datagram.size(), 140U) << int{length};
    EXPECT_TRUE(parts_of(Family::ipv4, message).extension.empty());
  }
}

class Appending : public testing::Test {
 protected:
  // A message of type 11 with a datagram of so many octets 61, in ICMPv4 or ICMPv6.
  Octets append(const IcmpExtension& extension, Family family, std::size_t datagram, std::size_t space = 1240) {
    Octets room(space, 0xee);
    room[0] = family == Family::ipv4 ? 11 : 3;
    for (std::size_t i = 1; i < 8; ++i) room[i] = 0;
    for (std::size_t i = 8; i < std::min(space, 8 + datagram); ++i) room[i] = 0x61;
    room.resize(extension.append(room, family, datagram));
    return room;
  }
};

TEST_F(Appending, nothing_is_no_extension) {
  EXPECT_EQ(hex(append(IcmpExtension({}, nullptr), Family::ipv4, 4)), "0b0000000000000061616161");
  EXPECT_EQ(append(IcmpExtension({}, nullptr), Family::ipv4, 5000).size(), 1240U);
}

TEST_F(Appending, pads_the_datagram_with_zeros_to_128_octets) {
  const Octets message = append(IcmpExtension(mpls, nullptr), Family::ipv4, 5);
  EXPECT_EQ(hex(message), hex(joined(octets("0b00 0000 0020 0000 5*61 123*00"), mpls)));
}

TEST_F(Appending, pads_a_longer_datagram_to_whole_words) {
  const Octets four = append(IcmpExtension(mpls, nullptr), Family::ipv4, 129);
  EXPECT_EQ(hex(four), hex(joined(octets("0b00 0000 0021 0000 129*61 3*00"), mpls)));
  const Octets six = append(IcmpExtension(mpls, nullptr), Family::ipv6, 129);
  EXPECT_EQ(hex(six), hex(joined(octets("0300 0000 1100 0000 129*61 7*00"), mpls)));
}

TEST_F(Appending, cuts_the_datagram_where_both_do_not_fit) {
  const Octets message = append(IcmpExtension(mpls, nullptr), Family::ipv6, 1000, 200);
  EXPECT_EQ(hex(message), hex(joined(octets("0300 0000 1600 0000 176*61"), mpls)));
}

// The attribute of ICMPv4 counts no more than 255 words.
TEST_F(Appending, cuts_the_datagram_to_what_the_length_can_say) {
  const Octets message = append(IcmpExtension(mpls, nullptr), Family::ipv4, 1200);
  EXPECT_EQ(hex(message), hex(joined(octets("0b00 0000 00ff 0000 1020*61"), mpls)));
}

TEST_F(Appending, gives_the_extension_up_where_the_datagram_would_be_too_short) {
  const Octets message = append(IcmpExtension(mpls, nullptr), Family::ipv4, 147, 8 + 128 + 11);
  EXPECT_EQ(hex(message), hex(octets("0b00 0000 0000 0000 139*61")));
}

// R35 (RFC 6791 4, RFC 5837 4): class 2, the incoming interface's, with an IP address of address family 2.
TEST_F(Appending, adds_the_address_of_the_router) {
  const Octets message = append(IcmpExtension({}, test::client6.data()), Family::ipv4, 128);
  const Octets extension(message.begin() + 136, message.end());
  EXPECT_EQ(hex(extension).substr(0, 4), "2000");
  EXPECT_EQ(hex(extension).substr(8), "0018020400020000" + hex(test::client6));
  EXPECT_EQ(test::slow_sum(extension), 0xffffU);
}

TEST_F(Appending, adds_the_address_of_the_router_behind_other_objects) {
  const Octets message = append(IcmpExtension(mpls, test::client6.data()), Family::ipv4, 128);
  const Octets extension(message.begin() + 136, message.end());
  EXPECT_EQ(hex(extension).substr(8),
            "0008010100010140"
            "0018020400020000" +
                hex(test::client6));
  EXPECT_EQ(test::slow_sum(extension), 0xffffU);
}

TEST_F(Appending, adds_nothing_to_what_is_no_extension) {
  const Octets unknown = octets("1000 0000 0102");
  const Octets message = append(IcmpExtension(unknown, test::client6.data()), Family::ipv4, 128);
  EXPECT_EQ(hex(Bytes(message).subspan(136)), hex(unknown));
}

}  // namespace
}  // namespace dragoman::nat64
