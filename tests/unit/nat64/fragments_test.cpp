// Fragments that wait: for a first one, for the rest, for nobody. R4 (RFC 6146 3.4), R50 (RFC 4787 REQ-14), R28 (pieces
// of UDP without a checksum), RFC 5722, RFC 8200 4.5.
#include "fragments.h"

#include <gtest/gtest.h>

#include "fragment_samples.h"

namespace dragoman::nat64 {
namespace {

using namespace samples;

constexpr seconds timeout{2};
constexpr std::size_t memory = 1 << 20;
const TimePoint start = TimePoint() + seconds(1000);

// A store, and what it dropped.
class Store {
 public:
  explicit Store(std::size_t limit = memory) : fragments(limit, timeout, 42) {}

  void hold(const SampleFragment& fragment, TimePoint now = start) {
    fragments.hold({fragment.key, fragment.packet(), fragment.place}, now, on_drop);
  }
  std::optional<Octets> reassemble(const SampleFragment& fragment, TimePoint now = start,
                                   DropReason reason = DropReason::udp_zero_checksum) {
    auto whole = fragments.reassemble({fragment.key, fragment.packet(), fragment.place}, reason, now, on_drop);
    if (!whole) return std::nullopt;
    EXPECT_EQ(whole->offload, Offload{});
    return octets_of(*whole);
  }
  void remember(const FragmentKey& key, std::uint8_t verdict, TimePoint now = start) {
    fragments.remember(key, {verdict}, now, on_drop);
  }
  std::vector<Octets> release(const FragmentKey& key) {
    std::vector<Octets> released;
    fragments.release(key, [&](Packet& packet) {
      released.push_back(octets_of(packet));
      std::fill(packet.data - Packet::headroom, packet.data + packet.size + Packet::tailroom, std::uint8_t{0xee});
    });
    return released;
  }
  int verdict(const FragmentKey& key) const {
    const Fragments::Verdict* found = fragments.find(key);
    return found == nullptr ? -1 : (*found)[0];
  }
  void expire(TimePoint now) { fragments.expire(now, on_drop); }
  std::size_t dropped(DropReason reason) const {
    return static_cast<std::size_t>(
        std::count_if(drops.begin(), drops.end(), [&](auto& drop) { return drop.first == reason; }));
  }

  Fragments fragments;
  std::vector<std::pair<DropReason, Octets>> drops;

