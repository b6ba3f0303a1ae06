// dnssec.
#include <fstream>

#include "config_testing.h"
#include "fakes/temporary_directory.h"

namespace dragoman::config {
namespace {

using namespace std::chrono_literals;

constexpr const char* a_digest = "DS 1 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D";

DnssecOptions options_of(const std::string& section) { return config_of("dnssec: " + section + "\n").dnssec; }

TEST(DnssecKeys, reach_the_options) {
  EXPECT_EQ(options_of("{mode: off}").mode, DnssecMode::off);
  EXPECT_EQ(options_of("{mode: validate}").mode, DnssecMode::validate);
  Loaded loaded =
      load_text("listen: dns://127.0.0.1:0\nupstream: tls://192.0.2.1#a.test\ndnssec: {mode: trust_ad}\n", "f");
  ASSERT_TRUE(loaded.config);
  EXPECT_EQ(loaded.config->dnssec.mode, DnssecMode::trust_ad);
  const DnssecOptions knobs = options_of("{mode: validate, synthesize_on_error: true, aggressive: false}");
  EXPECT_TRUE(knobs.synthesize_on_error);
  EXPECT_FALSE(knobs.aggressive);
}

TEST(DnssecKeys, without_a_file_validation_begins_at_the_root) {
  EXPECT_EQ(options_of("{mode: validate}").anchors, dnssec::root_trust_anchors());
  EXPECT_EQ(config_of("").dnssec.anchors, dnssec::root_trust_anchors());
}

class DnssecKeysFile : public testing::Test {
 protected:
  void write(const std::string& text) { std::ofstream(path) << text; }
  std::string section() const { return "dnssec: {mode: validate, trust_anchor_file: " + path + "}\n"; }

  test::TemporaryDirectory folder;
  const std::string path = folder.path("root.key");
};

TEST_F(DnssecKeysFile, anchors_come_from_the_file_that_is_named) {
  write(std::string("corp.test. ") + a_digest + "\n. DNSKEY 257 3 8 AQID\n");
  const DnssecOptions options = config_of(section()).dnssec;
  ASSERT_EQ(options.anchors.size(), 2u);
  EXPECT_EQ(options.anchors[0].zone.to_text(), "corp.test.");
  EXPECT_EQ(options.anchors[1].endorsed_by.dnskeys.size(), 1u);
  EXPECT_EQ(options.trust_anchor_file, path);
}

TEST_F(DnssecKeysFile, a_wrong_file_is_refused_with_its_line) {
  const std::string where = "f:4:45: dnssec.trust_anchor_file: ";
  expect_problems_behind_basis({{section(), {where + "cannot read: " + path}}});
  write("; all gone\n");
  expect_problems_behind_basis({{section(), {where + "there is no trust anchor in " + path}}});
  write(std::string(". ") + a_digest + "\n. A 192.0.2.1\n");
  expect_problems_behind_basis({{section(), {where + path + ":2: neither a DS nor a DNSKEY record: A"}}});
  write(std::string((1 << 20) + 1, ';'));
  expect_problems_behind_basis({{section(), {where + "more than 1 MiB in: " + path}}});
}

TEST(DnssecKeys, keys_are_managed_when_there_is_a_file_for_their_state) {
  EXPECT_EQ(options_of("{mode: validate}").managed.state_file, "");
  EXPECT_EQ(options_of("{mode: validate, managed_anchors: /var/lib/dragoman/anchors}").managed.state_file,
            "/var/lib/dragoman/anchors");
  const trust::ManagedOptions managed =
      options_of(
          "{mode: validate, managed_anchors: {state_file: /s, add_hold_down: 40d, remove_hold_down: 2s, "
          "min_interval: 3s, max_interval: 4s}}")
          .managed;
  EXPECT_EQ(managed.state_file, "/s");
  EXPECT_EQ(managed.times, (dnssec::RolloverTimes{24h * 40, 2s, 3s, 4s}));
}

TEST(DnssecKeys, negative_anchors_are_names_and_entries) {
  const auto negative = options_of(
                            "{mode: validate, negative_trust_anchors: [a.test, {name: b.test, expires: "
                            "2126-12-01T00:00:00Z}]}")
                            .negative;
  ASSERT_EQ(negative.size(), 2u);
  EXPECT_EQ(negative[0].name.to_text(), "a.test.");
  EXPECT_FALSE(negative[0].expires);
  EXPECT_EQ(negative[1].name.to_text(), "b.test.");
  EXPECT_EQ(negative[1].expires, wall_time_from_text("2126-12-01T00:00:00Z"));
  EXPECT_EQ(options_of("{mode: validate, negative_trust_anchors: c.test}").negative[0].name.to_text(), "c.test.");
  EXPECT_TRUE(options_of("{mode: validate, negative_trust_anchors: []}").negative.empty());
}

TEST(DnssecKeys, each_limit_has_a_key) {
  const dnssec::Limits limits =
      options_of(
          "{limits: {rrsets_per_answer: 1, signatures_per_rrset: 2, keys_per_tag: 3, ds_per_zone: 4, "
          "keys_per_zone: 5, verifications: 6, failures: 7, nsec3_hashes: 8, nsec3_iterations: 9, "
          "nsec3_refused_iterations: 10, chain_lookups: 11, signed_octets: 12KiB}}")
          .limits;
  dnssec::Limits expected = limits;
  expected.rrsets_per_answer = 1;
  expected.signatures_per_rrset = 2;
  expected.keys_per_tag = 3;
  expected.ds_per_zone = 4;
  expected.keys_per_zone = 5;
  expected.verifications = 6;
  expected.failures = 7;
  expected.nsec3_hashes = 8;
  expected.nsec3_iterations = 9;
  expected.nsec3_refused_iterations = 10;
  expected.chain_lookups = 11;
  expected.signed_octets = 12 << 10;
  EXPECT_EQ(limits, expected);
}

TEST(DnssecKeys, wrong_values_are_refused) {
  expect_problems_behind_basis({
      {"dnssec: {mode: strict}\n", {"f:4:16: dnssec.mode: `strict` is not known"}},
      {"dnssec: {mode: validat}\n", {"f:4:16: dnssec.mode: `validat` is not known; did you mean `validate`?"}},
      {"dnssec: {negative_trust_anchor: []}\n",
       {"f:4:10: dnssec.negative_trust_anchor: unknown key; did you mean `negative_trust_anchors`?"}},
      {"dnssec: {negative_trust_anchors: [a..b]}\n",
       {"f:4:35: dnssec.negative_trust_anchors[0]: `a..b`: a name has an empty label"}},
      {"dnssec: {negative_trust_anchors: [{expires: tomorrow}]}\n",
       {"f:4:35: dnssec.negative_trust_anchors[0]: `name` is missing",
        "f:4:45: dnssec.negative_trust_anchors[0].expires: `tomorrow` is no time"}},
      {"dnssec: {limits: {failures: 0}}\n", {"f:4:29: dnssec.limits.failures: must be 1 to 10000, this is `0`"}},
      {"dnssec: {managed_anchors: {add_hold_down: 0s}}\n",
       {"f:4:43: dnssec.managed_anchors.add_hold_down: must be 1s to 365d, this is `0s`"}},
  });
}

}  // namespace
}  // namespace dragoman::config
