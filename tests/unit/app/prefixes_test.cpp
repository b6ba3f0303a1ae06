// What the configuration asks of discovery and probes.
#include "prefixes.h"

#include <gmock/gmock.h>

namespace dragoman::app {
namespace {

using testing::ElementsAre;

const ip::Pref64 one = *ip::Pref64::from_text("2001:db8:1::/96");
const ip::Pref64 two = *ip::Pref64::from_text("2001:db8:2::/96");

TEST(GatewayOptions, hold_what_is_to_be_probed_and_discovered) {
  config::Config config;
  config.listen.push_back(*serve::ListenOptions::from_url("dns://127.0.0.1:53"));
  config.listen.push_back(*serve::ListenOptions::from_url("tls://127.0.0.1:853"));
  config.dns64.policies.push_back({.mappings = {{.prefixes = {one}}}});
  config.dns64.prefixes = {{one, true, "tcp://198.51.100.1:443"}, {two, true, ""}};
  config.discovery.min_interval = seconds(7);
  config.probing.fall = 9;
  config.upstream.ca_file = "ca.pem";

  gateway::Options options = gateway_options(config);
  EXPECT_FALSE(options.discover);
  EXPECT_EQ(options.discovery.min_interval, seconds(7));
  EXPECT_EQ(options.probing.fall, 9u);
  ASSERT_EQ(options.probed.size(), 1u);
  EXPECT_EQ(options.probed[0].prefix, one);
  EXPECT_EQ(options.probed[0].target.port, 443);
  EXPECT_THAT(options.own_listeners, ElementsAre(*ip::Endpoint::from_text("127.0.0.1:53")));
  EXPECT_EQ(options.upstream.ca_file, "ca.pem");

  EXPECT_TRUE(options.own.empty());
  config.nat64.emplace().nat64.prefixes = {two};
  EXPECT_THAT(gateway_options(config).own, ElementsAre(two));

  config.dns64.policies.push_back({.mappings = {{.discovered = true}}});
  EXPECT_TRUE(gateway_options(config).discover);
}

}  // namespace
}  // namespace dragoman::app
