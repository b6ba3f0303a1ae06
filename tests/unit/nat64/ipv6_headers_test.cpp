// What one look at an IPv6 packet finds. What is refused, and how it is told, is in tests/golden/nat64.
#include <gtest/gtest.h>

#include "headers.h"
#include "sample_packets.h"
#include "translation.h"

namespace dragoman::nat64 {
namespace {

using test::client6;
using test::icmp;
using test::ipv6;
using test::joined;
using test::octets;
using test::Octets;
using test::PacketBuffer;
using test::server6;
using test::tcp;
using test::udp;

const Octets destination_options = octets("11 00 01 04 00000000");  // then UDP

Octets with_fragment_header(std::uint8_t protocol, std::uint16_t offset_and_more, Bytes data) {
  Octets payload{protocol, 0, 0, 0, 0xde, 0xad, 0xbe, 0xef};
  store_u16(&payload[2], offset_and_more);
  return ipv6({.protocol = 44}, joined(payload, data));
}

TEST(Ipv6Headers, are_read_in_one_look) {
  PacketBuffer buffer(
      ipv6({.protocol = 6, .traffic_class = 0xb8, .hop_limit = 61}, tcp(1000, 443, octets("01 02 03"))));
  Ipv6Headers headers;
  ASSERT_EQ(read_ipv6(buffer.packet, headers), Step{});
  EXPECT_EQ(headers.source, buffer.packet.data + 8);
  EXPECT_EQ(headers.destination, buffer.packet.data + 24);
  EXPECT_EQ(headers.traffic_class, 0xb8);
  EXPECT_EQ(headers.hop_limit, 61);
  EXPECT_EQ(headers.protocol, tcp_number);
  EXPECT_EQ(headers.transport_offset, 40U);
  EXPECT_EQ(headers.transport_size, 23U);
  EXPECT_TRUE(headers.fragment.is_whole());
  EXPECT_FALSE(headers.fragment.has_header);
  EXPECT_EQ(headers.transport.kind, TransportKind::tcp);
  EXPECT_EQ(headers.transport.source_port, 1000);
}

TEST(Ipv6Headers, lead_over_extension_headers_to_the_transport_header) {
  PacketBuffer buffer(ipv6({.protocol = 60}, joined(destination_options, udp(1000, 53, octets("01")))));
  Ipv6Headers headers;
  ASSERT_EQ(read_ipv6(buffer.packet, headers), Step{});
  EXPECT_EQ(headers.protocol, udp_number);
  EXPECT_EQ(headers.transport_offset, 48U);
  EXPECT_EQ(headers.transport_size, 9U);
}

TEST(Ipv6Headers, say_where_a_fragment_belongs) {
  Ipv6Headers headers;
  PacketBuffer first(with_fragment_header(17, 1, udp(1000, 53, octets("8*00"))));
  ASSERT_EQ(read_ipv6(first.packet, headers), Step{});
  EXPECT_EQ(headers.fragment.id, 0xdeadbeefU);
  EXPECT_TRUE(headers.fragment.has_header);
  EXPECT_TRUE(headers.fragment.is_first());
  EXPECT_FALSE(headers.fragment.is_whole());
  EXPECT_EQ(headers.transport.source_port, 1000);
  EXPECT_EQ(headers.transport_offset, 48U);

  PacketBuffer later(with_fragment_header(17, 16 | 6, octets("00")));  // reserved bits are ignored
  ASSERT_EQ(read_ipv6(later.packet, headers), Step{});
  EXPECT_EQ(headers.fragment.offset, 16);
  EXPECT_FALSE(headers.fragment.more);
  EXPECT_EQ(headers.transport.kind, TransportKind::udp);
  EXPECT_EQ(headers.transport.source_port, 0);

  PacketBuffer atomic(with_fragment_header(17, 0, udp(1000, 53, {})));
  ASSERT_EQ(read_ipv6(atomic.packet, headers), Step{});
  EXPECT_TRUE(headers.fragment.is_whole());
  EXPECT_TRUE(headers.fragment.has_header);
}

TEST(Ipv6Headers, cut_off_what_lies_behind_the_packet) {
  PacketBuffer buffer(joined(ipv6({}, udp(1, 2, octets("03"))), octets("04 05")));
  Ipv6Headers headers;
  ASSERT_EQ(read_ipv6(buffer.packet, headers), Step{});
  EXPECT_EQ(buffer.packet.size, 49U);
}

// RFC 4443 2.4 (e.1): so what they are must be known, whatever they are refused for.
TEST(Ipv6Headers, of_refused_icmp_errors_forbid_to_tell) {
  const auto verdict = [](std::uint8_t first, const Octets& extension_headers, std::uint8_t type) {
    PacketBuffer buffer(
        ipv6({.protocol = first}, joined(extension_headers, icmp(type, 1, ipv6({}, udp(1, 2, octets("7*00")))))));
    Ipv6Headers headers;
    const Step step = read_ipv6(buffer.packet, headers);
    EXPECT_TRUE(step && step->tell.type != 0);
    return may_be_told(headers);
  };
  struct {
    std::uint8_t first;
    Octets extension_headers;
    bool query_is_told;
  } const table[] = {
      {43, octets("3a 02 00 01 00000000 16*00"), true},            // segments left
      {44, octets("3c 00 0000 00000001 3a 00 00 00 4*00"), true},  // fragmented Destination Options
      {60, octets("00 00 00 00 4*00 3a 00 00 00 4*00"), true},     // late Hop-by-Hop Options
      {44, octets("3a 00 0001 00000001"), false},                  // not of eights: what it is, is not looked at
  };
  for (const auto& row : table) {
    EXPECT_EQ(verdict(row.first, row.extension_headers, 128), row.query_is_told) << test::hex(row.extension_headers);
    EXPECT_FALSE(verdict(row.first, row.extension_headers, 3)) << test::hex(row.extension_headers);
  }
}

// R31: "or more of them than anybody needs".
TEST(Ipv6Headers, may_be_ten_extension_headers) {
  Octets payload;
  for (int i = 0; i < 9; ++i) payload = joined(payload, octets("3c 00 01 04 00000000"));
  payload = joined(payload, destination_options);
  Ipv6Headers headers;
  PacketBuffer ten(ipv6({.protocol = 60}, joined(payload, udp(1, 2, {}))));
  EXPECT_EQ(read_ipv6(ten.packet, headers), Step{});
  EXPECT_EQ(headers.transport_offset, 120U);
}

Octets error_about(const Octets& datagram) { return ipv6({.protocol = 58}, icmp(1, 0, datagram)); }

TEST(Ipv6Headers, of_the_packet_in_an_error_are_read_as_far_as_there_are_any) {
  const Octets about =
      ipv6({.protocol = 6, .source = server6, .destination = client6, .traffic_class = 4, .hop_limit = 3},
           tcp(443, 1000, octets("100*00")));
  PacketBuffer buffer(error_about(Octets(about.begin(), about.begin() + 48)));
  Ipv6Headers outer, embedded;
  ASSERT_EQ(read_ipv6(buffer.packet, outer), Step{});
  ASSERT_EQ(outer.transport.kind, TransportKind::icmp_error);
  ASSERT_EQ(read_embedded_ipv6(buffer.packet, outer, embedded), Step{});
  EXPECT_EQ(embedded.source, buffer.packet.data + 56);
  EXPECT_EQ(embedded.destination, buffer.packet.data + 72);
  EXPECT_EQ(embedded.traffic_class, 4);
  EXPECT_EQ(embedded.hop_limit, 3);
  EXPECT_EQ(embedded.protocol, tcp_number);
  EXPECT_EQ(embedded.transport_offset, 88U);
  EXPECT_EQ(embedded.transport_size, 8U);
  EXPECT_EQ(embedded.transport.source_port, 443);
  EXPECT_EQ(embedded.transport.destination_port, 1000);
}

TEST(Ipv6Headers, of_the_packet_in_an_error_end_with_it) {
  PacketBuffer buffer(error_about(joined(ipv6({}, udp(1, 2, octets("03"))), octets("04 05 06"))));
  Ipv6Headers outer, embedded;
  ASSERT_EQ(read_ipv6(buffer.packet, outer), Step{});
  ASSERT_EQ(read_embedded_ipv6(buffer.packet, outer, embedded), Step{});
  EXPECT_EQ(embedded.transport_size, 9U) << "zeros behind it are not its own";
}

TEST(Ipv6Headers, of_the_packet_in_an_error_must_be_ipv6) {
  PacketBuffer buffer(error_about(test::ipv4({}, udp(1, 2, octets("20*00")))));
  Ipv6Headers outer, embedded;
  ASSERT_EQ(read_ipv6(buffer.packet, outer), Step{});
  EXPECT_EQ(read_embedded_ipv6(buffer.packet, outer, embedded), drop(DropReason::icmp_error_embedded));
}

}  // namespace
}  // namespace dragoman::nat64
