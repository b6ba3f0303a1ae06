// Kinds and ports of transport headers, and which offload headers fit them.
#include "transport_header.h"

#include <gtest/gtest.h>

#include "sample_packets.h"

namespace dragoman::nat64 {
namespace {

using test::icmp;
using test::Octets;
using test::octets;
using test::PacketBuffer;
using test::tcp;
using test::udp;

struct Reading {
  Step step;
  Transport transport;
};

Reading read(Family family, std::uint8_t protocol, const Octets& octets, const Fragmentation& fragment = {},
             const Offload& offload = {}) {
  PacketBuffer buffer(octets, offload);
  Reading result;
  result.step = read_transport(buffer.packet, {family, protocol, 0, octets.size(), fragment}, result.transport);
  return result;
}

TEST(TransportHeader, has_ports_or_an_identifier) {
  const Reading of_tcp = read(Family::ipv6, tcp_number, tcp(1000, 2000, {}));
  EXPECT_EQ(of_tcp.transport.kind, TransportKind::tcp);
  EXPECT_EQ(of_tcp.transport.source_port, 1000);
  EXPECT_EQ(of_tcp.transport.destination_port, 2000);
  const Reading of_udp = read(Family::ipv4, udp_number, udp(1000, 2000, {}));
  EXPECT_EQ(of_udp.transport.kind, TransportKind::udp);
  EXPECT_EQ(of_udp.transport.destination_port, 2000);
  const Reading of_ping = read(Family::ipv6, icmp6_number, icmp(128, 77, {}));
  EXPECT_EQ(of_ping.transport.kind, TransportKind::icmp_query);
  EXPECT_EQ(of_ping.transport.source_port, 77);
  EXPECT_EQ(of_ping.transport.destination_port, 77);
}

// R25, R33 (RFC 7915 4.2, 5.2; RFC 4443 2.1).
TEST(TransportHeader, icmp_is_a_query_an_error_or_neither) {
  for (int type = 0; type < 256; ++type) {
    const auto octet = static_cast<std::uint8_t>(type);
    const TransportKind six = read(Family::ipv6, icmp6_number, icmp(octet, 1, {})).transport.kind;
    EXPECT_EQ(six == TransportKind::icmp_error, type < 128) << type;
    EXPECT_EQ(six == TransportKind::icmp_query, type == 128 || type == 129) << type;
    EXPECT_EQ(six == TransportKind::other_icmp, type > 129) << type;
    const TransportKind four = read(Family::ipv4, icmp_number, icmp(octet, 1, {})).transport.kind;
    const bool is_error = type == 3 || type == 11 || type == 12;
    const bool is_query = type == 0 || type == 8;
    EXPECT_EQ(four == TransportKind::icmp_error, is_error) << type;
    EXPECT_EQ(four == TransportKind::icmp_query, is_query) << type;
    EXPECT_EQ(four == TransportKind::other_icmp, !is_error && !is_query) << type;
  }
}

TEST(TransportHeader, icmp_of_the_other_family_is_another_protocol) {
  EXPECT_EQ(read(Family::ipv6, icmp_number, icmp(8, 1, {})).transport.kind, TransportKind::other);
  EXPECT_EQ(read(Family::ipv4, icmp6_number, icmp(128, 1, {})).transport.kind, TransportKind::other);
  EXPECT_EQ(read(Family::ipv4, 132, octets("0001 0002")).transport.kind, TransportKind::other);
  EXPECT_EQ(read(Family::ipv6, 59, {}).step, Step{}) << "no next header, and nothing there";
}

TEST(TransportHeader, must_be_there_in_whole) {
  const Octets segment = tcp(1, 2, octets("00"));
  for (std::size_t size = 0; size < 20; ++size) {
    EXPECT_EQ(read(Family::ipv6, tcp_number, Octets(segment.begin(), segment.begin() + static_cast<long>(size))).step,
              drop(DropReason::malformed));
  }
  for (std::size_t size = 0; size < 8; ++size) {
    EXPECT_EQ(read(Family::ipv6, udp_number, Octets(size)).step, drop(DropReason::malformed));
    EXPECT_EQ(read(Family::ipv6, icmp6_number, Octets(size)).step, drop(DropReason::malformed));
  }
  Octets long_header = tcp(1, 2, octets("3*00"));
  long_header[12] = 0x60;
  EXPECT_EQ(read(Family::ipv6, tcp_number, long_header).step, drop(DropReason::malformed)) << "options cut off";
  long_header[12] = 0x40;
  EXPECT_EQ(read(Family::ipv6, tcp_number, long_header).step, drop(DropReason::malformed)) << "less than 20 octets";
}

TEST(TransportHeader, udp_length_is_that_of_the_datagram) {
  Octets datagram = udp(1, 2, octets("8*00"));
  const auto with_length = [&](std::uint16_t length, const Fragmentation& fragment) {
    store_u16(&datagram[4], length);
    return read(Family::ipv4, udp_number, datagram, fragment).step;
  };
  EXPECT_EQ(with_length(16, {}), Step{});
  EXPECT_EQ(with_length(12, {}), Step{}) << "options of UDP may follow (RFC 9868)";
  EXPECT_EQ(with_length(17, {}), drop(DropReason::malformed));
  EXPECT_EQ(with_length(7, {}), drop(DropReason::malformed));
  EXPECT_EQ(with_length(17, {.more = true}), Step{}) << "of all fragments";
}

TEST(TransportHeader, later_fragments_have_none) {
  const Fragmentation later{.offset = 8};
  EXPECT_EQ(read(Family::ipv6, tcp_number, octets("00"), later).transport.kind, TransportKind::tcp);
  EXPECT_EQ(read(Family::ipv6, udp_number, octets("00"), later).transport.kind, TransportKind::udp);
  EXPECT_EQ(read(Family::ipv6, icmp6_number, octets("00"), later).transport.kind, TransportKind::other_icmp);
  EXPECT_EQ(read(Family::ipv4, icmp_number, octets("00"), later).transport.kind, TransportKind::other_icmp);
  EXPECT_EQ(read(Family::ipv6, icmp_number, octets("00"), later).transport.kind, TransportKind::other);
  EXPECT_EQ(read(Family::ipv6, udp_number, octets("00010002"), later).transport.source_port, 0);
}

TEST(TransportHeader, embedded_needs_ports_alone) {
  Transport transport;
  for (std::uint8_t protocol : {tcp_number, udp_number}) {
    EXPECT_EQ(read_embedded_transport(octets("000102"), Family::ipv6, protocol, transport),
              drop(DropReason::icmp_error_embedded));
    EXPECT_EQ(read_embedded_transport(octets("00010203"), Family::ipv6, protocol, transport), Step{});
    EXPECT_EQ(transport.source_port, 0x0001);
    EXPECT_EQ(transport.destination_port, 0x0203);
  }
  EXPECT_EQ(read_embedded_transport(octets("8000 0000 11"), Family::ipv6, icmp6_number, transport),
            drop(DropReason::icmp_error_embedded));
  EXPECT_EQ(read_embedded_transport(octets("8000 0000 1122"), Family::ipv6, icmp6_number, transport), Step{});
  EXPECT_EQ(transport.source_port, 0x1122);
}

// R27 (RFC 7915 4.3): one level alone.
TEST(TransportHeader, embedded_is_no_error_and_no_other_protocol) {
  Transport transport;
  const Step refusal = drop(DropReason::icmp_error_embedded);
  EXPECT_EQ(read_embedded_transport(octets("0300 0000 0000 0000"), Family::ipv6, icmp6_number, transport), refusal);
  EXPECT_EQ(read_embedded_transport(octets("8700 0000 0000 0000"), Family::ipv6, icmp6_number, transport), refusal);
  EXPECT_EQ(read_embedded_transport(octets("0500 0000 0000 0000"), Family::ipv4, icmp_number, transport), refusal);
  EXPECT_EQ(read_embedded_transport(octets("0000 0000 0000 0000"), Family::ipv4, 132, transport), refusal);
}

}  // namespace
}  // namespace dragoman::nat64