 private:
  std::function<void(DropReason, const Packet&)> on_drop = [this](DropReason reason, const Packet& packet) {
    drops.emplace_back(reason, octets_of(packet));
  };
};

class FragmentsTest : public ::testing::Test {
 protected:
  Random random{5722};
};

// -- Fragments before the first one --

// R4, R50: in whatever order they come, they leave as the first one does.
TEST_F(FragmentsTest, releases_what_came_before_the_first_one_in_order_of_arrival) {
  Store store;
  const auto [whole, pieces] = cut_datagram(random, {.payload = 5000, .piece = 1000});
  const FragmentKey key = pieces[0].key;
  EXPECT_EQ(store.verdict(key), -1);
  store.hold(pieces[3]);
  store.hold(pieces[1]);
  store.remember(key, 7);
  EXPECT_EQ(store.verdict(key), 7);
  EXPECT_EQ(store.release(key), (std::vector<Octets>{pieces[3].octets, pieces[1].octets}));
  EXPECT_EQ(store.release(key), std::vector<Octets>{});
  EXPECT_TRUE(store.drops.empty());
}

TEST_F(FragmentsTest, keeps_datagrams_apart_by_every_part_of_their_key) {
  Store store;
  const FragmentKey key = cut_datagram(random, {.payload = 2000, .piece = 1000}).pieces[0].key;
  store.remember(key, 1);
  std::vector<FragmentKey> others(6, key);
  others[0].source[0] ^= 1;
  others[1].source[15] ^= 1;
  others[2].destination[15] ^= 1;
  others[3].id ^= 0x10000;
  others[4].protocol ^= 1;
  others[5].is_v6 = !key.is_v6;
  for (const FragmentKey& other : others) EXPECT_EQ(store.verdict(other), -1);
  EXPECT_EQ(store.verdict(key), 1);
}

// R4: at least FRAGMENT_MIN, then silently away.
TEST_F(FragmentsTest, waits_for_the_first_one_until_the_timeout_and_no_longer) {
  Store store;
  const auto [whole, pieces] = cut_datagram(random, {.payload = 3000, .piece = 1000});
  store.hold(pieces[1]);
  store.hold(pieces[2], start + seconds(1));
  EXPECT_EQ(store.fragments.next_expiry(), start + timeout);
  store.expire(start + timeout - milliseconds(1));
  EXPECT_TRUE(store.drops.empty());
  store.expire(start + timeout);
  EXPECT_EQ(store.drops,
            (std::vector<std::pair<DropReason, Octets>>{{DropReason::fragment_timeout, pieces[1].octets},
                                                        {DropReason::fragment_timeout, pieces[2].octets}}));
  EXPECT_EQ(store.fragments.held_octets(), 0u);
  EXPECT_EQ(store.fragments.next_expiry(), TimePoint::max());
  EXPECT_TRUE(store.release(pieces[1].key).empty());
}

TEST_F(FragmentsTest, gives_the_rest_the_whole_timeout_from_the_first_one_on) {
  Store store;
  const auto [whole, pieces] = cut_datagram(random, {.payload = 3000, .piece = 1000});
  const FragmentKey key = pieces[0].key;
  store.hold(pieces[1]);
  store.remember(key, 3, start + seconds(1));
  store.expire(start + timeout);
  EXPECT_EQ(store.verdict(key), 3);
  store.expire(start + seconds(1) + timeout);
  EXPECT_EQ(store.verdict(key), -1);
}

TEST_F(FragmentsTest, does_not_join_fragments_to_those_of_an_earlier_datagram_that_timed_out) {
  Store store;
  const auto [whole, pieces] = cut_datagram(random, {.payload = 3000, .piece = 1000});
  store.hold(pieces[1]);
  store.hold(pieces[2], start + timeout);  // without expire() between
  EXPECT_EQ(store.drops.size(), 1u);
  EXPECT_EQ(store.release(pieces[0].key), std::vector<Octets>{pieces[2].octets});
  store.reassemble(pieces[0], start + timeout);
  EXPECT_FALSE(store.reassemble(pieces[1], start + timeout + timeout));
}

TEST_F(FragmentsTest, forgets_a_verdict_when_all_of_its_datagram_went_on_in_order) {
  Store store;
  const auto [whole, pieces] = cut_datagram(random, {.payload = 3000, .piece = 1000});
  const FragmentKey key = pieces[0].key;
  store.remember(key, 9);
  for (const SampleFragment& piece : pieces) {
    EXPECT_EQ(store.verdict(key), 9);
    store.fragments.note_translated(key, piece.place);
  }
  EXPECT_EQ(store.verdict(key), -1);
  EXPECT_EQ(store.fragments.held_octets(), 0u);
}

TEST_F(FragmentsTest, remembers_a_verdict_as_long_as_a_fragment_may_be_missing) {
  Store store;
  const auto [whole, pieces] = cut_datagram(random, {.payload = 4000, .piece = 1000});
  const FragmentKey key = pieces[0].key;
  store.remember(key, 9);
  for (const std::size_t i : {0, 1, 3, 1}) store.fragments.note_translated(key, pieces[i].place);
  EXPECT_EQ(store.verdict(key), 9);
  store.remember(key, 10);  // another datagram with this identification: all of it is missing
  store.fragments.note_translated(key, pieces[2].place);
  store.fragments.note_translated(key, pieces[3].place);
  EXPECT_EQ(store.verdict(key), 10);
}

// What a translator does with a fragment that is released to it may end here again.
TEST_F(FragmentsTest, takes_fragments_while_it_releases_others) {
  Store store;
  const auto [whole, pieces] = cut_datagram(random, {.payload = 4000, .piece = 1000});
  const FragmentKey key = pieces[0].key;
  for (const std::size_t i : {1, 2, 3}) store.hold(pieces[i]);
  std::size_t released = 0;
  store.fragments.release(key, [&](Packet& packet) {
    EXPECT_EQ(octets_of(packet), pieces[++released].octets);
    store.hold(pieces[released]);
    std::optional<Octets> found;
    if (released == 2) found = store.reassemble(pieces[0]);
    EXPECT_EQ(found, std::nullopt);
  });
  EXPECT_EQ(released, 3u);
  EXPECT_EQ(store.dropped(DropReason::fragment_overlap), 1u);  // held although it is being reassembled
  EXPECT_EQ(store.reassemble(pieces[3]), whole);
  EXPECT_EQ(store.fragments.held_octets(), 0u);
}

// -- Reassembly --

TEST_F(FragmentsTest, reassembles_the_same_octets_in_any_order) {
  Store store;
  for (int i = 0; i < 600; ++i) {
    const bool large = below(random, 20) == 0;
    auto [whole, pieces] = cut_datagram(random, {.v6 = below(random, 2) == 0,
                                                 .extensions = below(random, 3),
                                                 .payload = 16 + below(random, large ? 65000 : 6000),
                                                 .piece = large ? 1400 : 8 + below(random, 1500)});
    if (pieces.size() < 2 || pieces.size() > Fragments::max_pieces) continue;
    std::shuffle(pieces.begin(), pieces.end(), random);
    const std::size_t held = below(random, pieces.size());
    for (std::size_t at = 0; at < held; ++at) store.hold(pieces[at]);
    for (std::size_t at = held; at + 1 < pieces.size(); ++at) {
      ASSERT_EQ(store.reassemble(pieces[at]), std::nullopt);
      ASSERT_TRUE(store.fragments.is_reassembling(pieces[at].key));
    }
    ASSERT_EQ(store.reassemble(pieces.back()), whole);
    ASSERT_FALSE(store.fragments.is_reassembling(pieces[0].key));
  }
  EXPECT_TRUE(store.drops.empty());
  EXPECT_EQ(store.fragments.held_octets(), 0u);
}

TEST_F(FragmentsTest, reassembles_many_datagrams_at_once) {
  Store store(16 << 20);
  std::vector<Datagram> datagrams;
  std::vector<std::pair<std::size_t, std::size_t>> arrivals;
  for (std::size_t i = 0; i < 200; ++i) {
    datagrams.push_back(cut_datagram(random, {.v6 = i % 2 == 0, .payload = 4000, .piece = 700}));
    for (std::size_t at = 0; at < datagrams[i].pieces.size(); ++at) arrivals.emplace_back(i, at);
  }
  std::shuffle(arrivals.begin(), arrivals.end(), random);
  std::size_t complete = 0;
  for (const auto& [i, at] : arrivals) {
    const auto whole = store.reassemble(datagrams[i].pieces[at]);
    if (!whole) continue;
    ASSERT_EQ(*whole, datagrams[i].whole);
    ++complete;
  }
  EXPECT_EQ(complete, datagrams.size());
  EXPECT_EQ(store.fragments.held_octets(), 0u);
}

// R28: fragments of UDP without a checksum that never were complete are counted as such.
TEST_F(FragmentsTest, counts_the_pieces_of_an_incomplete_datagram_by_the_reason_given) {
  Store store;
  const auto [whole, pieces] = cut_datagram(random, {.payload = 4000, .piece = 1000});
  store.hold(pieces[1]);
  store.reassemble(pieces[0]);
  store.reassemble(pieces[2], start, DropReason::fragment_timeout);
  store.expire(start + timeout);
  EXPECT_EQ(store.dropped(DropReason::udp_zero_checksum), 3u);
  EXPECT_EQ(store.drops.size(), 3u);
}

// RFC 5722 3: one octet is enough, wherever it is, and what comes later is dropped, too.
TEST_F(FragmentsTest, ends_a_datagram_at_an_overlap_of_one_octet_at_every_place) {
  for (const bool v6 : {false, true}) {
    const auto [whole, pieces] = cut_datagram(random, {.v6 = v6, .payload = 64, .piece = 16});
    for (std::size_t place = 0; place < 64; ++place) {
      Store store;
      store.reassemble(pieces[0]);
      store.reassemble(pieces[2]);
      // One that covers `place` alone, or with it what is missing in front of it.
      const std::size_t offset = place / 8 * 8;
      const bool is_covered = place / 16 != 1 && place / 16 != 3;
      const SampleFragment odd = piece_of(whole, pieces[0], offset, place % 8 == 7 ? 8 : place % 8 + 1, place % 8 == 7);
      store.reassemble(odd);
      if (!is_covered && place % 8 == 7) continue;   // fits: no overlap
      if (!is_covered && place / 16 == 3) continue;  // an earlier end that nothing contradicts
      EXPECT_EQ(store.dropped(DropReason::fragment_overlap), 3u) << place;
      EXPECT_TRUE(store.fragments.is_reassembling(pieces[0].key));
      for (const SampleFragment& piece : pieces) EXPECT_FALSE(store.reassemble(piece));
      EXPECT_EQ(store.dropped(DropReason::fragment_overlap), 3u + pieces.size());
      store.hold(pieces[1]);
      EXPECT_EQ(store.dropped(DropReason::fragment_overlap), 4u + pieces.size());
    }
  }
}

TEST_F(FragmentsTest, ends_a_datagram_that_has_two_ends) {
  const auto [whole, pieces] = cut_datagram(random, {.payload = 64, .piece = 16});
  const SampleFragment early_end = piece_of(whole, pieces[0], 16, 8, false);
  for (const auto& order : {std::pair{&early_end, &pieces[3]}, std::pair{&pieces[3], &early_end}}) {
    Store store;
    store.reassemble(*order.first);
    store.reassemble(*order.second);
    EXPECT_EQ(store.dropped(DropReason::fragment_overlap), 2u);
  }
}

TEST_F(FragmentsTest, finds_overlaps_among_what_was_held_before) {
  Store store;
  const auto [whole, pieces] = cut_datagram(random, {.payload = 64, .piece = 16});
  store.hold(pieces[1]);
  store.hold(piece_of(whole, pieces[0], 24, 16, true));
  store.hold(pieces[3]);
  EXPECT_TRUE(store.drops.empty());
  store.reassemble(pieces[0]);
  EXPECT_EQ(store.dropped(DropReason::fragment_overlap), 4u);
  EXPECT_FALSE(store.reassemble(pieces[2]));
}

// RFC 8200 4.5: the network may duplicate.
TEST_F(FragmentsTest, drops_an_exact_duplicate_alone) {
  Store store;
  const auto [whole, pieces] = cut_datagram(random, {.v6 = true, .payload = 64, .piece = 16});
  store.hold(pieces[1]);
  store.hold(pieces[1]);
  for (const std::size_t i : {0, 0, 3, 1, 3}) EXPECT_FALSE(store.reassemble(pieces[i]));
  EXPECT_EQ(store.dropped(DropReason::fragment_overlap), 4u);
  EXPECT_EQ(store.reassemble(pieces[2]), whole);
  EXPECT_EQ(store.fragments.held_octets(), 0u);

  store.reassemble(pieces[1]);
  SampleFragment other = pieces[1];
  other.octets.back() ^= 1;
  store.reassemble(other);  // the same place, but not the same octets
  EXPECT_EQ(store.dropped(DropReason::fragment_overlap), 6u);
}

TEST_F(FragmentsTest, ends_a_reassembly_when_another_first_fragment_is_remembered) {
  Store store;
  const auto [whole, pieces] = cut_datagram(random, {.payload = 64, .piece = 16});
  store.reassemble(pieces[0]);
  store.remember(pieces[0].key, 1);
  EXPECT_EQ(store.dropped(DropReason::fragment_overlap), 1u);
  EXPECT_EQ(store.verdict(pieces[0].key), -1);
}

TEST_F(FragmentsTest, reassembles_a_datagram_whose_identification_was_used_before) {
  Store store;
  const auto [whole, pieces] = cut_datagram(random, {.payload = 32, .piece = 16});
  store.remember(pieces[0].key, 1);
  EXPECT_FALSE(store.reassemble(pieces[0]));
  EXPECT_EQ(store.verdict(pieces[0].key), -1);
  EXPECT_EQ(store.reassemble(pieces[1]), whole);
}

TEST_F(FragmentsTest, ends_a_datagram_one_octet_too_long) {
  for (const bool v6 : {false, true}) {
    Store store;
    const std::size_t header = v6 ? 0 : 20;
    const auto [whole, pieces] = cut_datagram(random, {.v6 = v6, .payload = 65535 - header, .piece = 1400});
    for (std::size_t i = 0; i + 1 < pieces.size(); ++i) store.reassemble(pieces[i]);
    SampleFragment longer = pieces.back();
    longer.octets.push_back(0);
    ++longer.place.payload_size;
    EXPECT_FALSE(store.reassemble(longer));
    EXPECT_EQ(store.drops.size(), 1u);
    EXPECT_EQ(store.dropped(DropReason::malformed), 1u);
    store.hold(longer);
    EXPECT_EQ(store.dropped(DropReason::malformed), 2u);
    EXPECT_EQ(store.reassemble(pieces.back()), whole);
  }
}

// The first fragment alone may have long headers.
TEST_F(FragmentsTest, ends_a_datagram_whose_first_headers_make_it_too_long) {
  Store store;
  const auto [whole, pieces] = cut_datagram(random, {.v6 = true, .payload = 65535, .piece = 1400});
  const auto [with_extension, others] =
      cut_datagram(random, {.v6 = true, .extensions = 1, .payload = 1400, .piece = 1400});
  for (std::size_t i = 1; i < pieces.size(); ++i) store.reassemble(pieces[i]);
  SampleFragment first = others[0];
  first.key = pieces[0].key;
  first.place.more = true;
  EXPECT_FALSE(store.reassemble(first));
  EXPECT_EQ(store.dropped(DropReason::malformed), pieces.size());
  EXPECT_EQ(store.fragments.held_octets(), 0u);
}

TEST_F(FragmentsTest, refuses_fragments_that_no_datagram_has) {
  Store store;
  const auto [whole, pieces] = cut_datagram(random, {.payload = 64, .piece = 16});
  store.hold(piece_of(whole, pieces[0], 16, 12, true));  // not a multiple of eight, though more follow
  store.reassemble(piece_of(whole, pieces[0], 16, 12, true));
  store.reassemble(piece_of(whole, pieces[0], 16, 0, false));  // nothing
  EXPECT_EQ(store.dropped(DropReason::malformed), 3u);
  EXPECT_EQ(store.fragments.held_octets(), 0u);
}

// RFC 3168 5.3.
TEST_F(FragmentsTest, keeps_the_mark_of_congestion_of_any_fragment) {
  for (const bool v6 : {false, true}) {
    for (const unsigned others : {0, 1, 2, 3}) {
      Store store;
      auto [whole, pieces] = cut_datagram(random, {.v6 = v6, .payload = 64, .piece = 16});
      for (SampleFragment& piece : pieces) set_ecn(piece, others);
      set_ecn(pieces[2], 3);
      for (std::size_t i = 0; i < 3; ++i) store.reassemble(pieces[i]);
      const auto found = store.reassemble(pieces[3]);
      if (others == 0) {  // Not-ECT
        EXPECT_FALSE(found);
        EXPECT_EQ(store.dropped(DropReason::malformed), 4u);
      } else {
        ASSERT_TRUE(found);
        EXPECT_EQ(ecn_of(*found), 3u);
        EXPECT_EQ(Octets(found->begin() + (v6 ? 40 : 20), found->end()),
                  Octets(whole.begin() + (v6 ? 40 : 20), whole.end()));
      }
    }
  }
}

// -- Bounds --

// R4: limited memory; who is there already stays.
TEST_F(FragmentsTest, stays_within_its_memory_under_a_flood_and_drops_the_newcomers) {
  Store store(64 << 10);
  const auto [whole, pieces] = cut_datagram(random, {.payload = 3000, .piece = 1000});
  store.hold(pieces[1]);
  std::size_t sent = 0;
  for (int i = 0; i < 3000; ++i) {
    auto flood = cut_datagram(random, {.v6 = i % 2 == 0, .payload = 48, .piece = 16});
    sent += 2;
    store.hold(flood.pieces[1]);
    store.reassemble(flood.pieces[2]);
    ASSERT_LE(store.fragments.held_octets(), 64u << 10);
  }
  EXPECT_EQ(store.dropped(DropReason::fragment_memory), store.drops.size());
  EXPECT_GT(store.drops.size(), sent / 2);
  store.remember(pieces[0].key, 1);  // room that packets may not take
  EXPECT_EQ(store.release(pieces[0].key), std::vector<Octets>{pieces[1].octets});
}

TEST_F(FragmentsTest, keeps_room_for_verdicts_that_a_flood_of_fragments_cannot_take) {
  Store store(64 << 10);
  for (int i = 0; i < 1000; ++i) store.hold(cut_datagram(random, {.payload = 2000, .piece = 1000}).pieces[1]);
  const FragmentKey key = cut_datagram(random, {.payload = 2000, .piece = 1000}).pieces[0].key;
  store.remember(key, 5);
  EXPECT_EQ(store.verdict(key), 5);
  for (int i = 0; i < 1000; ++i) store.remember(cut_datagram(random, {.payload = 32, .piece = 16}).pieces[0].key, 6);
  EXPECT_LE(store.fragments.held_octets(), 64u << 10);
  EXPECT_EQ(store.verdict(key), 5);
}

TEST_F(FragmentsTest, makes_room_of_what_has_timed_out_before_it_refuses) {
  Store store(64 << 10);
  for (int i = 0; i < 1000; ++i) store.hold(cut_datagram(random, {.payload = 2000, .piece = 1000}).pieces[1]);
  const auto [whole, pieces] = cut_datagram(random, {.payload = 2000, .piece = 1000});
  store.hold(pieces[1], start + timeout);
  EXPECT_EQ(store.release(pieces[0].key), std::vector<Octets>{pieces[1].octets});
}

// What completes a datagram needs no memory, but frees it.
TEST_F(FragmentsTest, completes_a_datagram_when_its_memory_is_full) {
  Store store(64 << 10);
  const auto [whole, pieces] = cut_datagram(random, {.payload = 2000, .piece = 1000});
  store.reassemble(pieces[1]);
  for (int i = 0; i < 1000; ++i) store.hold(cut_datagram(random, {.payload = 2000, .piece = 1000}).pieces[1]);
  EXPECT_EQ(store.reassemble(pieces[0]), whole);
}

TEST_F(FragmentsTest, holds_nothing_beyond_its_call_without_time) {
  Store store(4000);
  store.fragments.set_limits(4000, seconds(0));
  for (int i = 0; i < 20; ++i) {
    const auto [whole, pieces] = cut_datagram(random, {.payload = 2000, .piece = 1000});
    EXPECT_EQ(store.reassemble(pieces[1]), std::nullopt);
    EXPECT_EQ(store.reassemble(pieces[0]), std::nullopt);
    EXPECT_LE(store.fragments.held_octets(), 4000u);
  }
}

TEST_F(FragmentsTest, takes_so_many_pieces_of_one_datagram_and_no_more) {
  Store store;
  const auto [whole, pieces] = cut_datagram(random, {.payload = 8 * 300, .piece = 8});
  for (std::size_t i = 0; i < 280; ++i) store.hold(pieces[i]);
  EXPECT_EQ(store.dropped(DropReason::fragment_memory), 280 - Fragments::max_pieces);
  EXPECT_EQ(store.release(pieces[0].key).size(), Fragments::max_pieces);
  for (std::size_t i = 0; i < 280; ++i) store.reassemble(pieces[i]);
  EXPECT_EQ(store.dropped(DropReason::fragment_memory), 2 * (280 - Fragments::max_pieces));
}

TEST_F(FragmentsTest, ends_a_bounded_number_of_datagrams_at_once_the_oldest_first) {
  Store store;
  const std::size_t count = Fragments::max_expired + 10;
  for (std::size_t i = 0; i < count; ++i) {
    store.hold(cut_datagram(random, {.payload = 32, .piece = 16}).pieces[1], start + milliseconds(i));
  }
  store.expire(start + seconds(10));
  EXPECT_EQ(store.drops.size(), Fragments::max_expired);
  EXPECT_EQ(store.fragments.next_expiry(), start + milliseconds(Fragments::max_expired) + timeout);
  store.expire(start + seconds(10));
  EXPECT_EQ(store.drops.size(), count);
  EXPECT_EQ(store.fragments.held_octets(), 0u);
}

TEST_F(FragmentsTest, obeys_new_limits_without_dropping_what_is_held) {
  Store store;
  const auto [whole, pieces] = cut_datagram(random, {.payload = 3000, .piece = 1000});
  store.hold(pieces[1]);
  store.fragments.set_limits(1000, seconds(1));
  store.hold(pieces[2]);
  EXPECT_EQ(store.dropped(DropReason::fragment_memory), 1u);
  store.remember(pieces[0].key, 1);
  EXPECT_EQ(store.release(pieces[0].key), std::vector<Octets>{pieces[1].octets});
  store.expire(start + seconds(1));
  EXPECT_EQ(store.verdict(pieces[0].key), -1);
}

TEST_F(FragmentsTest, keeps_its_order_when_time_is_told_backwards) {
  Store store;
  const auto first = cut_datagram(random, {.payload = 32, .piece = 16});
  const auto second = cut_datagram(random, {.payload = 32, .piece = 16});
  store.hold(first.pieces[1], start);
  store.hold(second.pieces[1], start - seconds(1));
  EXPECT_EQ(store.fragments.next_expiry(), start + timeout);
  store.expire(start + timeout);
  EXPECT_EQ(store.drops.size(), 2u);
}

}  // namespace
}  // namespace dragoman::nat64
