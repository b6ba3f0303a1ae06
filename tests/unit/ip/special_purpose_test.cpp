// Edges of the blocks of the IANA special-purpose registry (RFC 6890) and of what the Well-Known Prefix may hold.
#include <gtest/gtest.h>

#include "dragoman/ip/address.h"
#include "dragoman/ip/pref64.h"

namespace dragoman::ip {
namespace {

struct Case {
  const char* first;
  const char* last;
  const char* before;  // nullptr where the neighbour is in another block
  const char* after;
};

constexpr Case local_blocks[] = {
    {"0.0.0.0", "0.255.255.255", nullptr, "1.0.0.0"},
    {"10.0.0.0", "10.255.255.255", "9.255.255.255", "11.0.0.0"},
    {"100.64.0.0", "100.127.255.255", "100.63.255.255", "100.128.0.0"},
    {"127.0.0.0", "127.255.255.255", "126.255.255.255", "128.0.0.0"},
    {"169.254.0.0", "169.254.255.255", "169.253.255.255", "169.255.0.0"},
    {"172.16.0.0", "172.31.255.255", "172.15.255.255", "172.32.0.0"},
    {"192.0.0.0", "192.0.0.8", "191.255.255.255", "192.0.0.9"},
    {"192.0.0.11", "192.0.0.255", "192.0.0.10", "192.0.1.0"},
    {"192.88.99.0", "192.88.99.255", "192.88.98.255", "192.88.100.0"},
    {"192.168.0.0", "192.168.255.255", "192.167.255.255", "192.169.0.0"},
    {"224.0.0.0", "255.255.255.255", "223.255.255.255", nullptr},
};
constexpr Case example_blocks[] = {
    {"192.0.2.0", "192.0.2.255", "192.0.1.255", "192.0.3.0"},
    {"198.18.0.0", "198.19.255.255", "198.17.255.255", "198.20.0.0"},
    {"198.51.100.0", "198.51.100.255", "198.51.99.255", "198.51.101.0"},
    {"203.0.113.0", "203.0.113.255", "203.0.112.255", "203.0.114.0"},
};

Ipv4Octets v4(const char* text) { return Address::from_text(text)->v4(); }

TEST(SpecialPurpose, knows_every_non_global_block_to_its_edges) {
  auto check = [](const Case& block) {
    EXPECT_TRUE(is_non_global_v4(v4(block.first))) << block.first;
    EXPECT_TRUE(is_non_global_v4(v4(block.last))) << block.last;
    for (const char* outside : {block.before, block.after}) {
      EXPECT_FALSE(outside != nullptr && is_non_global_v4(v4(outside))) << outside;
    }
  };
  for (const Case& block : local_blocks) check(block);
  for (const Case& block : example_blocks) check(block);
}

TEST(SpecialPurpose, keeps_non_global_addresses_out_of_the_well_known_prefix) {
  for (const Case& block : local_blocks) {
    EXPECT_FALSE(well_known_prefix_may_hold(v4(block.first))) << block.first;
    EXPECT_FALSE(well_known_prefix_may_hold(v4(block.last))) << block.last;
  }
  EXPECT_TRUE(well_known_prefix_may_hold(v4("8.8.8.8")));
}

TEST(SpecialPurpose, lets_addresses_of_examples_and_benchmarks_into_the_well_known_prefix) {
  for (const Case& block : example_blocks) EXPECT_TRUE(well_known_prefix_may_hold(v4(block.first))) << block.first;
}

// RFC 6052 3.1; draft-ietf-v6ops-nat64-wkp-1918 3 adds the addresses of RFC 1918 and RFC 6598, and no others.
TEST(SpecialPurpose, lets_each_rule_decide_what_the_well_known_prefix_holds) {
  using Rule = WellKnownPrefixRule;
  struct {
    const char* address;
    bool rfc6052, wkp_1918, examples;
  } const table[] = {
      {"8.8.8.8", true, true, true},
      {"192.0.0.9", true, true, true},
      {"10.1.2.3", false, true, false},
      {"172.31.255.255", false, true, false},
      {"192.168.0.1", false, true, false},
      {"100.64.0.1", false, true, false},
      {"192.0.2.1", false, false, true},
      {"198.51.100.1", false, false, true},
      {"203.0.113.1", false, false, true},
      {"198.19.255.255", false, false, true},
      {"127.0.0.1", false, false, false},
      {"169.254.1.1", false, false, false},
      {"0.0.0.0", false, false, false},
      {"192.0.0.170", false, false, false},
      {"224.0.0.1", false, false, false},
      {"240.0.0.1", false, false, false},
      {"255.255.255.255", false, false, false},
  };
  for (const auto& row : table) {
    EXPECT_EQ(well_known_prefix_may_hold(v4(row.address), Rule::rfc6052), row.rfc6052) << row.address;
    EXPECT_EQ(well_known_prefix_may_hold(v4(row.address), Rule::wkp_1918), row.wkp_1918) << row.address;
    EXPECT_EQ(well_known_prefix_may_hold(v4(row.address), Rule::examples), row.examples) << row.address;
    EXPECT_TRUE(well_known_prefix_may_hold(v4(row.address), Rule::off)) << row.address;
  }
}

}  // namespace
}  // namespace dragoman::ip
