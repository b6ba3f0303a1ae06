// A super-packet that is translated and then cut must be what its segments would have become, each translated by
// itself: that is all that a receiver can see of the offload. Random packets, both directions.
#include <gtest/gtest.h>

#include "dragoman/nat64/segmentation.h"
#include "fragmenting.h"
#include "super_packets.h"
#include "translation.h"

namespace dragoman::nat64 {
namespace {

using namespace samples;

constexpr Tuple4 outgoing4{{198, 51, 100, 7}, {192, 0, 2, 33}, 2000, 80};
constexpr Tuple6 outgoing6{{0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, 192, 0, 2, 33},
                           {0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9},
                           80,
                           40000};

struct Outcome {
  Step refusal;
  std::vector<Octets> packets;
};

Step translate(Packet& packet, const Options& options, Identification& identification) {
  if (packet.data[0] >> 4 == 6) {
    Ipv6Headers headers;
    if (Step refusal = read_ipv6(packet, headers)) return refusal;
    return six_to_four(packet, headers, outgoing4, identification, options);
  }
  Ipv4Headers headers;
  if (Step refusal = read_ipv4(packet, headers)) return refusal;
  return four_to_six(packet, headers, outgoing6, options);
}

// What leaves for this packet. `df`, `id`: of the IPv4 packet.
Outcome sent(const Sample& sample, const Options& options, Identification& identification) {
  const bool is_fragmented = !is_v6(sample.octets) && (sample.octets[6] & 0x40) == 0;
  const std::uint16_t id = load_u16(&sample.octets[4]);
  PacketBuffer buffer(sample.octets, sample.offload);
  Packet& packet = buffer.packet;
  Outcome outcome{translate(packet, options, identification), {}};
  if (outcome.refusal) return outcome;
  auto take = [&](const Packet& piece) {
    EXPECT_EQ(piece.offload, Offload{});
    outcome.packets.push_back(octets_of(piece));
  };
  if (is_fragmented && needs_fragmenting(packet, options)) {
    fragment_ipv6(packet, id, options, take);
  } else {
    segment(packet, take);
  }
  return outcome;
}

std::vector<Octets> cut(const Sample& sample) {
  PacketBuffer buffer(sample.octets, sample.offload);
  Packet& packet = buffer.packet;
  std::vector<Octets> segments;
  segment(packet, [&](const Packet& one) { segments.push_back(octets_of(one)); });
  return segments;
}

Options random_options(Random& random) {
  Options options;
  options.mtu4 = options.mtu6 = static_cast<std::uint16_t>(1280 + below(random, 800));
  options.lowest_ipv6_mtu = static_cast<std::uint16_t>(1280 + below(random, 300));
  options.copy_traffic_class = below(random, 2) == 0;
  options.tcp_mss = below(random, 2) == 0 ? 1220 : 0;
  return options;
}

// RFC 7915 5.1 gives DF to what is longer than 1260 octets. The device that cuts a super-packet gives it to all
// segments alike, so that a short last one may have it, too.
void give_df_as(const Octets& longest, Octets& packet) {
  if (is_v6(packet) || (longest[6] & 0x40) == 0) return;
  packet[6] |= 0x40;
  store_u16(&packet[10], 0);
  store_u16(&packet[10], static_cast<std::uint16_t>(~slow_sum(Octets(packet.begin(), packet.begin() + 20))));
}

Sample random_super_packet(Random& random, bool v6) {
  Shape shape = random_shape(random, 60000);
  shape.v6 = v6;
  shape.no_checksum = shape.no_checksum && !v6;
  Sample whole = sample(random, shape);
  if (shape.tcp && shape.tcp_options > 0 && below(random, 2) == 0) {  // a SYN with the MSS option
    const Place place = place_of(whole.octets);
    whole.octets[place.transport + 13] |= 2;
    store_u32(&whole.octets[place.transport + 20], 0x020405b4);
    finish(whole.octets);
    if (shape.partial) make_partial(whole.octets, whole.offload);
  }
  return whole;
}

// In the one direction or the other.
void expect_what_segments_become(bool v6) {
  Random random(7915);
  std::size_t translated = 0;
  for (int i = 0; i < 500; ++i) {
    const Sample whole = random_super_packet(random, v6);
    const Options options = random_options(random);
    const auto first_id = static_cast<std::uint16_t>(random());
    Identification of_whole(first_id);
    const Outcome outcome = sent(whole, options, of_whole);

    Identification of_segments(first_id);
    std::vector<Octets> expected;
    const std::vector<Octets> segments = cut(whole);
    for (const Octets& one : segments) {
      const Outcome of_one = sent({one, {}}, options, of_segments);
      // The first is the longest, so that it is refused if any is, as the whole is.
      ASSERT_TRUE(&one != &segments.front() || of_one.refusal == outcome.refusal);
      ASSERT_TRUE(!of_one.refusal || outcome.refusal);
      expected.insert(expected.end(), of_one.packets.begin(), of_one.packets.end());
    }
    if (outcome.refusal) continue;
    ++translated;
    for (Octets& one : expected) give_df_as(expected.front(), one);
    ASSERT_EQ(outcome.packets, expected) << i;

    // A super-packet that may be fragmented takes as many identifications as it has segments (RFC 6864 4.3).
    const bool has_df = !is_v6(expected.front()) && (expected.front()[6] & 0x40) != 0;
    const std::size_t taken = !v6 ? 0 : has_df ? 1 : segments.size();
    ASSERT_EQ(of_whole.take(), static_cast<std::uint16_t>(first_id + taken));
  }
  EXPECT_GT(translated, 300u);
}

TEST(SegmentationEquivalence, a_super_packet_becomes_what_its_segments_become_in_ipv4) {
  expect_what_segments_become(true);
}
TEST(SegmentationEquivalence, a_super_packet_becomes_what_its_segments_become_in_ipv6) {
  expect_what_segments_become(false);
}

}  // namespace
}  // namespace dragoman::nat64
