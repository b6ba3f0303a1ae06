// Which policy a client gets.
#include "dragoman/dns64/policy.h"

#include <gtest/gtest.h>

namespace dragoman::dns64 {
namespace {

ip::Address address(std::string_view text) { return *ip::Address::from_text(text); }
ip::Prefix prefix(std::string_view text) { return *ip::Prefix::from_text(text); }

std::string policy_of(const std::vector<Policy>& policies, const Asker& asker) {
  const Policy* policy = policy_for(policies, asker);
  return policy == nullptr ? "none" : policy->name;
}

TEST(Policy, excludes_mapped_addresses_by_default) {
  const auto excluded = default_exclude_aaaa();
  ASSERT_EQ(excluded.size(), 1u);
  EXPECT_EQ(excluded[0], prefix("::ffff:0:0/96"));
}

TEST(Policy, is_for_everybody_without_conditions) {
  const std::vector<Policy> policies{{.name = "all"}};
  EXPECT_EQ(policy_of(policies, {address("192.0.2.1")}), "all");
  EXPECT_EQ(policy_of(policies, {address("2001:db8::1"), "tls://[::]:853", "", "dns.example"}), "all");
}

TEST(Policy, is_the_first_that_has_the_client) {
  const std::vector<Policy> policies{
      {.name = "two", .clients = {prefix("2001:db8:1::/48"), prefix("2001:db8:2::/48")}},
      {.name = "one", .clients = {prefix("2001:db8::/32")}},
  };
  EXPECT_EQ(policy_of(policies, {address("2001:db8:2::1")}), "two");
  EXPECT_EQ(policy_of(policies, {address("2001:db8:3::1")}), "one");
  EXPECT_EQ(policy_of(policies, {address("2001:db9::1")}), "none");
}

TEST(Policy, wants_every_condition_that_it_has) {
  const std::vector<Policy> policies{{
      .name = "kids",
      .clients = {prefix("2001:db8::/32")},
      .listeners = {"https://[::]:443/kids", "https://[::]:443/more"},
      .paths = {"/kids"},
      .tls_names = {"dns.example"},
  }};
  const Asker right{address("2001:db8::1"), "https://[::]:443/kids", "/kids", "dns.example"};
  EXPECT_EQ(policy_of(policies, right), "kids");
  Asker asker = right;
  asker.address = address("2001:db9::1");
  EXPECT_EQ(policy_of(policies, asker), "none");
  asker = right;
  asker.listener = "dns://[::]:53";
  EXPECT_EQ(policy_of(policies, asker), "none");
  asker = right;
  asker.path = "/dns-query";
  EXPECT_EQ(policy_of(policies, asker), "none");
  asker = right;
  asker.tls_name = {};
  EXPECT_EQ(policy_of(policies, asker), "none");
}

TEST(Policy, matches_though_it_synthesizes_nothing) {
  const std::vector<Policy> policies{{.name = "dual-stack", .clients = {prefix("192.0.2.0/24")}},
                                     {.name = "default", .mappings = {{.prefixes = {ip::Pref64()}}}}};
  EXPECT_EQ(policy_of(policies, {address("192.0.2.1")}), "dual-stack");
  EXPECT_FALSE(policies[0].synthesizes());
  EXPECT_EQ(policy_of(policies, {address("198.51.100.1")}), "default");
  EXPECT_TRUE(policies[1].synthesizes());
}

TEST(Policy, synthesizes_when_a_mapping_has_a_prefix) {
  EXPECT_FALSE(Policy{}.synthesizes());
  EXPECT_FALSE((Policy{.mappings = {{.ipv4 = {prefix("10.0.0.0/8")}}}}.synthesizes()));
  EXPECT_TRUE((Policy{.mappings = {{.ipv4 = {prefix("10.0.0.0/8")}}, {.prefixes = {ip::Pref64()}}}}.synthesizes()));
}

TEST(Policy, is_none_when_there_are_none) { EXPECT_EQ(policy_for({}, {address("192.0.2.1")}), nullptr); }

}  // namespace
}  // namespace dragoman::dns64
