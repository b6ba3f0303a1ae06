// acl.
#include "config_testing.h"

namespace dragoman::config {
namespace {

TEST(AclKeys, reach_the_options) {
  resolve::AclOptions acl = config_of("acl: {allow: [10.0.0.0/8, \"::1\"], deny: 10.1.0.0/16}\n").acl;
  ASSERT_EQ(acl.allow.size(), 2u);
  EXPECT_EQ(acl.allow[1].to_text(), "::1/128");
  ASSERT_EQ(acl.deny.size(), 1u);
}

TEST(AclKeys, have_a_short_form) { EXPECT_EQ(config_of("acl: [10.0.0.0/8, \"fd00::/8\"]\n").acl.allow.size(), 2u); }

TEST(AclKeys, refuse_what_is_no_prefix_and_lists_that_mean_the_opposite) {
  expect_problems_behind_basis({
      {"acl: {allow: [10.0.0.1/8]}\n", {"f:4:15: acl.allow[0]: `10.0.0.1/8`: bits behind the prefix are set"}},
      {"acl: {allow: [everybody]}\n", {"f:4:15: acl.allow[0]: `everybody`: not a prefix"}},
      {"acl: {allow: [\"::1/129\"]}\n", {"f:4:15: acl.allow[0]: `::1/129`: not a prefix length"}},
      {"acl: {allow: []}\n", {"f:4:14: acl.allow: an empty list allows nobody"}},
      {"acl: {deny: [10.0.0.0/8]}\n", {"f:4:13: acl.deny: without `allow` nobody may ask"}},
  });
}

}  // namespace
}  // namespace dragoman::config
