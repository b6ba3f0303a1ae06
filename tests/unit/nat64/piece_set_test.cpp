// Which fragments fit together: against a model that marks octets, for every place and length of a small datagram.
#include "piece_set.h"

#include <gtest/gtest.h>

#include <bitset>

#include "fragment_samples.h"

namespace dragoman::nat64 {
namespace {

using namespace samples;
using Fit = PieceSet::Fit;

class PieceSetTest : public ::testing::Test {
 protected:
  Fit fit(const SampleFragment& piece) const { return set.fit(piece.packet(), piece.place); }
  void add(const SampleFragment& piece) { set.add(copy_of({piece.key, piece.packet(), piece.place})); }

  Random random{8200};
  Datagram datagram = cut_datagram(random, {.payload = 96, .piece = 16});
  const SampleFragment& like = datagram.pieces[0];
  PieceSet set;
};

TEST_F(PieceSetTest, contradicts_whatever_shares_an_octet_or_lies_behind_the_end) {
  for (int round = 0; round < 300; ++round) {
    set = {};
    std::bitset<96> there;
    std::size_t end = 0;
    for (int i = 0; i < 12; ++i) {
      const std::size_t offset = below(random, 12) * 8;
      const bool more = below(random, 4) != 0;
      const std::size_t size =
          std::min<std::size_t>(96 - offset, more ? 8 * (1 + below(random, 3)) : 1 + below(random, 20));
      const SampleFragment piece = piece_of(datagram.whole, like, offset, size, more);
      std::bitset<96> octets;
      for (std::size_t at = offset; at < offset + size; ++at) octets.set(at);
      const bool is_behind = (end != 0 && (offset + size > end || (!more && offset + size != end))) ||
                             (!more && (there >> (offset + size)).any());
      const bool fits = !is_behind && (there & octets).none();
      const Fit found = fit(piece);
      ASSERT_EQ(found == Fit::fits, fits);
      if (!fits) continue;
      const bool completes = (there | octets).count() == (more ? end : offset + size);
      ASSERT_EQ(set.is_completed_by(piece.place), completes);
      add(piece);
      ASSERT_EQ(fit(piece), Fit::duplicate);
      there |= octets;
      if (!more) end = offset + size;
    }
  }
}

TEST_F(PieceSetTest, takes_for_a_duplicate_what_is_the_same_in_place_and_octets_alone) {
  add(datagram.pieces[1]);
  add(datagram.pieces[5]);
  EXPECT_EQ(fit(datagram.pieces[1]), Fit::duplicate);
  EXPECT_EQ(fit(datagram.pieces[5]), Fit::duplicate);
  EXPECT_EQ(fit(piece_of(datagram.whole, like, 16, 8, true)), Fit::contradiction);
  EXPECT_EQ(fit(piece_of(datagram.whole, like, 80, 16, true)), Fit::contradiction);
  SampleFragment other = datagram.pieces[1];
  other.octets.back() ^= 0x80;
  EXPECT_EQ(fit(other), Fit::contradiction);
}

TEST_F(PieceSetTest, knows_what_no_datagram_has) {
  EXPECT_TRUE(is_well_formed({.offset = 8, .more = true, .header_size = 20, .payload_size = 8}, false));
  EXPECT_FALSE(is_well_formed({.offset = 4, .more = true, .header_size = 20, .payload_size = 8}, false));
  EXPECT_FALSE(is_well_formed({.offset = 8, .more = true, .header_size = 20, .payload_size = 9}, false));
  EXPECT_TRUE(is_well_formed({.offset = 8, .more = false, .header_size = 20, .payload_size = 9}, false));
  EXPECT_FALSE(is_well_formed({.offset = 8, .more = false, .header_size = 20, .payload_size = 0}, false));
  EXPECT_TRUE(is_well_formed({.offset = 65512, .more = false, .header_size = 20, .payload_size = 3}, false));
  EXPECT_FALSE(is_well_formed({.offset = 65512, .more = false, .header_size = 24, .payload_size = 3}, false));
  EXPECT_FALSE(is_well_formed({.offset = 65512, .more = false, .header_size = 20, .payload_size = 4}, false));
  EXPECT_TRUE(is_well_formed({.offset = 65528, .more = false, .header_size = 48, .payload_size = 7}, true));
  EXPECT_FALSE(is_well_formed({.offset = 65528, .more = false, .header_size = 56, .payload_size = 7}, true));
  EXPECT_FALSE(is_well_formed({.offset = 65528, .more = false, .header_size = 48, .payload_size = 8}, true));
}

// The octets behind the first fragment's headers are nobody's but this datagram's.
TEST_F(PieceSetTest, joins_under_the_headers_of_the_first_fragment) {
  std::vector<std::uint8_t> room(Piece::room_for(Packet::max_size));
  SampleFragment second = datagram.pieces[1];
  second.octets[8] ^= 0xff;  // TTL
  add(second);
  SampleFragment first = datagram.pieces[0];
  SampleFragment rest = piece_of(datagram.whole, like, 32, 64, false);
  add(rest);
  const auto whole = set.join({first.key, first.packet(), first.place}, room.data());
  ASSERT_TRUE(whole);
  EXPECT_EQ(octets_of(*whole), datagram.whole);
}

// RFC 791: DF spoke of the fragments. RFC 8200 4.5: a broken chain of headers is no datagram.
TEST_F(PieceSetTest, clears_df_and_refuses_a_chain_that_does_not_lead_to_the_fragment_header) {
  std::vector<std::uint8_t> room(Piece::room_for(Packet::max_size));
  SampleFragment first = datagram.pieces[0];
  first.octets[6] |= 0x40;
  add(piece_of(datagram.whole, like, 16, 80, false));
  EXPECT_EQ(octets_of(*set.join({first.key, first.packet(), first.place}, room.data())), datagram.whole);

  const Datagram six = cut_datagram(random, {.v6 = true, .extensions = 1, .payload = 32, .piece = 16});
  for (const std::size_t field : {40, 41}) {  // Next Header and length of the header in front of it
    SampleFragment broken = six.pieces[0];
    broken.octets[field] ^= 1;
    set = {};
    add(six.pieces[1]);
    EXPECT_FALSE(set.join({broken.key, broken.packet(), broken.place}, room.data()));
  }
}

}  // namespace
}  // namespace dragoman::nat64
