// special_names, ddr and rebinding_protection.
#include "config_testing.h"

namespace dragoman::config {
namespace {

TEST(SpecialNamesKeys, reach_the_options) {
  const Config config = config_of(
      "special_names: {enabled: false, forward: [home.arpa, 10.in-addr.arpa.]}\nddr: false\n"
      "rebinding_protection: {enabled: true, ranges: [10.0.0.0/8], allow_names: corp.example}\n");
  EXPECT_FALSE(config.special_names.enabled);
  ASSERT_EQ(config.special_names.forward.size(), 2u);
  EXPECT_EQ(config.special_names.forward[1].to_text(), "10.in-addr.arpa.");
  EXPECT_FALSE(config.ddr);
  EXPECT_TRUE(config.rebinding.enabled);
  EXPECT_EQ(config.rebinding.ranges.size(), 1u);
  ASSERT_EQ(config.rebinding.allow_names.size(), 1u);
  EXPECT_EQ(config.rebinding.allow_names[0].to_text(), "corp.example.");
}

TEST(SpecialNamesKeys, forward_test_zones_when_left_alone) {
  const Config config = config_of("");
  EXPECT_TRUE(config.special_names.enabled);
  EXPECT_EQ(config.special_names.forward.front().to_text(), "test.");
  EXPECT_TRUE(config.ddr);
  EXPECT_FALSE(config.rebinding.enabled);
  EXPECT_TRUE(config_of("special_names: {forward: []}\n").special_names.forward.empty());
}

TEST(SpecialNamesKeys, refuse_what_is_no_name) {
  expect_problems_behind_basis({
      {"special_names: {forward: [a..b]}\n", {"f:4:27: special_names.forward[0]: `a..b`: a name has an empty label"}},
      {"special_names: {forward: [test, test.]}\n", {"f:4:33: special_names.forward[1]: `test.` is listed twice"}},
      {"rebinding_protection: true\n", {"f:4:23: rebinding_protection: must be a section, this is `true`"}},
      {"rebinding_protection: {ranges: [10.0.0.1/8]}\n",
       {"f:4:33: rebinding_protection.ranges[0]: `10.0.0.1/8`: bits behind the prefix are set"}},
  });
}

TEST(SpecialNamesKeys, warn_of_zones_that_go_upstream_anyway) {
  EXPECT_EQ(warnings_of(basis + "special_names: {forward: [example.com]}\n"),
            std::vector<std::string>{
                "f:4:27: special_names.forward[0]: `example.com` is no special name: it goes upstream anyway"});
}

}  // namespace
}  // namespace dragoman::config
