// Who may ask: the default, and the longest match.
#include "dragoman/resolve/settings.h"

#include <gtest/gtest.h>

namespace dragoman::resolve {
namespace {

bool allowed(const AclOptions& options, const char* address) {
  return make_acl(options).allows(*ip::Address::from_text(address), false);
}

TEST(Acl, lets_only_nearby_clients_in_when_nothing_is_configured) {
  for (const char* near :
       {"127.0.0.1", "::1", "10.1.2.3", "192.168.0.1", "172.31.0.1", "100.64.0.1", "fe80::1", "fd00::1"}) {
    EXPECT_TRUE(allowed({}, near)) << near;
  }
  for (const char* far : {"192.0.2.1", "8.8.8.8", "2001:db8::1", "172.32.0.1"}) EXPECT_FALSE(allowed({}, far)) << far;
}

TEST(Acl, replaces_the_default_when_configured) {
  const AclOptions options{{*ip::Prefix::from_text("2001:db8::/32")}, {}};
  EXPECT_TRUE(allowed(options, "2001:db8::1"));
  EXPECT_FALSE(allowed(options, "127.0.0.1"));
}

TEST(Acl, lets_the_longest_match_decide) {
  const AclOptions options{{*ip::Prefix::from_text("2001:db8::/32"), *ip::Prefix::from_text("2001:db8:dead:beef::/64")},
                           {*ip::Prefix::from_text("2001:db8:dead::/48")}};
  EXPECT_TRUE(allowed(options, "2001:db8::1"));
  EXPECT_FALSE(allowed(options, "2001:db8:dead::1"));
  EXPECT_TRUE(allowed(options, "2001:db8:dead:beef::1"));
}

TEST(Settings, judge_otherwise_when_anything_is_validated_by_other_means) {
  const auto anchors = [](std::vector<dnssec::NegativeTrustAnchor> negative) {
    return std::make_shared<const dnssec::TrustAnchors>(dnssec::root_trust_anchors(), std::move(negative));
  };
  Settings off, trusting, validating, again, with_negative;
  trusting.trust_upstream_ad = true;
  validating.anchors = anchors({});
  again.anchors = anchors({});
  with_negative.anchors = anchors({{*dns::Name::from_text("a.test"), {}}});
  EXPECT_FALSE(off.judges_otherwise_than(off));
  EXPECT_TRUE(trusting.judges_otherwise_than(off));
  EXPECT_TRUE(validating.judges_otherwise_than(trusting));
  EXPECT_TRUE(validating.judges_otherwise_than(off));
  EXPECT_FALSE(validating.judges_otherwise_than(validating));
  EXPECT_FALSE(again.judges_otherwise_than(validating));
  EXPECT_TRUE(with_negative.judges_otherwise_than(validating));
  auto rolled = dnssec::root_trust_anchors();
  rolled.front().endorsed_by.ds.push_back({1, 2, 8, 2, 3});
  Settings with_another_key;
  with_another_key.anchors =
      std::make_shared<const dnssec::TrustAnchors>(rolled, std::vector<dnssec::NegativeTrustAnchor>{});
  EXPECT_FALSE(with_another_key.judges_otherwise_than(validating)) << "a roll-over begins";
  EXPECT_TRUE(validating.judges_otherwise_than(with_another_key)) << "a key is trusted no more";
}

}  // namespace
}  // namespace dragoman::resolve
