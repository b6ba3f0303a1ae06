// dnssec.
#include "config_testing.h"

namespace dragoman::config {
namespace {

TEST(DnssecKeys, reach_the_options) {
  EXPECT_EQ(config_of("dnssec: {mode: off}\n").dnssec, DnssecMode::off);
  Loaded loaded =
      load_text("listen: dns://127.0.0.1:0\nupstream: tls://192.0.2.1#a.test\ndnssec: {mode: trust_ad}\n", "f");
  ASSERT_TRUE(loaded.config);
  EXPECT_EQ(loaded.config->dnssec, DnssecMode::trust_ad);
}

TEST(DnssecKeys, refuse_what_only_a_validator_can_obey) {
  config_of("dnssec: {mode: off, negative_trust_anchors: []}\n");
  expect_problems_behind_basis({
      {"dnssec: {mode: validate}\n", {"f:4:16: dnssec.mode: `validate` is not in this version yet"}},
      {"dnssec: {mode: strict}\n", {"f:4:16: dnssec.mode: `strict` is not known"}},
      {"dnssec: {trust_anchor_file: root.key}\n", {"f:4:29: dnssec.trust_anchor_file: not in this version yet"}},
      {"dnssec: {negative_trust_anchors: [a.test]}\n",
       {"f:4:34: dnssec.negative_trust_anchors: not in this version yet"}},
  });
}

}  // namespace
}  // namespace dragoman::config
