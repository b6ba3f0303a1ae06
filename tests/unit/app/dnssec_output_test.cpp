// Trust anchors and validation for people.
#include "commands/dnssec_output.h"

#include <gtest/gtest.h>

namespace dragoman::app {
namespace {

TEST(DnssecOutput, shows_anchors_with_what_becomes_of_them) {
  const auto text = anchors_as_text(R"({"validates": true, "anchors": [
    {"zone": ".", "managed": true, "refreshed": "2026-11-28T12:00:00.000Z", "next_query": "2026-11-29T12:00:00.000Z",
     "records": [
       {"type": "DS", "key_tag": 38696, "algorithm": 8, "state": "awaited", "since": null, "trusted_from": null},
       {"type": "DNSKEY", "key_tag": 20326, "algorithm": 8, "state": "valid", "since": "2026-11-28T12:00:00.000Z",
        "trusted_from": null},
       {"type": "DNSKEY", "key_tag": 7, "algorithm": 13, "state": "add_pend", "since": "2026-11-28T12:00:00.000Z",
        "trusted_from": "2026-12-28T12:00:00.000Z"}]},
    {"zone": "corp.test.", "managed": false, "refreshed": null, "next_query": null, "records": [
       {"type": "DNSKEY", "key_tag": 9, "algorithm": 13, "state": "configured", "since": null, "trusted_from": null}]},
    {"zone": "lost.test.", "managed": true, "refreshed": null, "next_query": null, "records": []}]})");
  ASSERT_TRUE(text);
  EXPECT_EQ(
      *text,
      ".  keys followed (RFC 5011), last seen 2026-11-28T12:00:00Z, again 2026-11-29T12:00:00Z\n"
      "record  key tag  algorithm  state     since                 \n"
      "DS      38696    8          awaited   -                     configured, and its key not seen yet\n"
      "DNSKEY  20326    8          valid     2026-11-28T12:00:00Z  \n"
      "DNSKEY  7        13         add_pend  2026-11-28T12:00:00Z  trusted from 2026-12-28T12:00:00Z, if it stays\n"
      "\n"
      "corp.test.  as configured\n"
      "record  key tag  algorithm  state       since  \n"
      "DNSKEY  9        13         configured  -      \n"
      "\n"
      "lost.test.  keys followed (RFC 5011), last seen never, again now\n"
      "no key is trusted\n");
}

TEST(DnssecOutput, shows_names_that_are_not_validated) {
  EXPECT_EQ(*negative_anchors_as_text(R"({"validates": true, "negative": [
              {"name": "a.test.", "expires": null, "source": "configuration"},
              {"name": "b.test.", "expires": "2026-11-28T12:00:00.000Z", "source": "operator"}]})"),
            "not validated  until                 said by\n"
            "a.test.        for ever              configuration\n"
            "b.test.        2026-11-28T12:00:00Z  operator\n");
  EXPECT_EQ(*negative_anchors_as_text(R"({"validates": true, "negative": []})"), "every name is validated\n");
}

TEST(DnssecOutput, says_when_nothing_is_validated) {
  EXPECT_EQ(anchors_as_text(R"({"validates": false, "anchors": []})"),
            "nothing is validated: dnssec.mode is not `validate`\n");
  EXPECT_EQ(negative_anchors_as_text(R"({"validates": false, "negative": []})"),
            anchors_as_text(R"({"validates": false, "anchors": []})"));
  EXPECT_EQ(anchors_as_text(R"({"validates": true, "anchors": []})"),
            "there is no trust anchor: nothing can be validated\n");
}

TEST(DnssecOutput, shows_the_steps_of_validation_alone) {
  EXPECT_EQ(*validation_as_text(R"({"query": {"name": "a.test.", "type": "AAAA"},
              "steps": [{"at_ms": 0.1, "step": "policy", "text": "policy 1 of 1"},
                        {"at_ms": 12.3, "step": "validation", "text": "the zone test. is secure"},
                        {"at_ms": 12.4, "step": "validation", "text": "the answer is bogus"}],
              "reply": {"rcode": "SERVFAIL", "flags": ["qr"],
                        "ede": [{"code": 7, "purpose": "Signature Expired", "text": "a.test. A"}]}})"),
            "AAAA a.test.\n\n12.3 ms  the zone test. is secure\n12.4 ms  the answer is bogus\n\n"
            "SERVFAIL, EDE 7 Signature Expired: a.test. A\n");
  EXPECT_EQ(*validation_as_text(R"({"query": {"name": "a.test.", "type": "A"}, "steps": [],
              "reply": {"rcode": "NOERROR", "flags": ["qr", "ad"], "ede": []}})"),
            "A a.test.\n\nnothing was validated for it\n\nNOERROR, authentic (AD)\n");
}

TEST(DnssecOutput, is_nothing_when_the_json_is_something_else) {
  for (const char* text : {"", "{}", "[]", "not json", R"({"validates":1})", R"({"validates":true,"anchors":[1]})"}) {
    EXPECT_FALSE(anchors_as_text(text)) << text;
    EXPECT_FALSE(negative_anchors_as_text(text)) << text;
    EXPECT_FALSE(validation_as_text(text)) << text;
  }
}

}  // namespace
}  // namespace dragoman::app
