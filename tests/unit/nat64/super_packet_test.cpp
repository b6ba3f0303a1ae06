// What translates a super-packet translates its segments: cut after or before, they are the same.
#include "super_packet.h"

#include <gtest/gtest.h>

#include "dragoman/nat64/segmentation.h"
#include "sample_packets.h"
#include "translation.h"

namespace dragoman::nat64 {
namespace {

using test::client4;
using test::client6;
using test::hex;
using test::Octets;
using test::PacketBuffer;
using test::server4;
using test::server6;

constexpr Tuple4 outgoing4{client4, server4, 1024, 443};
constexpr Tuple6 outgoing6{server6, client6, 443, 40000};

struct Sample {
  Octets packet;
  Offload offload;
};

Octets random_transport(std::mt19937& random, bool is_tcp, std::size_t payload) {
  const Octets octets = test::random_octets(random, payload);
  if (!is_tcp) return test::udp(40000, 443, octets);
  Octets segment = test::tcp(40000, 443, test::joined(test::octets("12*01"), octets));
  segment[12] = 0x80;
  segment[13] = static_cast<std::uint8_t>(random() & 0xfd);  // any flags but SYN
  return segment;
}

// `packet` with its checksum, whole or partial.
Sample finished(Octets packet, const Offload& offload, bool is_partial) {
  Sample sample{test::checksummed(std::move(packet)), offload};
  if (!is_partial) return sample;
  const std::size_t field = test::checksum_offset(sample.packet);
  store_u16(&sample.packet[field], static_cast<std::uint16_t>(test::pseudo_header_of(sample.packet)));
  sample.offload.flags = Offload::needs_checksum;
  sample.offload.checksum_start = static_cast<std::uint16_t>(test::transport_offset(sample.packet));
  sample.offload.checksum_offset = static_cast<std::uint16_t>(field - test::transport_offset(sample.packet));
  return sample;
}

// Of segments that are all equally long: whether a short last one may be fragmented is not told by the others.
Sample random_super_packet(std::mt19937& random, bool is_v6) {
  const bool is_tcp = random() % 2 == 0;
  const auto segment_size = static_cast<std::uint16_t>(1000 + random() % 400);
  const std::size_t payload = segment_size * (1 + random() % 8);
  const Octets transport = random_transport(random, is_tcp, payload);
  const std::uint8_t protocol = is_tcp ? 6 : 17;
  const Octets packet = is_v6 ? test::ipv6({.protocol = protocol}, transport)
                              : test::ipv4({.protocol = protocol, .flags_and_offset = 0x4000}, transport);
  const std::uint8_t kind = !is_tcp ? Offload::udp : is_v6 ? Offload::tcp6 : Offload::tcp4;
  return finished(packet, {.kind = kind, .segment_size = segment_size}, random() % 2 == 0);
}

void six_to_four(Packet& packet, Identification& identification) {
  Ipv6Headers headers;
  ASSERT_EQ(read_ipv6(packet, headers), Step{});
  ASSERT_EQ(six_to_four(packet, headers, outgoing4, identification, {}), Step{});
}

void four_to_six(Packet& packet) {
  Ipv4Headers headers;
  ASSERT_EQ(read_ipv4(packet, headers), Step{});
  ASSERT_EQ(four_to_six(packet, headers, outgoing6, {}), Step{});
}

std::vector<Octets> segments_of_packet(const Sample& sample) {
  std::vector<Octets> result;
  PacketBuffer buffer(sample.packet, sample.offload);
  segment(buffer.packet, [&](const Packet& piece) { result.emplace_back(piece.data, piece.data + piece.size); });
  return result;
}

std::vector<std::string> texts(const std::vector<Octets>& packets) {
  std::vector<std::string> result;
  for (const Octets& packet : packets) result.push_back(hex(packet));
  return result;
}

// R30 (RFC 7915 5.1).
TEST(SuperPacket, six_to_four_is_the_translation_of_its_segments) {
  std::mt19937 random(1);
  for (int i = 0; i < 300; ++i) {
    const Sample sample = random_super_packet(random, true);
    Identification identification(100), again(100);
    std::vector<Octets> expected;
    for (const Octets& piece : segments_of_packet(sample)) {
      PacketBuffer buffer(piece);
      six_to_four(buffer.packet, identification);
      expected.emplace_back(buffer.bytes().begin(), buffer.bytes().end());
    }
    PacketBuffer whole(sample.packet, sample.offload);
    six_to_four(whole.packet, again);
    const Octets translated(whole.bytes().begin(), whole.bytes().end());
    ASSERT_EQ(texts(segments_of_packet({translated, whole.packet.offload})), texts(expected));
  }
}

// R20 (RFC 7915 4.1).
TEST(SuperPacket, four_to_six_is_the_translation_of_its_segments) {
  std::mt19937 random(2);
  for (int i = 0; i < 300; ++i) {
    const Sample sample = random_super_packet(random, false);
    std::vector<Octets> expected;
    for (const Octets& piece : segments_of_packet(sample)) {
      PacketBuffer buffer(piece);
      four_to_six(buffer.packet);
      expected.emplace_back(buffer.bytes().begin(), buffer.bytes().end());
    }
    PacketBuffer whole(sample.packet, sample.offload);
    four_to_six(whole.packet);
    const Octets translated(whole.bytes().begin(), whole.bytes().end());
    ASSERT_EQ(texts(segments_of_packet({translated, whole.packet.offload})), texts(expected));
  }
}

TEST(SuperPacket, is_as_many_segments_as_its_payload_needs) {
  const Octets udp(8 + 3000);
  const Offload offload{.kind = Offload::udp, .segment_size = 1000};
  EXPECT_EQ(segments_of(offload, udp).count, 3U);
  EXPECT_EQ(segments_of(offload, udp).largest, 1008U);
  EXPECT_EQ(segments_of(offload, Bytes(udp).first(3007)).count, 3U);
  EXPECT_EQ(segments_of(offload, Bytes(udp).first(500)).largest, 500U) << "less than one segment";
  EXPECT_EQ(segments_of(offload, Bytes(udp).first(8)).count, 1U) << "nothing is one segment";
  EXPECT_EQ(segments_of({}, udp).largest, 3008U);
}

TEST(SuperPacket, has_its_offload_header_translated) {
  Offload offload{.flags = Offload::needs_checksum | Offload::data_valid,
                  .kind = Offload::tcp6 | Offload::ecn,
                  .header_size = 999,
                  .segment_size = 1400,
                  .checksum_start = 48,
                  .checksum_offset = 16};
  translate_offload(offload, Offload::tcp4, 20, {32, 1432, 3});
  EXPECT_EQ(offload, (Offload{.flags = Offload::needs_checksum,
                              .kind = Offload::tcp4 | Offload::ecn,
                              .header_size = 52,
                              .segment_size = 1400,
                              .checksum_start = 20,
                              .checksum_offset = 16}));
  Offload none{.flags = Offload::data_valid, .header_size = 999, .segment_size = 5, .checksum_start = 1};
  translate_offload(none, Offload::tcp4, 20, {});
  EXPECT_EQ(none, Offload{});
}

}  // namespace
}  // namespace dragoman::nat64
