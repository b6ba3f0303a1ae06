// Discovered prefixes come in, failed ones go out.
#include <gtest/gtest.h>

#include "zone_text.h"

namespace dragoman::dns64 {
namespace {

using Texts = std::vector<std::string>;

Texts texts_of(const std::vector<ip::Pref64>& prefixes) {
  Texts out;
  for (const ip::Pref64& prefix : prefixes) out.push_back(prefix.to_text());
  return out;
}

Options configured() {
  Options options;
  options.policies = {
      {.name = "own", .mappings = {{.prefixes = {pref64("2001:db8:1::/96"), pref64("2001:db8:2::/96")}}}},
      {.name = "default", .mappings = {{.discovered = true}}},
  };
  return options;
}

Texts in_use(const Options& options, std::size_t policy) {
  return texts_of(options.policies[policy].mappings[0].prefixes);
}

const ip::Pref64 first = pref64("2001:db8:1::/96"), second = pref64("2001:db8:2::/96"),
                 third = pref64("2001:db8:3::/96");

TEST(InForce, is_what_is_configured_when_nothing_happened) {
  const Options options = in_force(configured(), {{}, {}});
  EXPECT_EQ(in_use(options, 0), (Texts{"2001:db8:1::/96", "2001:db8:2::/96"}));
  EXPECT_EQ(in_use(options, 1), Texts{});
  EXPECT_FALSE(options.policies[1].synthesizes());
}

TEST(InForce, has_discovered_prefixes_where_they_were_asked_for) {
  const Options options = in_force(configured(), {{third, first}, {}});
  EXPECT_EQ(in_use(options, 0), (Texts{"2001:db8:1::/96", "2001:db8:2::/96"}));
  EXPECT_EQ(in_use(options, 1), (Texts{"2001:db8:3::/96", "2001:db8:1::/96"}));
}

TEST(InForce, has_no_prefix_twice) {
  Options options = configured();
  options.policies[0].mappings[0].discovered = true;
  EXPECT_EQ(in_use(in_force(options, {{second}, {}}), 0), (Texts{"2001:db8:1::/96", "2001:db8:2::/96"}));
}

TEST(InForce, leaves_out_what_failed) {
  EXPECT_EQ(in_use(in_force(configured(), {{}, {first}}), 0), Texts{"2001:db8:2::/96"});
  EXPECT_EQ(in_use(in_force(configured(), {{third, first}, {third}}), 1), Texts{"2001:db8:1::/96"});
}

TEST(InForce, keeps_the_prefix_that_failed_last_when_all_have) {
  EXPECT_EQ(in_use(in_force(configured(), {{}, {first, second}}), 0), Texts{"2001:db8:2::/96"});
  EXPECT_EQ(in_use(in_force(configured(), {{}, {third, second, first}}), 0), Texts{"2001:db8:1::/96"});
  EXPECT_EQ(in_use(in_force(configured(), {{third}, {third}}), 1), Texts{"2001:db8:3::/96"});
}

TEST(InForce, takes_a_prefix_for_the_same_with_and_without_its_suffix) {
  Options options = configured();
  const ip::Pref64 plain = pref64("2001:db8:122::/48");
  options.policies[0].mappings[0].prefixes = {*plain.with_suffix(ip::Address::from_text("::1")->v6()), second};
  EXPECT_EQ(in_use(in_force(options, {{}, {plain}}), 0), Texts{"2001:db8:2::/96"});
}

TEST(InForce, keeps_ttls_low_where_a_strained_prefix_is_in_use) {
  const auto ttl_of = [](const PrefixFindings& findings) {
    return in_force(configured(), findings).policies[0].max_ttl.count();
  };
  EXPECT_EQ(ttl_of({.strained = {third}, .strained_max_ttl = seconds(30)}), 86400);
  EXPECT_EQ(ttl_of({.strained = {second}, .strained_max_ttl = seconds(30)}), 30);
  EXPECT_EQ(ttl_of({.failed = {second}, .strained = {second}, .strained_max_ttl = seconds(30)}), 86400)
      << "the other prefix is in use";
  EXPECT_EQ(ttl_of({.failed = {first, second}, .strained = {second}, .strained_max_ttl = seconds(30)}), 30)
      << "the last one stays";
}

TEST(InForce, answers_reverse_names_of_the_whole_site_for_everybody) {
  const Options options = in_force(configured(), {{third}, {first}});
  const Texts site{"2001:db8:1::/96", "2001:db8:2::/96", "2001:db8:3::/96"};
  EXPECT_EQ(texts_of(options.policies[0].reverse_prefixes), site);
  EXPECT_EQ(texts_of(options.policies[1].reverse_prefixes), site);
}

}  // namespace
}  // namespace dragoman::dns64
