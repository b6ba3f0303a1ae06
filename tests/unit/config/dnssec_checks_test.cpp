// Trust anchors seen together.
#include <fstream>

#include "config_testing.h"
#include "fakes/temporary_directory.h"

namespace dragoman::config {
namespace {

std::string validating(const std::string& rest) { return basis + "dnssec: {mode: validate, " + rest + "}\n"; }

class DnssecChecks : public testing::Test {
 protected:
  std::string with_file(const std::string& anchors) {
    std::ofstream(path) << anchors;
    return "trust_anchor_file: " + path;
  }

  test::TemporaryDirectory folder;
  const std::string path = folder.path("k");
};

TEST_F(DnssecChecks, a_file_without_the_root_is_warned_of) {
  EXPECT_EQ(warnings_of(validating(with_file("corp.test. DNSKEY 257 3 8 AQID\n"))),
            std::vector<std::string>{"f:4:45: dnssec.trust_anchor_file: the root is not among the anchors: most names "
                                     "are not validated"});
  EXPECT_EQ(warnings_of(validating(with_file(". DNSKEY 257 3 8 AQID\n"))), std::vector<std::string>{});
}

TEST_F(DnssecChecks, anchors_that_nobody_can_use_are_warned_of) {
  EXPECT_EQ(warnings_of(validating(with_file(". DNSKEY 257 3 8 AQID\ncorp.test. DNSKEY 257 3 200 AQID\n"))),
            std::vector<std::string>{"f:4:45: dnssec.trust_anchor_file: the anchors of corp.test. are of unknown "
                                     "algorithms: the zone is not validated"});
}

// RFC 7646 3.
TEST_F(DnssecChecks, a_negative_anchor_takes_no_anchor_back) {
  EXPECT_EQ(problems_of(validating("negative_trust_anchors: [.]")),
            std::vector<std::string>{"f:4:51: dnssec.negative_trust_anchors[0]: . is a trust anchor"});
  const std::string file = with_file(". DNSKEY 257 3 8 AQID\ncorp.test. DNSKEY 257 3 8 AQID\n");
  EXPECT_EQ(problems_of(validating(file + ", negative_trust_anchors: [a.corp.test, {name: Corp.test}]")).size(), 1u);
  EXPECT_EQ(problems_of(validating(file + ", negative_trust_anchors: test")), std::vector<std::string>{});
}

TEST_F(DnssecChecks, a_negative_anchor_that_does_nothing_is_warned_of) {
  const std::string file = with_file("corp.test. DNSKEY 257 3 8 AQID\n");
  const auto warnings = warnings_of(validating("negative_trust_anchors: [other.test], " + file));
  ASSERT_EQ(warnings.size(), 2u);
  EXPECT_EQ(
      warnings[0],
      "f:4:51: dnssec.negative_trust_anchors[0]: no trust anchor is above other.test.: it is not validated anyway");
  EXPECT_EQ(
      warnings_of(validating("negative_trust_anchors: [{name: a.test, expires: 2020-01-01T00:00:00Z}]")),
      std::vector<std::string>{"f:4:58: dnssec.negative_trust_anchors[0].name: expired at 2020-01-01T00:00:00.000Z"});
}

TEST_F(DnssecChecks, a_negative_anchor_stands_there_once) {
  EXPECT_EQ(problems_of(validating("negative_trust_anchors: [a.test, A.test]")),
            std::vector<std::string>{"f:4:59: dnssec.negative_trust_anchors[1]: `A.test` is listed twice"});
}

TEST_F(DnssecChecks, what_is_not_obeyed_is_warned_of) {
  const std::string rest = "negative_trust_anchors: [a.test], managed_anchors: /s}\n";
  EXPECT_EQ(warnings_of(basis + "dnssec: {" + rest),
            (std::vector<std::string>{"f:4:34: dnssec.negative_trust_anchors: says nothing while nothing is validated",
                                      "f:4:61: dnssec.managed_anchors: says nothing while nothing is validated"}));
  EXPECT_EQ(warnings_of(basis + "dnssec: {mode: validate, " + rest), std::vector<std::string>{});
}

TEST_F(DnssecChecks, times_and_limits_are_compared) {
  EXPECT_EQ(
      problems_of(validating("managed_anchors: {state_file: /s, min_interval: 2h, max_interval: 1h}")),
      std::vector<std::string>{"f:4:74: dnssec.managed_anchors.min_interval: min_interval is above max_interval"});
  EXPECT_EQ(problems_of(validating("limits: {nsec3_iterations: 501}")).size(), 1u);
  EXPECT_EQ(warnings_of(validating("managed_anchors: {state_file: /s, add_hold_down: 1h}")).size(), 1u);
}

}  // namespace
}  // namespace dragoman::config
