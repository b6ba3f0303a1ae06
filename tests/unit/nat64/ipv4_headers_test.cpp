// What one look at an IPv4 packet finds. What is refused, and how it is told, is in tests/golden/nat64.
#include <gtest/gtest.h>

#include "headers.h"
#include "sample_packets.h"
#include "translation.h"

namespace dragoman::nat64 {
namespace {

using test::icmp;
using test::ipv4;
using test::octets;
using test::Octets;
using test::PacketBuffer;
using test::tcp;
using test::udp;

// Puts `options`, a multiple of four octets, behind the header.
Octets with_options(Octets packet, const Octets& options) {
  packet.insert(packet.begin() + 20, options.begin(), options.end());
  packet[0] = static_cast<std::uint8_t>(0x45 + options.size() / 4);
  store_u16(&packet[2], static_cast<std::uint16_t>(packet.size()));
  store_u16(&packet[10], 0);
  store_u16(&packet[10], static_cast<std::uint16_t>(~test::slow_sum(Bytes(packet).first(20 + options.size()))));
  return packet;
}

TEST(Ipv4Headers, are_read_in_one_look) {
  PacketBuffer buffer(ipv4({.protocol = 6, .type_of_service = 0xb8, .ttl = 61, .flags_and_offset = 0x4000},
                           tcp(443, 1000, octets("01 02 03"))));
  Ipv4Headers headers;
  ASSERT_EQ(read_ipv4(buffer.packet, headers), Step{});
  EXPECT_EQ(headers.source, buffer.packet.data + 12);
  EXPECT_EQ(headers.destination, buffer.packet.data + 16);
  EXPECT_EQ(headers.type_of_service, 0xb8);
  EXPECT_EQ(headers.ttl, 61);
  EXPECT_EQ(headers.protocol, tcp_number);
  EXPECT_TRUE(headers.dont_fragment);
  EXPECT_EQ(headers.transport_offset, 20U);
  EXPECT_EQ(headers.transport_size, 23U);
  EXPECT_TRUE(headers.fragment.is_whole());
  EXPECT_EQ(headers.transport.kind, TransportKind::tcp);
  EXPECT_EQ(headers.transport.destination_port, 1000);
}

TEST(Ipv4Headers, lead_over_options_to_the_transport_header) {
  PacketBuffer buffer(with_options(ipv4({}, udp(53, 1000, octets("01"))), octets("01 07 03 04 01 00 ff ff")));
  Ipv4Headers headers;
  ASSERT_EQ(read_ipv4(buffer.packet, headers), Step{});
  EXPECT_EQ(headers.transport_offset, 28U);
  EXPECT_EQ(headers.transport_size, 9U);
  EXPECT_EQ(headers.transport.source_port, 53);
}

TEST(Ipv4Headers, say_where_a_fragment_belongs) {
  Ipv4Headers headers;
  PacketBuffer first(ipv4({.flags_and_offset = 0x2000}, udp(53, 1000, octets("8*00"))));
  ASSERT_EQ(read_ipv4(first.packet, headers), Step{});
  EXPECT_EQ(headers.fragment.id, 0x4321U);
  EXPECT_TRUE(headers.fragment.more);
  EXPECT_TRUE(headers.fragment.is_first());
  EXPECT_EQ(headers.transport.source_port, 53);
  EXPECT_FALSE(headers.dont_fragment);

  PacketBuffer later(ipv4({.flags_and_offset = 0xc000 | 2}, octets("00")));  // the reserved bit is ignored
  ASSERT_EQ(read_ipv4(later.packet, headers), Step{});
  EXPECT_EQ(headers.fragment.offset, 16);
  EXPECT_FALSE(headers.fragment.more);
  EXPECT_TRUE(headers.dont_fragment);
  EXPECT_EQ(headers.transport.source_port, 0);
}

TEST(Ipv4Headers, must_have_a_checksum_that_is_right) {
  for (std::size_t at = 0; at < 20; ++at) {
    Octets packet = ipv4({}, udp(1, 2, {}));
    packet[at] ^= 0x40;
    PacketBuffer buffer(packet);
    Ipv4Headers headers;
    EXPECT_EQ(read_ipv4(buffer.packet, headers), drop(DropReason::malformed)) << at;
  }
}

// R21 (RFC 7915 4.1), RFC 1812 4.3.2.7: the kind is known, though the packet is refused.
TEST(Ipv4Headers, of_a_source_routed_icmp_error_forbid_to_tell) {
  const Octets route = octets("83 07 04 cb007109 00");
  Ipv4Headers headers;
  PacketBuffer error(with_options(ipv4({.protocol = 1}, icmp(11, 0, ipv4({}, udp(1, 2, {})))), route));
  EXPECT_EQ(read_ipv4(error.packet, headers)->reason, DropReason::source_route);
  EXPECT_FALSE(may_be_told(headers));
  PacketBuffer query(with_options(ipv4({.protocol = 1}, icmp(8, 1, {})), route));
  EXPECT_EQ(read_ipv4(query.packet, headers), drop(DropReason::source_route, {3, 5}));
  EXPECT_TRUE(may_be_told(headers));
}

TEST(Ipv4Headers, may_have_a_source_route_that_is_used_up_and_options_that_nobody_knows) {
  for (const char* options :
       {"83 07 08 cb007109 00", "89 07 ff cb007109 01", "88 04 00 01", "00 83 07 04", "01 01 01 00"}) {
    PacketBuffer buffer(with_options(ipv4({}, udp(1, 2, {})), octets(options)));
    Ipv4Headers headers;
    EXPECT_EQ(read_ipv4(buffer.packet, headers), Step{}) << options;
  }
}

// RFC 1812 4.3.3.5: the pointer is to the option.
TEST(Ipv4Headers, with_options_that_do_not_fit_are_malformed) {
  const std::pair<const char*, std::uint32_t> table[] = {
      {"44 01 00 00", 20}, {"44 00 00 00", 20}, {"01 44 04 00", 21}, {"01 01 01 44", 23}, {"83 05 04 00", 20}};
  for (const auto& [options, pointer] : table) {
    PacketBuffer buffer(with_options(ipv4({}, udp(1, 2, {})), octets(options)));
    Ipv4Headers headers;
    EXPECT_EQ(read_ipv4(buffer.packet, headers), drop(DropReason::malformed, {12, 0, pointer})) << options;
  }
}

Octets error_about(const Octets& datagram) { return ipv4({.protocol = 1}, icmp(11, 0, datagram)); }

TEST(Ipv4Headers, of_the_packet_in_an_error_are_read_as_far_as_there_are_any) {
  const Octets about = with_options(ipv4({.protocol = 6, .type_of_service = 4, .ttl = 3, .flags_and_offset = 0x2000},
                                         tcp(1000, 443, octets("100*00"))),
                                    octets("01 01 01 01"));
  PacketBuffer buffer(error_about(Octets(about.begin(), about.begin() + 32)));
  Ipv4Headers outer, embedded;
  ASSERT_EQ(read_ipv4(buffer.packet, outer), Step{});
  ASSERT_EQ(read_embedded_ipv4(buffer.packet, outer, embedded), Step{});
  EXPECT_EQ(embedded.source, buffer.packet.data + 40);
  EXPECT_EQ(embedded.type_of_service, 4);
  EXPECT_EQ(embedded.ttl, 3);
  EXPECT_EQ(embedded.protocol, tcp_number);
  EXPECT_TRUE(embedded.fragment.more);
  EXPECT_EQ(embedded.transport_offset, 52U);
  EXPECT_EQ(embedded.transport_size, 8U);
  EXPECT_EQ(embedded.transport.source_port, 1000);
}

// R52 (RFC 5508 4.2 REQ-4): not all routers get it right, and it does not matter.
TEST(Ipv4Headers, of_the_packet_in_an_error_may_have_a_wrong_checksum) {
  Octets about = ipv4({}, udp(1, 2, {}));
  about[10] ^= 0xff;
  PacketBuffer buffer(error_about(about));
  Ipv4Headers outer, embedded;
  ASSERT_EQ(read_ipv4(buffer.packet, outer), Step{});
  EXPECT_EQ(read_embedded_ipv4(buffer.packet, outer, embedded), Step{});
}

}  // namespace
}  // namespace dragoman::nat64
