// What the configuration asks of trust anchors.
#include "trust.h"

#include <gtest/gtest.h>

namespace dragoman::app {
namespace {

TEST(TrustOptions, hold_what_is_configured) {
  config::Config config;
  config.upstream.ca_file = "ca.pem";
  EXPECT_FALSE(trust_options(config).validates);
  config.dnssec.mode = config::DnssecMode::trust_ad;
  EXPECT_FALSE(trust_options(config).validates);
  config.dnssec.mode = config::DnssecMode::validate;
  config.dnssec.negative.push_back({*dns::Name::from_text("a.test"), {}});
  config.dnssec.managed.state_file = "state";
  const trust::Options options = trust_options(config);
  EXPECT_TRUE(options.validates);
  EXPECT_EQ(options.anchors, dnssec::root_trust_anchors());
  EXPECT_EQ(options.negative.size(), 1u);
  EXPECT_EQ(options.managed, config.dnssec.managed);
  ASSERT_EQ(options.routing.groups.size(), 1u);
  EXPECT_EQ(options.routing.groups[0].options.ca_file, "ca.pem");
}

TEST(JudgesOtherwise, when_anything_is_validated_by_other_means) {
  const auto anchors = [](std::vector<dnssec::NegativeTrustAnchor> negative) {
    return std::make_shared<const dnssec::TrustAnchors>(dnssec::root_trust_anchors(), std::move(negative));
  };
  resolve::Settings off, trusting, validating, again, with_negative;
  trusting.trust_upstream_ad = true;
  validating.anchors = anchors({});
  again.anchors = anchors({});
  with_negative.anchors = anchors({{*dns::Name::from_text("a.test"), {}}});
  EXPECT_FALSE(judges_otherwise(off, off));
  EXPECT_TRUE(judges_otherwise(off, trusting));
  EXPECT_TRUE(judges_otherwise(trusting, validating));
  EXPECT_TRUE(judges_otherwise(off, validating));
  EXPECT_FALSE(judges_otherwise(validating, validating));
  EXPECT_FALSE(judges_otherwise(validating, again));
  EXPECT_TRUE(judges_otherwise(validating, with_negative));
}

}  // namespace
}  // namespace dragoman::app
