// The section nat64 beside the rest of the file.
#include "nat64_checks.h"

#include <gmock/gmock.h>

#include "config_testing.h"

namespace dragoman::config {
namespace {

using ip::WellKnownPrefixRule;
using Texts = std::vector<std::string>;
using testing::HasSubstr;

const std::string pool = "pool4: 198.51.100.1";

Texts texts_of(const std::vector<ip::Pref64>& prefixes) {
  Texts out;
  for (const ip::Pref64& prefix : prefixes) out.push_back(prefix.to_text());
  return out;
}

TEST(Nat64Checks, a_file_without_listen_is_a_nat64_alone) {
  const Config config = config_of_whole("nat64: {" + pool + "}\n");
  EXPECT_TRUE(config.listen.empty());
  EXPECT_TRUE(config.nat64);
  EXPECT_TRUE(warnings_of("nat64: {" + pool + "}\n").empty());
  EXPECT_EQ(problems_of("nat64: {enabled: false, " + pool + "}\n")[0], "f:1:1: listen: is missing: nobody could ask");
}

TEST(Nat64Checks, a_resolver_that_nobody_can_ask_is_worth_a_warning) {
  EXPECT_EQ(warnings_of("nat64: {" + pool + "}\ndns64:\n"),
            Texts{"f:2:1: dns64: is of no effect: without `listen` nobody can ask"});
}

TEST(Nat64Checks, want_an_address_to_translate_to) {
  expect_problems({
      {"nat64:\n", {"f:1:1: nat64.pool4: is missing: there is no IPv4 address to translate to"}},
      {"nat64: {pool4: []}\n", {"f:1:16: nat64.pool4: is empty: there is no IPv4 address to translate to"}},
      {"nat64: {pool4: [{addresses: 198.51.100.1, ports: 1-1023}]}\n",
       {"f:1:16: nat64.pool4: has no port from 1024 on, which is what hosts use"}},
      {"nat64: {pool4: [10.0.0.0/15]}\n", {"f:1:16: nat64.pool4: has 131072 addresses, the most is 65536"}},
  });
  EXPECT_EQ(warnings_of("nat64: {pool4: [{addresses: 198.51.100.1, drain: true}]}\n"),
            Texts{"f:1:16: nat64.pool4: drains as a whole: no new session can begin"});
}

TEST(Nat64Checks, a_quota_below_a_block_is_worth_a_warning) {
  EXPECT_EQ(warnings_of("nat64: {" + pool + ", ports_per_subscriber: 100}\n"),
            Texts{"f:1:52: nat64.ports_per_subscriber: is less than a block of 256 ports, so the rest of each block is "
                  "of no use to anybody"});
  EXPECT_TRUE(warnings_of("nat64: {" + pool + ", ports_per_subscriber: 256}\n").empty());
}

TEST(Nat64Checks, dns64_takes_the_prefixes_of_nat64) {
  const Config config =
      config_of("nat64: {" + pool + ", prefixes: [\"2001:db8:64::/96\", \"2001:db8:65::/96\"]}\ndns64:\n");
  ASSERT_EQ(config.dns64.policies.size(), 1u);
  EXPECT_EQ(texts_of(config.dns64.policies[0].mappings[0].prefixes), (Texts{"2001:db8:64::/96", "2001:db8:65::/96"}));
  EXPECT_EQ(config.dns64.prefixes.size(), 2u);
}

TEST(Nat64Checks, dns64_may_stand_before_nat64_in_the_file) {
  const Config config = config_of("dns64:\nnat64: {" + pool + ", prefix: \"2001:db8:64::/96\"}\n");
  EXPECT_EQ(texts_of(config.dns64.policies[0].mappings[0].prefixes), (Texts{"2001:db8:64::/96"}));
}

// RFC 6147 5.2.
TEST(Nat64Checks, every_dns64_prefix_is_translated_by_us_or_external) {
  const std::string begin = basis + "nat64: {" + pool + "}\n";
  const std::string complaint = "`2001:db8:64::/96` is translated by nobody: nat64 has 64:ff9b::/96";
  EXPECT_EQ(problems_of(begin + "dns64: {prefix: \"2001:db8:64::/96\"}\n"),
            Texts{"f:5:17: dns64.prefix: " + complaint});
  EXPECT_EQ(problems_of(begin + "dns64: {prefixes: [\"64:ff9b::/96\", {prefix: \"2001:db8:64::/96\", clients: "
                                "\"2001:db8::/32\"}]}\n"),
            Texts{"f:5:45: dns64.prefixes[1].prefix: " + complaint});
  EXPECT_EQ(problems_of(begin + "dns64: {policies: [{name: a, prefix: \"2001:db8:64::/96\"}]}\n"),
            Texts{"f:5:38: dns64.policies[0].prefix: " + complaint});
  EXPECT_TRUE(problems_of(begin + "dns64: {prefixes: [{prefix: \"2001:db8:64::/96\", external: true}]}\n").empty());
  EXPECT_TRUE(problems_of(begin + "dns64: {prefix: discovered}\n").empty());
  EXPECT_TRUE(problems_of(begin + "dns64: {prefix: none}\n").empty());
}

TEST(Nat64Checks, a_suffix_makes_no_other_prefix) {
  EXPECT_TRUE(problems_of(basis + "nat64: {" + pool +
                          ", prefix: \"2001:db8:122::/48\"}\ndns64: {prefixes: [{prefix: \"2001:db8:122::/48\", "
                          "suffix: \"::1\"}]}\n")
                  .empty());
}

TEST(Nat64Checks, without_nat64_every_prefix_is_somebody_elses) {
  EXPECT_TRUE(problems_of(basis + "dns64: {prefix: \"2001:db8:64::/96\"}\n").empty());
  EXPECT_TRUE(warnings_of(basis + "dns64: {prefix: \"2001:db8:64::/96\"}\n").empty());
}

TEST(Nat64Checks, a_prefix_of_ours_that_is_called_external_is_worth_a_warning) {
  EXPECT_EQ(
      warnings_of(basis + "nat64: {" + pool + "}\ndns64: {prefixes: [{prefix: \"64:ff9b::/96\", external: true}]}\n"),
      Texts{"f:5:29: dns64.prefixes[0].prefix: `64:ff9b::/96` is marked external, and nat64 translates it"});
}

TEST(Nat64Checks, the_rule_of_the_well_known_prefix_is_one_wherever_it_stands) {
  const std::string plain = "nat64: {" + pool + "}\n";
  const Config from_nat64 = config_of("nat64: {" + pool + ", well_known_prefix: rfc6052}\ndns64:\n");
  EXPECT_EQ(from_nat64.dns64.policies[0].well_known_prefix, WellKnownPrefixRule::rfc6052);
  const Config from_dns64 = config_of(plain + "dns64: {well_known_prefix: wkp_1918}\n");
  EXPECT_EQ(from_dns64.nat64->nat64.well_known_prefix, WellKnownPrefixRule::wkp_1918);
  EXPECT_TRUE(warnings_of(basis + plain + "dns64: {well_known_prefix: off}\n").empty());
}

TEST(Nat64Checks, answers_that_are_not_translated_are_worth_a_warning) {
  const std::string complaint = "lets 64:ff9b::/96 hold addresses that nat64.well_known_prefix refuses to translate";
  EXPECT_EQ(warnings_of(basis + "nat64: {" + pool + ", well_known_prefix: rfc6052}\ndns64: {well_known_prefix: off}\n"),
            Texts{"f:5:28: dns64.well_known_prefix: " + complaint});
  EXPECT_EQ(warnings_of(basis + "nat64: {" + pool +
                        "}\ndns64: {policies: [{name: a, clients: \"2001:db8::/32\", well_known_prefix: off}]}\n"),
            Texts{"f:5:75: dns64.policies[0].well_known_prefix: " + complaint});
  EXPECT_TRUE(
      warnings_of(basis + "nat64: {" + pool + ", well_known_prefix: off}\ndns64: {well_known_prefix: rfc6052}\n")
          .empty());
}

// RFC 6146 3.5.
TEST(Nat64Checks, no_host_is_inside_a_prefix) {
  expect_problems({
      {"nat64: {" + pool + ", prefix: \"2001:db8:64::/48\", clients: \"2001:db8:64:1::/64\"}\n",
       {"f:1:67: nat64.clients: lies in 2001:db8:64::/48, which no packet may come from"}},
      {"nat64: {" + pool + ", static_bindings: [{inside: \"[64:ff9b::c000:201]:80\", outside: \"198.51.100.1:80\"}]}\n",
       {"f:1:57: nat64.static_bindings[0].inside: lies in 64:ff9b::/96, where no host is"}},
  });
  EXPECT_TRUE(problems_of("nat64: {" + pool + ", prefix: \"2001:db8:64::/48\", clients: \"2001:db8::/32\"}\n").empty());
}

TEST(Nat64Checks, only_resolved_needs_a_dns64) {
  EXPECT_EQ(problems_of("nat64: {" + pool + ", only_resolved: true}\n"),
            Texts{"f:1:45: nat64.only_resolved: nobody is answered here, so no address would be reached"});
  EXPECT_EQ(problems_of(basis + "nat64: {" + pool + ", only_resolved: true}\n"),
            Texts{"f:4:45: nat64.only_resolved: there is no dns64 here, so no address would be reached"});
  EXPECT_TRUE(problems_of(basis + "nat64: {" + pool + ", only_resolved: true}\ndns64:\n").empty());
}

TEST(Nat64Checks, fragments_fit_the_link) {
  EXPECT_EQ(problems_of("nat64: {" + pool + ", mtu6: 1400, lowest_ipv6_mtu: 1500}\n"),
            Texts{"f:1:59: nat64.lowest_ipv6_mtu: is above mtu6, so fragments would not fit the link"});
}

TEST(Nat64Checks, destinations_of_blocks_are_worth_a_warning) {
  EXPECT_EQ(warnings_of("nat64: {" + pool + ", binding_log: {destinations: true}}\n"),
            Texts{"f:1:58: nat64.binding_log.destinations: is of no effect: blocks have no destination"});
}

TEST(Nat64Checks, everything_has_a_fix) {
  const Loaded loaded = load_text(
      "nat64: {pool4: [], prefix: \"2001:db8:64::/48\", clients: \"2001:db8:64:1::/64\", only_resolved: true, "
      "mtu6: 1400, lowest_ipv6_mtu: 1500, ports_per_subscriber: 1, timeouts: {udp: 1}}\ndns64:\n",
      "f");
  EXPECT_EQ(loaded.problems.size(), 4u);
  for (const Problem& problem : loaded.problems) EXPECT_FALSE(problem.fix.empty()) << problem.to_text();
  for (const Problem& problem : loaded.warnings) EXPECT_FALSE(problem.fix.empty()) << problem.to_text();
}

}  // namespace
}  // namespace dragoman::config
