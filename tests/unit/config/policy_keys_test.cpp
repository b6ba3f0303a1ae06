// The words of policies, under dns64 itself and in entries.
#include "policy_keys.h"

#include "config_testing.h"

namespace dragoman::config {
namespace {

dns64::Policy everybodys(const std::string& words) {
  return config_of("dns64: {" + words + "}\n").dns64.policies.at(0);
}

TEST(PolicyKeys, reach_the_policy) {
  using namespace dns64;
  EXPECT_EQ(everybodys("synthesize_on: nodata").synthesize_on, SynthesizeOn::nodata);
  EXPECT_EQ(everybodys("synthesize_on: rcode").synthesize_on, SynthesizeOn::rcode);
  EXPECT_EQ(everybodys("own_prefix_aaaa: exclude").own_prefix_aaaa, OwnPrefixAaaa::exclude);
  EXPECT_EQ(everybodys("svcb_hints: strip_ipv4").svcb_hints, SvcbHints::strip_ipv4);
  EXPECT_EQ(everybodys("ptr: local").ptr, PtrMode::local);
  EXPECT_EQ(everybodys("max_ttl: 5m").max_ttl, seconds(300));
  EXPECT_TRUE(everybodys("a_after_nxdomain: true").a_after_nxdomain);
  EXPECT_TRUE(everybodys("synthesize_for_cd: true").synthesize_for_cd);
  EXPECT_TRUE(everybodys("ignore_aaaa_names: [broken.example]")
                  .ignore_aaaa_names.hold(*dns::Name::from_text("www.broken.example")));
  for (const auto& [word, rule] :
       {std::pair{"rfc6052", WellKnownPrefixRule::rfc6052}, std::pair{"wkp_1918", WellKnownPrefixRule::wkp_1918},
        std::pair{"examples", WellKnownPrefixRule::examples}, std::pair{"off", WellKnownPrefixRule::off}}) {
    EXPECT_EQ(everybodys(std::string("well_known_prefix: ") + word).well_known_prefix, rule) << word;
  }
}

TEST(PolicyKeys, take_the_former_word_for_the_well_known_prefix) {
  using dns64::WellKnownPrefixRule;
  EXPECT_EQ(everybodys("well_known_prefix_for_global_only: true").well_known_prefix, WellKnownPrefixRule::examples);
  EXPECT_EQ(everybodys("well_known_prefix_for_global_only: false").well_known_prefix, WellKnownPrefixRule::off);
  expect_problems_behind_basis({
      {"dns64: {well_known_prefix: off, well_known_prefix_for_global_only: true}\n",
       {"f:4:68: dns64.well_known_prefix_for_global_only: stands beside `well_known_prefix`, which says the same"}},
      {"dns64: {well_known_prefix_for_global_only: maybe}\n",
       {"f:4:44: dns64.well_known_prefix_for_global_only: `maybe` is neither true nor false"}},
  });
}

TEST(PolicyKeys, refuse_names_that_are_none_or_come_twice) {
  const std::string label(64, 'x');
  expect_problems_behind_basis({
      {"dns64: {exclude_names: [a.test, A.Test.]}\n", {"f:4:33: dns64.exclude_names[1]: `A.Test.` is listed twice"}},
      {"dns64: {ignore_aaaa_names: a..test}\n",
       {"f:4:28: dns64.ignore_aaaa_names: `a..test`: a name has an empty label"}},
  });
}

}  // namespace
}  // namespace dragoman::config
