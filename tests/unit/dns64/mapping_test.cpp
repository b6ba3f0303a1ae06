// RFC 6147 5.1.7: which addresses are mapped, and where.
#include <gtest/gtest.h>

#include "dragoman/dns64/synthesis.h"
#include "zone_text.h"

namespace dragoman::dns64 {
namespace {

Policy by_range() {
  Policy policy;
  policy.mappings = {{.ipv4 = {prefix("10.1.0.0/16")}},
                     {.ipv4 = {prefix("10.0.0.0/8"), prefix("172.16.0.0/12")}, .prefixes = {pref64("2001:db8::/96")}},
                     {.prefixes = {ip::Pref64()}}};
  policy.exclude_a = {prefix("198.51.100.0/24")};
  return policy;
}

TEST(Dns64Mapping, is_the_first_that_has_the_address) {
  const Policy policy = by_range();
  EXPECT_EQ(mapping_for(policy, {10, 1, 2, 3}), &policy.mappings[0]);
  EXPECT_EQ(mapping_for(policy, {10, 2, 2, 3}), &policy.mappings[1]);
  EXPECT_EQ(mapping_for(policy, {172, 31, 0, 1}), &policy.mappings[1]);
  EXPECT_EQ(mapping_for(policy, {192, 0, 2, 1}), &policy.mappings[2]);
  EXPECT_EQ(mapping_for(policy, {198, 51, 100, 1}), nullptr) << "excluded";
}

TEST(Dns64Mapping, is_none_when_no_range_has_the_address) {
  Policy policy = by_range();
  policy.mappings.pop_back();
  EXPECT_EQ(mapping_for(policy, {192, 0, 2, 1}), nullptr);
}

TEST(Dns64Mapping, holds_non_global_addresses_in_the_well_known_prefix_as_the_policy_says) {
  Policy policy = by_range();
  EXPECT_FALSE(may_embed(policy, ip::Pref64(), {10, 0, 0, 1}));
  EXPECT_TRUE(may_embed(policy, ip::Pref64(), {192, 0, 2, 1}));
  EXPECT_TRUE(may_embed(policy, pref64("2001:db8::/96"), {10, 0, 0, 1}));
  policy.well_known_prefix = WellKnownPrefixRule::wkp_1918;
  EXPECT_TRUE(may_embed(policy, ip::Pref64(), {10, 0, 0, 1}));
  EXPECT_FALSE(may_embed(policy, ip::Pref64(), {127, 0, 0, 1}));
  policy.well_known_prefix = WellKnownPrefixRule::rfc6052;
  EXPECT_FALSE(may_embed(policy, ip::Pref64(), {192, 0, 2, 1}));
}

}  // namespace
}  // namespace dragoman::dns64
