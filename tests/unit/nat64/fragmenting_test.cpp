// R22 (RFC 7915 4.1, RFC 8200 4.5): what IPv4 allowed to be fragmented, in pieces that every IPv6 link takes.
#include "fragmenting.h"

#include <gtest/gtest.h>

#include "dragoman/nat64/segmentation.h"
#include "super_packets.h"

namespace dragoman::nat64 {
namespace {

using namespace samples;

constexpr std::uint32_t id = 0xabcd;

std::vector<Octets> pieces_of(const Sample& whole, const Options& options = {}, std::uint32_t identification = id) {
  PacketBuffer buffer(whole.octets, whole.offload);
  Packet& packet = buffer.packet;
  std::vector<Octets> pieces;
  fragment_ipv6(packet, identification, options, [&](const Packet& one) {
    EXPECT_EQ(one.offload, Offload{});
    pieces.push_back(octets_of(one));
  });
  return pieces;
}

bool needs(const Sample& whole, const Options& options = {}) {
  PacketBuffer buffer(whole.octets, whole.offload);
  return needs_fragmenting(buffer.packet, options);
}

struct FragmentFields {
  std::uint8_t next_header;
  std::size_t offset;
  bool more;
  std::uint32_t identification;
};
FragmentFields fields_of(const Octets& piece) {
  const std::uint16_t place = load_u16(&piece[42]);
  EXPECT_EQ(piece[41], 0);
  EXPECT_EQ(place & 6, 0) << "reserved bits";
  return {piece[40], place & ~std::size_t{7}, (place & 1) != 0, load_u32(&piece[44])};
}

// What the pieces, which must all have a Fragment Header, are together: the datagram from `begin` on.
Octets joined(const std::vector<Octets>& pieces, std::size_t begin = 0) {
  Octets whole(pieces[0].begin(), pieces[0].begin() + 40);
  whole[6] = pieces[0][40];
  for (const Octets& piece : pieces) {
    EXPECT_EQ(piece[6], 44);
    EXPECT_EQ(load_u16(&piece[4]), piece.size() - 40);
    EXPECT_EQ(fields_of(piece).offset, begin + whole.size() - 40);
    whole.insert(whole.end(), piece.begin() + 48, piece.end());
  }
  store_u16(&whole[4], static_cast<std::uint16_t>(whole.size() - 40));
  return whole;
}

Sample with_fragment_header(Random& random, std::size_t payload, std::size_t offset, bool more) {
  Sample fragment{random_octets(random, 48 + payload), {}};
  fragment.octets[0] = 0x60;
  store_u16(&fragment.octets[4], static_cast<std::uint16_t>(8 + payload));
  fragment.octets[6] = 44;
  fragment.octets[40] = 17;
  fragment.octets[41] = 0;
  store_u16(&fragment.octets[42], static_cast<std::uint16_t>(offset | more));
  return fragment;
}

TEST(Fragmenting, cuts_what_is_too_large_into_pieces_that_are_the_packet_together) {
  Random random(22);
  for (int i = 0; i < 300; ++i) {
    Options options;
    options.lowest_ipv6_mtu = static_cast<std::uint16_t>(1280 + below(random, 300));
    const Sample whole =
        sample(random, {.v6 = true, .tcp = below(random, 2) == 0, .payload = 1600 + below(random, 60000)});
    ASSERT_TRUE(needs(whole, options));
    const std::vector<Octets> pieces = pieces_of(whole, options);
    ASSERT_EQ(joined(pieces), whole.octets);
    for (std::size_t at = 0; at < pieces.size(); ++at) {
      const bool is_last = at + 1 == pieces.size();
      ASSERT_LE(pieces[at].size(), options.lowest_ipv6_mtu);
      // RFC 8200 4.5: as long as they may be, in units of eight octets.
      ASSERT_TRUE(is_last || pieces[at].size() + 8 > options.lowest_ipv6_mtu);
      ASSERT_TRUE(is_last || pieces[at].size() % 8 == 0);
      ASSERT_EQ(fields_of(pieces[at]).more, !is_last);
      ASSERT_EQ(fields_of(pieces[at]).identification, id);
    }
  }
}

// RFC 8021, RFC 7915 1.2: no atomic fragments.
TEST(Fragmenting, gives_what_fits_without_a_fragment_header) {
  Random random(23);
  for (const std::size_t size : {1280, 1279, 100}) {
    const Sample whole = sample(random, {.v6 = true, .payload = size - 48});
    EXPECT_FALSE(needs(whole));
    EXPECT_EQ(pieces_of(whole), std::vector<Octets>{whole.octets});
  }
  const Sample larger = sample(random, {.v6 = true, .payload = 1281 - 48});
  EXPECT_TRUE(needs(larger));
  EXPECT_EQ(pieces_of(larger).size(), 2u);
}

// R24: a fragment that grew by its translation keeps its identification, its offset and its M flag.
TEST(Fragmenting, cuts_fragments_again_in_their_place) {
  Random random(24);
  for (int i = 0; i < 1000; ++i) {
    const bool more = below(random, 2) == 0;
    const std::size_t payload = (1240 + below(random, 4000)) & (more ? ~std::size_t{7} : ~std::size_t{0});
    const std::size_t offset = below(random, (65535 - payload) / 8) * 8;
    const Sample whole = with_fragment_header(random, payload, offset, more);
    ASSERT_EQ(needs(whole), whole.octets.size() > 1280);
    const std::vector<Octets> pieces = pieces_of(whole);
    Octets payload_of_all;
    std::size_t at = offset;
    for (const Octets& piece : pieces) {
      const FragmentFields fields = fields_of(piece);
      ASSERT_LE(piece.size(), 1280u);
      ASSERT_EQ(load_u16(&piece[4]), piece.size() - 40);
      ASSERT_EQ(fields.next_header, 17);
      ASSERT_EQ(fields.identification, load_u32(&whole.octets[44]));
      ASSERT_EQ(fields.offset, at);
      ASSERT_EQ(fields.more, more || &piece != &pieces.back());
      at += piece.size() - 48;
      payload_of_all.insert(payload_of_all.end(), piece.begin() + 48, piece.end());
    }
    ASSERT_EQ(payload_of_all, Octets(whole.octets.begin() + 48, whole.octets.end()));
  }
}

TEST(Fragmenting, finishes_a_partial_checksum_first) {
  Random random(25);
  const Sample whole = sample(random, {.v6 = true, .partial = true, .payload = 4000});
  EXPECT_EQ(transport_sum(joined(pieces_of(whole))), 0xffff);
}

TEST(Fragmenting, asks_of_a_super_packet_only_whether_its_segments_fit) {
  Random random(26);
  EXPECT_FALSE(needs(sample(random, {.v6 = true, .payload = 50000, .segment_size = 1232})));
  EXPECT_TRUE(needs(sample(random, {.v6 = true, .payload = 50000, .segment_size = 1233})));
  EXPECT_FALSE(needs(sample(random, {.v6 = true, .payload = 1232, .segment_size = 1400})));
}

TEST(Fragmenting, cuts_the_segments_of_a_super_packet_each_by_itself) {
  Random random(27);
  for (int i = 0; i < 300; ++i) {
    const Sample whole = sample(random, {.v6 = true,
                                         .tcp = below(random, 2) == 0,
                                         .partial = below(random, 2) == 0,
                                         .payload = 1500 + below(random, 20000),
                                         .segment_size = 1300 + below(random, 1500)});
    const std::vector<Octets> pieces = pieces_of(whole, {}, 0x1fffe);
    std::size_t at = 0;
    auto identification = std::uint16_t{0xfffe};
    for (const Octets& segment : slow_segments(whole)) {
      ASSERT_LT(at, pieces.size());
      if (segment.size() <= 1280) {
        ASSERT_EQ(pieces[at++], segment);
      } else {
        std::vector<Octets> of_this;
        do {
          ASSERT_EQ(fields_of(pieces[at]).identification, 0x10000u | identification);
          of_this.push_back(pieces[at]);
        } while (fields_of(pieces[at++]).more);
        ASSERT_EQ(joined(of_this), segment);
      }
      ++identification;
    }
    ASSERT_EQ(at, pieces.size());
  }
}

}  // namespace
}  // namespace dragoman::nat64
