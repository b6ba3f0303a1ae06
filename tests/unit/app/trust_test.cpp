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

}  // namespace
}  // namespace dragoman::app
