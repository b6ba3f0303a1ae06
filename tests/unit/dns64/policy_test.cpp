// Who gets which policy.
#include "dragoman/dns64/policy.h"

#include <gtest/gtest.h>

namespace dragoman::dns64 {
namespace {

ip::Prefix prefix(std::string_view text) { return *ip::Prefix::from_text(text); }
ip::Address address(std::string_view text) { return *ip::Address::from_text(text); }

TEST(Policy, excludes_mapped_aaaa_by_default) {
  const auto excluded = default_exclude_aaaa();
  ASSERT_EQ(excluded.size(), 1u);
  EXPECT_EQ(excluded[0].to_text(), "::ffff:0.0.0.0/96");
  EXPECT_TRUE(excluded[0].contains(address("::ffff:9.9.9.9")));
  EXPECT_FALSE(excluded[0].contains(address("::1")));
}

TEST(Policy, covers_everybody_without_clients) {
  const std::vector<Policy> policies{{.prefixes = {ip::Pref64()}}};
  EXPECT_EQ(policy_for(policies, address("192.0.2.1")), &policies[0]);
  EXPECT_EQ(policy_for(policies, address("2001:db8::1")), &policies[0]);
}

TEST(Policy, is_the_first_that_holds_the_client) {
  const std::vector<Policy> policies{
      {.clients = {prefix("2001:db8:1::/48"), prefix("2001:db8:2::/48")}, .prefixes = {ip::Pref64()}},
      {.clients = {prefix("2001:db8::/32")}, .prefixes = {ip::Pref64()}},
  };
  EXPECT_EQ(policy_for(policies, address("2001:db8:2::1")), &policies[0]);
  EXPECT_EQ(policy_for(policies, address("2001:db8:3::1")), &policies[1]);
  EXPECT_EQ(policy_for(policies, address("2001:db9::1")), nullptr);
}

TEST(Policy, without_prefix_is_none_and_hides_those_behind_it) {
  const std::vector<Policy> policies{
      {.clients = {prefix("192.0.2.0/24")}},
      {.prefixes = {ip::Pref64()}},
  };
  EXPECT_EQ(policy_for(policies, address("192.0.2.1")), nullptr);
  EXPECT_EQ(matching_policy(policies, address("192.0.2.1")), &policies[0]);
  EXPECT_EQ(policy_for(policies, address("198.51.100.1")), &policies[1]);
}

TEST(Policy, is_none_when_there_are_none) { EXPECT_EQ(policy_for({}, address("192.0.2.1")), nullptr); }

}  // namespace
}  // namespace dragoman::dns64
