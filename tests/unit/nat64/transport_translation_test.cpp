// Transport headers with their checksums, against the slow twin.
#include "transport_translation.h"

#include <gtest/gtest.h>

#include "sample_packets.h"

namespace dragoman::nat64 {
namespace {

using test::hex;
using test::octets;
using test::Octets;
using test::tcp;
using test::udp;

TEST(TransportTranslation, stores_ports_though_the_checksum_is_cut_off) {
  for (std::size_t size = 4; size < 18; ++size) {
    Octets part = tcp(1, 2, {});
    part.resize(size);
    translate_ports(part, TransportKind::tcp, {0, 0, 0x1122, 0x3344}, ChecksumState::full);
    EXPECT_EQ(hex(part).substr(0, 8), "11223344");
    EXPECT_EQ(load_u16(&part[2]), 0x3344);
  }
}

TEST(TransportTranslation, leaves_no_udp_checksum_as_it_is_unless_it_is_partial) {
  Octets none = udp(1, 2, octets("01"));
  translate_ports(none, TransportKind::udp, {0, ip::word(5), 3, 4}, ChecksumState::full);
  EXPECT_EQ(load_u16(&none[6]), 0);
  Octets partial = udp(1, 2, octets("01"));
  translate_ports(partial, TransportKind::udp, {0, ip::word(5), 3, 4}, ChecksumState::partial);
  EXPECT_EQ(load_u16(&partial[6]), 5);
}

// RFC 1624 3: a sum of nothing but zeros is zero, and stays wrong whatever is added to its checksum of zero.
TEST(TransportTranslation, gives_an_echo_reply_of_zeros_a_checksum_that_is_right) {
  Octets reply = octets("81 00 0000 0007 0000 0000");
  const std::uint32_t pseudo_header = 0x1234;
  store_u16(&reply[2], static_cast<std::uint16_t>(~test::slow_sum(reply, pseudo_header)));
  translate_query(reply.data(), {.removed = ip::word(pseudo_header), .added = 0, .type = 0, .id = 0});
  EXPECT_EQ(hex(reply), "0000ffff000000000000");
  EXPECT_EQ(test::slow_sum(reply), 0xffffU);
}

Octets syn(const char* options) {
  const Octets octets_of_options = octets(options);
  Octets segment = tcp(1, 2, octets_of_options);
  segment[12] = static_cast<std::uint8_t>((5 + octets_of_options.size() / 4) << 4);
  segment[13] = 0x02;
  store_u16(&segment[16], static_cast<std::uint16_t>(~test::slow_sum(segment)));
  return segment;
}

TEST(TransportTranslation, lowers_the_mss_of_a_syn_wherever_it_lies) {
  const std::pair<const char*, const char*> table[] = {
      {"020405b4", "020404b0"},
      {"01020405b4010101", "01020404b0010101"},
      {"0101020405b40101", "0101020404b00101"},
      {"0402 0101 0303 0702 0405 b400", "0402 0101 0303 0702 0404 b000"},
      {"020403e8", "020403e8"},                      // low enough
      {"01010100", "01010100"},                      // none
      {"00 020405b4 000000", "00 020405b4 000000"},  // behind the end
      {"0203 05 00", "0203 05 00"},                  // of another size
      {"04ff 0101", "04ff 0101"},                    // options beyond the header
      {"0400 0101", "0400 0101"},
      {"01010102", "01010102"},
  };
  for (const auto& [before, after] : table) {
    Octets segment = syn(before);
    clamp_tcp_mss(segment, 1200, ChecksumState::full);
    EXPECT_EQ(hex(Bytes(segment).subspan(20)), hex(octets(after))) << before;
    EXPECT_EQ(test::slow_sum(segment), 0xffffU) << before;
  }
}

TEST(TransportTranslation, lowers_the_mss_of_nothing_but_a_syn) {
  Octets segment = syn("020405b4");
  segment[13] = 0x10;
  clamp_tcp_mss(segment, 1200, ChecksumState::full);
  EXPECT_EQ(hex(Bytes(segment).subspan(20)), "020405b4");
}

TEST(TransportTranslation, leaves_a_partial_checksum_as_it_is_when_the_mss_is_lowered) {
  Octets segment = syn("020405b4");
  const std::uint16_t field = load_u16(&segment[16]);
  clamp_tcp_mss(segment, 1200, ChecksumState::partial);
  EXPECT_EQ(load_u16(&segment[16]), field);
  EXPECT_EQ(hex(Bytes(segment).subspan(20)), "020404b0");
}

}  // namespace
}  // namespace dragoman::nat64
