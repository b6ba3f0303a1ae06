// One value of each kind: what is read and what is refused, whatever key it belongs to.
#include "values.h"

#include "config_testing.h"

namespace dragoman::config {
namespace {

TEST(Values, refuse_the_wrong_kind_of_node) {
  expect_problems_behind_basis({
      {"workers: [1, 2]\n", {"f:4:10: workers: must be one value, this is a list"}},
      {"drain_timeout: {seconds: 5}\n", {"f:4:16: drain_timeout: must be one value, this is a section"}},
      {"http: {listen: {port: 9153}}\n", {"f:4:16: http.listen: must be a list, this is a section"}},
      {"drain_timeout:\n", {"f:4:1: drain_timeout: has no value"}},
      {"tls: {server_name: \"\"}\n", {"f:4:20: tls.server_name: has no value"}},
      {"acl:\n  -\n", {"f:5:3: acl[0]: has no value"}},
  });
}

TEST(Values, refuse_numbers_that_are_none) {
  expect_problems_behind_basis({
      {"workers: -1\n", {"f:4:10: workers: `-1` is not a whole number"}},
      {"workers: two\n", {"f:4:10: workers: `two` is not a whole number"}},
      {"workers: 1.5\n", {"f:4:10: workers: `1.5` is not a whole number"}},
      {"workers: 99999999999999999999\n", {"f:4:10: workers: `99999999999999999999` is too large a number"}},
      {"drain_timeout: soon\n", {"f:4:16: drain_timeout: `soon` is not a duration"}},
      {"drain_timeout: 5 parsecs\n", {"f:4:16: drain_timeout: `5 parsecs` is not a duration"}},
      {"drain_timeout: 30s5m\n", {"f:4:16: drain_timeout: `30s5m` is not a duration"}},
      {"drain_timeout: 1h\n", {"f:4:16: drain_timeout: must be 0s to 10m, this is `1h`"}},
      {"drain_timeout: 1500ms\n", {"f:4:16: drain_timeout: not a whole second"}},
      {"cache: {size: 512MB}\n", {"f:4:15: cache.size: `512MB` is not a size"}},
      {"cache: {size: 64K}\n", {"f:4:15: cache.size: must be 1MiB to 1TiB, this is `64K`"}},
  });
}

TEST(Values, read_booleans_in_all_of_yamls_words) {
  for (const char* word : {"true", "yes", "on", "True", "YES"}) {
    EXPECT_TRUE(config_of("dns64: {always: " + std::string(word) + "}\n").dns64.policies.at(0).always);
  }
  for (const char* word : {"false", "no", "off", "Off"}) {
    EXPECT_FALSE(config_of("dns64: {always: " + std::string(word) + "}\n").dns64.policies.at(0).always);
  }
  expect_problems_behind_basis(
      {{"dns64: {always: maybe}\n", {"f:4:17: dns64.always: `maybe` is neither true nor false"}}});
}

TEST(Values, suggest_the_word_that_was_probably_meant) {
  expect_problems_behind_basis({
      {"logging: {level: inof}\n", {"f:4:18: logging.level: `inof` is not known; did you mean `info`?"}},
      {"logging: {format: xml}\n", {"f:4:19: logging.format: `xml` is not known"}},
  });
}

TEST(Values, take_one_value_for_a_list_of_one) {
  EXPECT_EQ(config_of("acl: {allow: 10.0.0.0/8}\n").acl.allow.size(), 1u);
  EXPECT_EQ(config_of("acl: {allow: [10.0.0.0/8]}\n").acl.allow.size(), 1u);
}

TEST(Values, refuse_an_entry_that_is_listed_twice) {
  expect_problems_behind_basis({
      {"acl: {allow: [10.0.0.0/8, 10.0.0.0/8]}\n", {"f:4:27: acl.allow[1]: `10.0.0.0/8` is listed twice"}},
      {"acl: {allow: [\"2001:db8::/32\", \"2001:0db8::/32\"]}\n",
       {"f:4:32: acl.allow[1]: `2001:0db8::/32` is listed twice"}},
  });
}

TEST(Values, report_every_wrong_entry_of_a_list) {
  EXPECT_EQ(
      problems_of(basis + "acl: {allow: [x, 10.0.0.0/8, y]}\n"),
      (std::vector<std::string>{"f:4:15: acl.allow[0]: `x`: not a prefix", "f:4:30: acl.allow[2]: `y`: not a prefix"}));
}

TEST(Values, give_an_address_alone_its_usual_port) {
  EXPECT_EQ(endpoint_from_text("192.0.2.1", 53)->to_text(), "192.0.2.1:53");
  EXPECT_EQ(endpoint_from_text("2001:db8::1", 53)->to_text(), "[2001:db8::1]:53");
  EXPECT_EQ(endpoint_from_text("[2001:db8::1]", 53)->to_text(), "[2001:db8::1]:53");
  EXPECT_EQ(endpoint_from_text("[2001:db8::1]:5353", 53)->to_text(), "[2001:db8::1]:5353");
  EXPECT_FALSE(endpoint_from_text("resolver.test", 53));
}

}  // namespace
}  // namespace dragoman::config
