// The forms in which prefixes are written.
#include "config_testing.h"

namespace dragoman::config {
namespace {

dns64::Options options_of(const std::string& prefixes) { return config_of("dns64:\n  prefixes:\n" + prefixes).dns64; }

TEST(MappingKeys, give_ranges_their_prefixes_before_all_other_addresses) {
  const dns64::Options dns64 = options_of(
      "    - 64:ff9b::/96\n    - {prefix: none, ipv4: 10.1.0.0/16}\n"
      "    - {prefixes: [\"2001:db8:1::/96\", \"2001:db8:2::/96\"], ipv4: [10.0.0.0/8, 172.16.0.0/12]}\n"
      "    - 2001:db8:3::/96\n");
  ASSERT_EQ(dns64.policies.size(), 1u);
  const std::vector<dns64::Mapping>& mappings = dns64.policies[0].mappings;
  ASSERT_EQ(mappings.size(), 3u);
  EXPECT_EQ(mappings[0].ipv4.size(), 1u);
  EXPECT_TRUE(mappings[0].prefixes.empty());
  EXPECT_EQ(mappings[1].ipv4.size(), 2u);
  EXPECT_EQ(mappings[1].prefixes.size(), 2u);
  EXPECT_TRUE(mappings[2].ipv4.empty());
  ASSERT_EQ(mappings[2].prefixes.size(), 2u);
  EXPECT_EQ(mappings[2].prefixes[1].to_text(), "2001:db8:3::/96");
  EXPECT_EQ(dns64.prefixes.size(), 4u);
}

TEST(MappingKeys, keep_what_is_known_of_prefixes_once_each) {
  const dns64::Options dns64 = options_of(
      "    - {prefix: \"2001:db8:1::/96\", external: true, probe: \"tcp://192.0.2.1:443\"}\n"
      "    - {prefix: \"2001:db8:1::/96\", clients: 192.0.2.0/24}\n    - 2001:db8:2::/96\n");
  ASSERT_EQ(dns64.prefixes.size(), 2u);
  for (const dns64::PrefixOptions& known : dns64.prefixes) {
    const bool is_first = known.prefix.to_text() == "2001:db8:1::/96";
    EXPECT_EQ(known.external, is_first);
    EXPECT_EQ(known.probe, is_first ? "tcp://192.0.2.1:443" : "");
  }
}

TEST(MappingKeys, know_the_prefix_of_a_section_that_names_none) {
  const dns64::Options dns64 = config_of("dns64:\n").dns64;
  ASSERT_EQ(dns64.prefixes.size(), 1u);
  EXPECT_TRUE(dns64.prefixes[0].prefix.is_well_known());
  EXPECT_TRUE(config_of("dns64: {prefix: none}\n").dns64.prefixes.empty());
}

TEST(MappingKeys, ask_for_discovered_prefixes_alone_or_beside_others) {
  const dns64::Options alone = config_of("dns64: {prefix: discovered}\n").dns64;
  ASSERT_EQ(alone.policies.size(), 1u);
  ASSERT_EQ(alone.policies[0].mappings.size(), 1u);
  EXPECT_TRUE(alone.policies[0].mappings[0].discovered);
  EXPECT_TRUE(alone.policies[0].mappings[0].prefixes.empty());
  const dns64::Options beside =
      options_of("    - discovered\n    - 2001:db8::/96\n    - {prefix: discovered, ipv4: 10.0.0.0/8}\n");
  ASSERT_EQ(beside.policies[0].mappings.size(), 2u);
  EXPECT_TRUE(beside.policies[0].mappings[0].discovered);
  EXPECT_TRUE(beside.policies[0].mappings[1].discovered);
  EXPECT_EQ(beside.policies[0].mappings[1].prefixes.size(), 1u);
}

TEST(MappingKeys, put_a_suffix_behind_the_address) {
  const dns64::Options dns64 = options_of("    - {prefix: \"2001:db8:122::/48\", suffix: \"::1\"}\n");
  const ip::Pref64& prefix = dns64.policies[0].mappings[0].prefixes[0];
  EXPECT_EQ(ip::Address(prefix.embed({192, 0, 2, 33})).to_text(), "2001:db8:122:c000:2:2100:0:1");
}

TEST(MappingKeys, give_policies_prefixes_in_the_same_forms) {
  const dns64::Options dns64 = config_of(
                                   "dns64:\n  policies:\n    - name: a\n      clients: 192.0.2.0/24\n"
                                   "      prefixes: [{prefix: none, ipv4: 10.0.0.0/8}, discovered]\n")
                                   .dns64;
  ASSERT_EQ(dns64.policies[0].mappings.size(), 2u);
  EXPECT_FALSE(dns64.policies[0].mappings[0].ipv4.empty());
  EXPECT_TRUE(dns64.policies[0].mappings[1].discovered);
}

TEST(MappingKeys, refuse_what_does_not_fit_together) {
  expect_problems_behind_basis({
      {"dns64: {prefixes: [{prefix: \"64:ff9b::/96\", suffix: \"::1\"}]}\n",
       {"f:4:53: dns64.prefixes[0].suffix: `::1` does not fit 64:ff9b::/96: overlaps the prefix, the IPv4 address or "
        "bits "
        "64 to 71"}},
      {"dns64: {prefixes: [{prefix: \"64:ff9b::/96\", suffix: 192.0.2.1}]}\n",
       {"f:4:53: dns64.prefixes[0].suffix: `192.0.2.1` is not an IPv6 address"}},
      {"dns64: {prefixes: [{prefix: \"64:ff9b::/96\", probe: \"tcp://192.0.2.1:80\"}]}\n",
       {"f:4:52: dns64.prefixes[0].probe: is for external prefixes"}},
      {"dns64: {prefixes: [{prefix: \"64:ff9b::/96\", ipv4: []}]}\n",
       {"f:4:51: dns64.prefixes[0].ipv4: names no address"}},
      {"dns64: {prefixes: [{prefix: \"64:ff9b::/96\", ipv4: 10.0.0.0/8, clients: 192.0.2.0/24}]}\n",
       {"f:4:51: dns64.prefixes[0].ipv4: is not for entries with `clients`"}},
      {"dns64: {prefixes: [discovered, discovered]}\n", {"f:4:32: dns64.prefixes[1]: `discovered` is listed twice"}},
      {"dns64: {prefix: [discovered, discovered]}\n", {"f:4:30: dns64.prefix[1]: `discovered` is listed twice"}},
      {"dns64: {policies: [{name: a, prefixes: [{ipv4: 10.0.0.0/8}]}]}\n",
       {"f:4:41: dns64.policies[0].prefixes[0]: names no prefix"}},
      {"dns64: {policies: [{name: a, prefix: \"64:ff9b::/96\", prefixes: []}]}\n",
       {"f:4:64: dns64.policies[0].prefixes: stands beside `prefix`"}},
  });
}

}  // namespace
}  // namespace dragoman::config
