// local_data.
#include "config_testing.h"

namespace dragoman::config {
namespace {

TEST(LocalDataKeys, become_one_record_per_value) {
  std::vector<resolve::LocalRecord> records =
      config_of(
          "local_data:\n  - {name: a.test, a: [192.0.2.1, 192.0.2.2], aaaa: \"2001:db8::1\", ttl: 1m}\n"
          "  - {name: b.test., cname: a.test}\n")
          .local_data;
  ASSERT_EQ(records.size(), 4u);
  EXPECT_EQ(records[0].name.to_text(), "a.test.");
  EXPECT_EQ(records[0].type, dns::Type::a);
  EXPECT_EQ(records[1].rdata, (std::vector<std::uint8_t>{192, 0, 2, 2}));
  EXPECT_EQ(records[2].type, dns::Type::aaaa);
  EXPECT_EQ(records[2].ttl, seconds(60));
  EXPECT_EQ(records[3].type, dns::Type::cname);
  EXPECT_EQ(records[3].ttl, resolve::LocalRecord().ttl);
}

TEST(LocalDataKeys, take_every_type_that_has_a_presentation_form) {
  config_of(
      "local_data:\n  - name: a.test\n    mx: 10 mail.test.\n    txt: ['\"v=spf1 -all\"', '\"x\" \"y\"']\n"
      "    srv: 0 0 853 dns.test.\n    https: 1 . alpn=h2\n    ptr: b.test.\n    type65280: '\\# 2 abcd'\n");
}

TEST(LocalDataKeys, stand_for_an_upstream) {
  Loaded loaded = load_text("listen: dns://127.0.0.1:0\nlocal_data: [{name: a.test, a: 192.0.2.1}]\n", "f");
  EXPECT_TRUE(loaded.config);
  ASSERT_EQ(loaded.warnings.size(), 1u);
  EXPECT_EQ(loaded.warnings[0].text, "without `upstream` only these names are answered");
}

TEST(LocalDataKeys, refuse_entries_that_are_no_records) {
  expect_problems_behind_basis({
      {"local_data: [{a: 192.0.2.1}]\n", {"f:4:14: local_data[0]: `name` is missing"}},
      {"local_data: [{name: a.test}]\n", {"f:4:14: local_data[0]: has no records"}},
      {"local_data: [{name: a..test, a: 192.0.2.3}]\n",
       {"f:4:21: local_data[0].name: `a..test`: a name has an empty label"}},
      {"local_data: [{name: a.test, a: 192.0.2.3, cname: b.test}]\n",
       {"f:4:14: local_data[0]: a name with a CNAME has no other records (RFC 1034 3.6.2)"}},
      {"local_data: [{name: a.test, a: 192.0.2.3, aaa: \"::1\"}]\n",
       {"f:4:43: local_data[0].aaa: unknown key; did you mean `aaaa`?"}},
      {"local_data: [{name: a.test, a: 192.0.2.3, ttl: 8d}]\n",
       {"f:4:48: local_data[0].ttl: must be 0s to 7d, this is `8d`"}},
      {"local_data: [a.test]\n", {"f:4:14: local_data[0]: must be a section, this is `a.test`"}},
  });
}

TEST(LocalDataKeys, show_how_the_data_of_a_type_is_written) {
  for (const char* data : {"a: 192.0.2.300", "aaaa: 192.0.2.1", "mx: mail.test", "srv: x", "txt: '\"'", "https: x"}) {
    std::vector<Problem> problems =
        load_text(basis + "local_data:\n  - name: a.test\n    " + data + "\n", "f").problems;
    ASSERT_EQ(problems.size(), 1u) << data;
    EXPECT_EQ(problems[0].line, 6) << data;
    EXPECT_TRUE(problems[0].fix.starts_with("write it as in ")) << problems[0].fix;
  }
}

}  // namespace
}  // namespace dragoman::config
