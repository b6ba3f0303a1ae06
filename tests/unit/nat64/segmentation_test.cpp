// Software segmentation against its slow twin, and what each header field of a segment must be.
#include "dragoman/nat64/segmentation.h"

#include <gtest/gtest.h>

#include "super_packets.h"

namespace dragoman::nat64 {
namespace {

using namespace samples;

std::vector<Octets> segments_of(const Sample& whole) {
  PacketBuffer buffer(whole.octets, whole.offload);
  Packet& packet = buffer.packet;
  std::vector<Octets> segments;
  segment(packet, [&](const Packet& one) {
    EXPECT_EQ(one.offload, Offload{});
    segments.push_back(octets_of(one));
  });
  return segments;
}

Sample tcp_of_four_segments(Random& random, std::uint8_t flags) {
  Sample whole = sample(random, {.tcp = true, .payload = 3500, .segment_size = 1000});
  whole.octets[33] = flags;
  finish(whole.octets);
  return whole;
}

TEST(Segmentation, makes_the_segments_of_its_slow_twin) {
  Random random(1);
  for (int i = 0; i < 800; ++i) {
    const Sample whole = sample(random, random_shape(random, 60000));
    ASSERT_EQ(segments_of(whole), slow_segments(whole)) << i;
  }
}

TEST(Segmentation, counts_segments_and_measures_the_longest) {
  Random random(2);
  for (int i = 0; i < 500; ++i) {
    Sample whole = sample(random, random_shape(random, 20000));
    PacketBuffer buffer(whole.octets, whole.offload);
    const std::vector<Octets> segments = slow_segments(whole);
    ASSERT_EQ(segment_count(buffer.packet), segments.size());
    ASSERT_EQ(longest_segment(buffer.packet), segments.front().size());
  }
  PacketBuffer single(sample(random, {.payload = 3000}).octets);
  EXPECT_EQ(segment_count(single.packet), 1u);
  EXPECT_EQ(longest_segment(single.packet), single.packet.size);
}

TEST(Segmentation, leaves_the_whole_payload_in_its_order) {
  Random random(3);
  const Sample whole =
      sample(random, {.v6 = true, .tcp = true, .partial = true, .payload = 64000, .segment_size = 1428});
  Octets payload;
  for (const Octets& one : segments_of(whole)) payload.insert(payload.end(), one.begin() + 60, one.end());
  EXPECT_EQ(payload, Octets(whole.octets.begin() + 60, whole.octets.end()));
}

TEST(Segmentation, has_cwr_on_the_first_and_fin_and_psh_on_the_last_segment_alone) {
  Random random(4);
  const std::vector<Octets> segments = segments_of(tcp_of_four_segments(random, 0xff));
  ASSERT_EQ(segments.size(), 4u);
  EXPECT_EQ(segments[0][33], 0xf6);
  EXPECT_EQ(segments[1][33], 0x76);
  EXPECT_EQ(segments[2][33], 0x76);
  EXPECT_EQ(segments[3][33], 0x7f);
}

TEST(Segmentation, counts_ids_and_sequence_numbers_beyond_their_ends) {
  Random random(5);
  Sample whole = tcp_of_four_segments(random, 0x10);
  store_u16(&whole.octets[4], 0xfffe);
  store_u32(&whole.octets[24], 0xfffffa00);
  finish(whole.octets);
  const std::vector<Octets> segments = segments_of(whole);
  ASSERT_EQ(segments.size(), 4u);
  EXPECT_EQ(load_u16(&segments[2][4]), 0);
  EXPECT_EQ(load_u16(&segments[3][4]), 1);
  EXPECT_EQ(load_u32(&segments[2][24]), 0xfffffa00u + 2000);
}

// R28, RFC 8200 8.1: a UDP checksum of zero says that there is none.
TEST(Segmentation, never_gives_a_udp_segment_a_checksum_of_zero) {
  Random random(6);
  for (const bool partial : {false, true}) {
    Sample whole = sample(random, {.v6 = true, .payload = 200, .segment_size = 100});
    // The first two octets of the second payload take its sum to 0xffff, so that the checksum is zero.
    Octets second = slow_segments(whole)[1];
    store_u16(&second[46], 0);
    store_u16(&second[48], 0);
    store_u16(&whole.octets[148], static_cast<std::uint16_t>(~transport_sum(second)));
    finish(whole.octets);
    if (partial) make_partial(whole.octets, whole.offload);
    const std::vector<Octets> segments = segments_of(whole);
    ASSERT_EQ(segments.size(), 2u);
    EXPECT_EQ(load_u16(&segments[1][46]), 0xffff);
    EXPECT_EQ(transport_sum(segments[1]), 0xffff);
  }
}

TEST(Segmentation, leaves_udp_over_ipv4_without_a_checksum_without_one) {
  Random random(7);
  const Sample whole = sample(random, {.no_checksum = true, .payload = 500, .segment_size = 200});
  for (const Octets& one : segments_of(whole)) EXPECT_EQ(load_u16(&one[26]), 0);
}

// Computing a fresh one would hide from the receiver what happened on the way.
TEST(Segmentation, keeps_a_wrong_checksum_wrong_in_every_segment) {
  Random random(8);
  for (int i = 0; i < 500; ++i) {
    Shape shape = random_shape(random, 5000);
    shape.partial = shape.no_checksum = false;
    shape.payload += 2;
    Sample whole = sample(random, shape);
    whole.octets.back() = static_cast<std::uint8_t>(whole.octets.back() + 1 + below(random, 254));
    for (const Octets& one : segments_of(whole)) ASSERT_NE(transport_sum(one), 0xffff);
  }
}

TEST(Segmentation, gives_a_packet_without_an_offload_kind_as_it_is) {
  Random random(9);
  Shape shape = random_shape(random, 1400);
  shape.segment_size = 0;
  shape.partial = false;
  Sample whole = sample(random, shape);
  whole.offload.flags = Offload::data_valid;
  EXPECT_EQ(segments_of(whole), std::vector<Octets>{whole.octets});
}

TEST(Segmentation, finishes_partial_checksums) {
  Random random(10);
  for (int i = 0; i < 1000; ++i) {
    Shape shape = random_shape(random, 3000);
    shape.segment_size = 0;
    shape.partial = true;
    shape.no_checksum = false;
    Sample whole = sample(random, shape);
    Octets finished = whole.octets;
    finish(finished);
    PacketBuffer buffer(whole.octets, whole.offload);
    Packet& packet = buffer.packet;
    finish_checksum(packet);
    ASSERT_EQ(octets_of(packet), finished);
    ASSERT_EQ(packet.offload, Offload{});
    ASSERT_EQ(segments_of(whole), std::vector<Octets>{finished});
  }
}

TEST(Segmentation, gives_what_does_not_fit_its_offload_header_as_it_is) {
  Random random(11);
  const Sample good = sample(random, {.v6 = true, .tcp = true, .payload = 3000, .segment_size = 1000});
  auto expect_untouched = [](const Sample& whole) {
    PacketBuffer buffer(whole.octets, whole.offload);
    Packet& packet = buffer.packet;
    EXPECT_EQ(segment_count(packet), 1u);
    int given = 0;
    segment(packet, [&](const Packet& one) {
      ++given;
      EXPECT_EQ(octets_of(one), whole.octets);
      EXPECT_EQ(one.offload, whole.offload);
    });
    EXPECT_EQ(given, 1);
  };
  Sample other_protocol = good;
  other_protocol.octets[6] = 17;
  expect_untouched(other_protocol);
  Sample no_segment_size = good;
  no_segment_size.offload.segment_size = 0;
  expect_untouched(no_segment_size);
  Sample long_header = good;
  long_header.octets.resize(80);
  long_header.octets[52] = 0xf0;
  expect_untouched(long_header);
  Sample short_header = good;
  short_header.octets[52] = 0x40;
  expect_untouched(short_header);
  Sample endless_extension = good;
  endless_extension.octets[6] = 0;
  endless_extension.octets[40] = 60;
  endless_extension.octets[41] = 255;
  expect_untouched(endless_extension);
}

}  // namespace
}  // namespace dragoman::nat64
