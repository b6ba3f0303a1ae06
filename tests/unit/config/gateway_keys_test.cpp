// dns64.discovery, dns64.probing and the keys of prefixes that belong to them.
#include <gmock/gmock.h>

#include "config_testing.h"

namespace dragoman::config {
namespace {

using namespace std::chrono_literals;

bool discovers(const dns64::Policy& policy) {
  return std::any_of(policy.mappings.begin(), policy.mappings.end(),
                     [](const dns64::Mapping& mapping) { return mapping.discovered; });
}

TEST(GatewayKeys, discovery_asks_the_system_unless_told_otherwise) {
  for (const char* text :
       {"dns64: {prefix: discovered}\n", "dns64: {prefix: discovered, discovery: {from: system}}\n"}) {
    const Config config = config_of(text);
    ASSERT_EQ(config.dns64.policies.size(), 1u);
    EXPECT_TRUE(discovers(config.dns64.policies[0]));
    EXPECT_TRUE(config.dns64.policies[0].mappings[0].prefixes.empty());
    EXPECT_TRUE(config.discovery.from.empty());
    EXPECT_EQ(config.discovery.resolv_conf, "/etc/resolv.conf");
  }
}

TEST(GatewayKeys, discovered_may_stand_among_prefixes_and_in_an_entry) {
  const Config config = config_of(
      "dns64:\n  prefixes:\n    - 64:ff9b::/96\n    - discovered\n"
      "    - {prefix: discovered, clients: 192.0.2.0/24}\n"
      "    - {prefix: \"2001:db8:64::/96\", clients: 198.51.100.0/24}\n");
  ASSERT_EQ(config.dns64.policies.size(), 3u);
  EXPECT_TRUE(discovers(config.dns64.policies[0]));
  EXPECT_FALSE(discovers(config.dns64.policies[1])) << "its own prefix comes in place of the common ones";
  EXPECT_TRUE(discovers(config.dns64.policies[2]));
}

TEST(GatewayKeys, every_key_reaches_the_options) {
  const Config config = config_of(
      "dns64:\n  prefix: discovered\n"
      "  discovery: {from: [\"dns://192.0.2.53\", \"https://dns.example.net/\"], resolv_conf: /run/resolv.conf, "
      "min_interval: 30s, max_interval: 2h, timeout: 3s, probe: \"dns://192.0.2.1\"}\n"
      "  probing: {interval: 5s, timeout: 1s, fall: 4, rise: 1}\n");
  ASSERT_EQ(config.discovery.from.size(), 2u);
  EXPECT_EQ(config.discovery.from[1].url, "https://dns.example.net/");
  EXPECT_EQ(config.discovery.resolv_conf, "/run/resolv.conf");
  EXPECT_EQ(config.discovery.min_interval, 30s);
  EXPECT_EQ(config.discovery.max_interval, 2h);
  EXPECT_EQ(config.discovery.timeout, 3s);
  ASSERT_TRUE(config.discovery.probe);
  EXPECT_EQ(config.discovery.probe->url, "dns://192.0.2.1");
  EXPECT_EQ(config.probing, (gateway::ProbingOptions{.interval = 5s, .timeout = 1s, .fall = 4, .rise = 1}));
}

TEST(GatewayKeys, an_external_prefix_may_have_a_probe) {
  const Config config = config_of(
      "dns64: {prefixes: [{prefix: \"2001:db8:64::/96\", external: true, probe: \"tcp://198.51.100.1:443\"}]}\n");
  ASSERT_EQ(config.dns64.prefixes.size(), 1u);
  EXPECT_EQ(config.dns64.prefixes[0].prefix.to_text(), "2001:db8:64::/96");
  EXPECT_TRUE(config.dns64.prefixes[0].external);
  EXPECT_EQ(config.dns64.prefixes[0].probe, "tcp://198.51.100.1:443");
}

TEST(GatewayKeys, say_what_is_wrong_and_what_would_do) {
  expect_problems_behind_basis({
      {"dns64: {prefixes: [{prefix: \"2001:db8:64::/96\", probe: \"tcp://198.51.100.1:443\"}]}\n",
       {"f:4:56: dns64.prefixes[0].probe: is for external prefixes"}},
      {"dns64: {prefixes: [{prefix: \"2001:db8:64::/96\", external: true, probe: \"ping://198.51.100.1\"}]}\n",
       {"f:4:72: dns64.prefixes[0].probe: `ping://198.51.100.1`: a probe is written as tcp://ADDRESS:PORT or "
        "dns://ADDRESS (for example tcp://198.51.100.1:443)"}},
      {"dns64: {prefix: discovered, discovery: {from: resolver}}\n",
       {"f:4:47: dns64.discovery.from: `resolver`: a server is written as a URL (for example dns://192.0.2.53)"}},
      {"dns64: {prefix: discovered, discovery: {min_interval: 1h, max_interval: 10m}}\n",
       {"f:4:55: dns64.discovery.min_interval: min_interval is above max_interval"}},
      {"dns64: {probing: {interval: 1s, timeout: 2s}}\n",
       {"f:4:42: dns64.probing.timeout: a probe would still wait when the next one begins"}},
  });
}

TEST(GatewayKeys, discovery_from_ourselves_is_refused) {
  EXPECT_EQ(problems_of("listen: dns://127.0.0.1:53\nupstream: dns://192.0.2.1\n"
                        "dns64: {prefix: discovered, discovery: {from: [\"dns://127.0.0.1\"]}}\n"),
            std::vector<std::string>{
                "f:3:48: dns64.discovery.from[0]: dns://127.0.0.1 is our own listener dns://127.0.0.1:53"});
}

TEST(GatewayKeys, discovery_that_nobody_uses_is_worth_a_warning) {
  EXPECT_EQ(warnings_of(basis + "dns64: {prefix: \"64:ff9b::/96\", discovery: {from: system}}\n"),
            std::vector<std::string>{"f:4:44: dns64.discovery: no prefix is `discovered`: nobody is asked"});
  EXPECT_TRUE(warnings_of(basis + "dns64: {prefix: discovered, discovery: {from: system}}\n").empty());
}

}  // namespace
}  // namespace dragoman::config
