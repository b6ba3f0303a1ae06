// Which anchor holds for a name.
#include "dragoman/dnssec/trust_anchors.h"

#include <gtest/gtest.h>

namespace dragoman::dnssec {
namespace {

using namespace std::chrono_literals;
using Octets = std::vector<std::uint8_t>;

const WallTime noon = *wall_time_from_text("2026-11-28T12:00:00Z");

dns::Name name(std::string_view text) { return *dns::Name::from_text(text); }

TrustAnchor anchor_of(std::string_view zone, std::uint8_t algorithm = 8, std::uint8_t digest_type = 2) {
  return {name(zone), {{{0x12, 0x34, algorithm, digest_type, 1, 2, 3}}, {}}};
}

std::string closest(const TrustAnchors& anchors, std::string_view text, WallTime now = noon) {
  const TrustAnchor* anchor = anchors.closest(name(text), now);
  return anchor == nullptr ? "none" : anchor->zone.to_text();
}

std::string negative(const TrustAnchors& anchors, std::string_view text, WallTime now = noon) {
  const NegativeTrustAnchor* anchor = anchors.negative(name(text), now);
  return anchor == nullptr ? "none" : anchor->name.to_text();
}

TEST(TrustAnchors, the_deepest_anchor_holds) {
  const TrustAnchors anchors({anchor_of("."), anchor_of("example"), anchor_of("corp.example")}, {});
  EXPECT_EQ(closest(anchors, "."), ".");
  EXPECT_EQ(closest(anchors, "a.test"), ".");
  EXPECT_EQ(closest(anchors, "EXAMPLE"), "example.");
  EXPECT_EQ(closest(anchors, "other.example"), "example.");
  EXPECT_EQ(closest(anchors, "a.b.Corp.example"), "corp.example.");
  EXPECT_EQ(closest(anchors, "xcorp.example"), "example.");
}

TEST(TrustAnchors, none_holds_beside_what_is_anchored) {
  EXPECT_EQ(closest(TrustAnchors(), "example"), "none");
  const TrustAnchors anchors({anchor_of("corp.example")}, {});
  EXPECT_EQ(closest(anchors, "example"), "none");
  EXPECT_EQ(closest(anchors, "a.test"), "none");
}

// RFC 7646 3: what lies below is not validated, everything else is as before.
TEST(TrustAnchors, a_negative_one_hides_the_anchor_above_it) {
  const TrustAnchors anchors({anchor_of(".")}, {{name("broken.example"), {}}});
  EXPECT_EQ(closest(anchors, "broken.example"), "none");
  EXPECT_EQ(negative(anchors, "Broken.Example"), "broken.example.");
  EXPECT_EQ(closest(anchors, "a.b.broken.example"), "none");
  EXPECT_EQ(negative(anchors, "a.b.broken.example"), "broken.example.");
  EXPECT_EQ(closest(anchors, "example"), ".");
  EXPECT_EQ(negative(anchors, "example"), "none");
  EXPECT_EQ(negative(anchors, "whole.example"), "none");
}

TEST(TrustAnchors, an_anchor_below_a_negative_one_holds_again) {
  const TrustAnchors anchors({anchor_of("."), anchor_of("kept.broken.example")}, {{name("broken.example"), {}}});
  EXPECT_EQ(closest(anchors, "a.kept.broken.example"), "kept.broken.example.");
  EXPECT_EQ(negative(anchors, "a.kept.broken.example"), "none");
  EXPECT_EQ(closest(anchors, "a.broken.example"), "none");
  EXPECT_EQ(negative(anchors, "a.broken.example"), "broken.example.");
}

TEST(TrustAnchors, an_anchor_holds_against_a_negative_one_of_its_name) {
  const TrustAnchors anchors({anchor_of("."), anchor_of("example")}, {{name("example"), {}}, {name("."), {}}});
  EXPECT_EQ(closest(anchors, "a.example"), "example.");
  EXPECT_EQ(negative(anchors, "a.example"), "none");
  EXPECT_EQ(closest(anchors, "test"), ".");
  EXPECT_EQ(negative(anchors, "test"), "none");
}

TEST(TrustAnchors, an_expired_negative_one_hides_nothing) {
  const TrustAnchors anchors({anchor_of(".")}, {{name("broken.example"), noon}});
  EXPECT_EQ(negative(anchors, "a.broken.example", noon - 1ms), "broken.example.");
  EXPECT_EQ(closest(anchors, "a.broken.example", noon - 1ms), "none");
  EXPECT_EQ(negative(anchors, "a.broken.example", noon), "none");
  EXPECT_EQ(closest(anchors, "a.broken.example", noon), ".");
}

TEST(TrustAnchors, a_negative_one_above_an_expired_one_still_holds) {
  const TrustAnchors anchors({anchor_of(".")}, {{name("a.example"), noon}, {name("example"), noon + 1h}});
  EXPECT_EQ(negative(anchors, "b.a.example"), "example.");
  EXPECT_EQ(closest(anchors, "b.a.example"), "none");
  EXPECT_EQ(negative(anchors, "b.a.example", noon + 1h), "none");
}

TEST(TrustAnchors, of_two_negative_ones_with_a_name_the_longer_lasting_holds) {
  const dns::Name example = name("example");
  const TrustAnchors timed({anchor_of(".")}, {{example, noon}, {name("EXAMPLE"), noon + 1h}, {example, noon - 1h}});
  ASSERT_EQ(timed.negative_anchors().size(), 1u);
  EXPECT_EQ(timed.negative_anchors()[0].expires, noon + 1h);
  const TrustAnchors lasting({anchor_of(".")}, {{example, noon}, {example, {}}, {example, noon + 1h}});
  EXPECT_EQ(lasting.negative_anchors()[0].expires, std::nullopt);
}

TEST(TrustAnchors, anchors_of_one_zone_are_one) {
  const TrustAnchor old_key = anchor_of("example", 8), new_key = anchor_of("Example", 13);
  const TrustAnchors anchors({old_key, new_key, old_key}, {});
  ASSERT_EQ(anchors.anchors().size(), 1u);
  EXPECT_EQ(anchors.anchors()[0].endorsed_by.ds.size(), 2u);
  EXPECT_EQ(anchors.anchors()[0].zone.to_text(), "example.");
}

TEST(TrustAnchors, are_usable_when_one_record_is_of_a_known_kind) {
  EXPECT_TRUE(is_usable(anchor_of("example", 13, 2)));
  EXPECT_FALSE(is_usable(anchor_of("example", 200, 2)));
  EXPECT_FALSE(is_usable(anchor_of("example", 13, 3)));  // GOST
  TrustAnchor both = anchor_of("example", 200, 2);
  both.endorsed_by.dnskeys.push_back({1, 1, 3, 15, 7});
  EXPECT_TRUE(is_usable(both));
  both.endorsed_by.dnskeys[0][3] = 200;
  EXPECT_FALSE(is_usable(both));
}

TEST(TrustAnchors, those_of_the_root_are_the_two_keys_of_today) {
  const auto anchors = root_trust_anchors();
  ASSERT_EQ(anchors.size(), 1u);
  EXPECT_TRUE(anchors[0].zone.view().is_root());
  EXPECT_EQ(to_text(anchors[0]), (std::vector<std::string>{
                                     "DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D",
                                     "DS 38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16"}));
}

}  // namespace
}  // namespace dragoman::dnssec
