// What DNS64 tells: the policy, exclusions, embedded and refused addresses, the TTL.
#include "explaining.h"
#include "tracing.h"

namespace dragoman::resolve {
namespace {

using dns::Type;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST_F(ExplainTest, tells_the_whole_way_of_a_synthetic_record) {
  serve_v4_only("v4.test");
  EXPECT_THAT(explain({.name = "v4.test"}),
              ElementsAre("admission: ::1 may ask", "policy: policy `default`, 1 of 1, for everybody: 2001:db8:64::/96",
                          "cache: AAAA v4.test.: nothing kept", HasSubstr("upstream: AAAA v4.test. asked of: no such"),
                          "cache: A v4.test.: nothing kept", HasSubstr("upstream: A v4.test. asked of: 1 record"),
                          HasSubstr("dns64: there is no AAAA record: look at A"),
                          "dns64: A 198.51.100.7 in 2001:db8:64::/96 is AAAA 2001:db8:64::c633:6407",
                          "ttl: TTL 300: the smaller of the A record's 3600 and the 300 of the SOA in the empty AAAA "
                          "answer (its TTL 300 or its MINIMUM; RFC 6147 5.1.7)",
                          HasSubstr("validation: "),
                          "reply: NOERROR, 1 answer record, EDE 29 Synthesized, from upstream answers"));
}

TEST_F(ExplainTest, tells_the_same_of_a_cached_answer_without_asking) {
  serve_v4_only("v4.test");
  resolve({.name = "v4.test"});
  EXPECT_THAT(explain({.name = "v4.test"}, StepKind::upstream), IsEmpty());
  EXPECT_THAT(texts(StepKind::cache), ElementsAre("AAAA v4.test.: no such records (NODATA), kept for 300 s more",
                                                  "A v4.test.: 1 record, kept for 3600 s more"));
  EXPECT_THAT(texts(StepKind::dns64), Contains(HasSubstr("is AAAA 2001:db8:64::c633:6407")));
}

TEST_F(ExplainTest, says_why_a_client_gets_no_synthesis) {
  serve_v4_only("v4.test");
  dns64::Policy none;
  none.clients = {*ip::Prefix::from_text("10.0.0.0/8")};
  dns64::Policy own = everybody();
  own.clients = {*ip::Prefix::from_text("::1/128")};
  settings->dns64.policies = {none, own};
  start();
  EXPECT_THAT(
      explain({.name = "v4.test", .from = "10.1.2.3"}, StepKind::policy),
      ElementsAre("policy 1 of 2, for clients in 10.0.0.0/8; it has no prefix: nothing is synthesized for these "
                  "clients"));
  EXPECT_THAT(explain({.name = "v4.test", .from = "127.0.0.1"}, StepKind::policy),
              ElementsAre("no policy is for this client: nothing is synthesized"));
  EXPECT_THAT(explain({.name = "v4.test", .checking_disabled = true}, StepKind::policy),
              ElementsAre(HasSubstr("(CD; RFC 6147 5.5)")));
  EXPECT_THAT(
      explain({.name = "v4.test", .type = Type::a}, StepKind::policy),
      ElementsAre(
          "policy `default`, 2 of 2, for clients in ::1/128: 2001:db8:64::/96; nothing is synthesized for this type"));
  settings->dns64.policies.clear();
  start();
  EXPECT_THAT(explain({.name = "v4.test"}, StepKind::policy), ElementsAre(HasSubstr("DNS64 is off")));
}

TEST_F(ExplainTest, names_what_excludes_an_address) {
  settings->dns64.policies[0].exclude_a = {*ip::Prefix::from_text("10.0.0.0/8")};
  start();
  upstream.answer("mixed.test.", Type::aaaa, {"mixed.test. 60 AAAA ::ffff:192.0.2.1"});
  upstream.answer("mixed.test.", Type::a, {"mixed.test. 60 A 10.1.2.3", "mixed.test. 60 A 192.0.2.1"});
  EXPECT_THAT(explain({.name = "mixed.test"}, StepKind::exclusion),
              ElementsAre(HasSubstr("counts as absent: it lies in ::ffff:0.0.0.0/96"),
                          "A 10.1.2.3 is not embedded: it lies in 10.0.0.0/8 (exclude_a)"));
  EXPECT_THAT(texts(StepKind::ttl),
              ElementsAre(HasSubstr("TTL 60: the smaller of the A record's 60 and 600, the limit")));
}

TEST_F(ExplainTest, says_that_no_address_may_be_embedded) {
  settings->dns64.policies = {everybody("64:ff9b::/96")};
  start();
  serve_v4_only("private.test", "10.1.2.3");
  EXPECT_THAT(
      explain({.name = "private.test"}, StepKind::dns64),
      ElementsAre(HasSubstr("look at A"), HasSubstr("10.1.2.3 is not embedded in 64:ff9b::/96: it is not a global"),
                  HasSubstr("the answer is empty")));
}

TEST_F(ExplainTest, says_what_an_aaaa_answer_means) {
  upstream.answer("both.test.", Type::aaaa, {"both.test. 60 AAAA 2001:db8::1"});
  upstream.answer("filtered.test.", Type::aaaa,
                  {"filtered.test. 60 AAAA 2001:db8::1", "filtered.test. 60 AAAA ::ffff:192.0.2.1"});
  upstream.answer("servfail.test.", Type::aaaa, {}, dns::Rcode::servfail);
  upstream.answer("servfail.test.", Type::a, {soa});
  for (const auto& [name, verdict] : {std::pair{"both.test", "native"},
                                      {"filtered.test", "filtered"},
                                      {"none.test", "nxdomain"},
                                      {"servfail.test", "error"}}) {
    explain({.name = name});
    EXPECT_EQ(std::get<std::string>(*fact(StepKind::dns64, "verdict")), verdict);
  }
  EXPECT_THAT(texts(StepKind::dns64), Contains(HasSubstr("there is no A record either")));
}

TEST_F(ExplainTest, says_which_name_a_reverse_name_stands_for) {
  upstream.answer("7.100.51.198.in-addr.arpa.", Type::ptr, {"7.100.51.198.in-addr.arpa. 60 PTR v4.test."});
  const std::string reverse = "7.0.4.6.3.3.6.c.0.0.0.0.0.0.0.0.0.0.0.0.4.6.0.0.8.b.d.0.1.0.0.2.ip6.arpa";
  EXPECT_THAT(explain({.name = reverse, .type = Type::ptr}, StepKind::dns64),
              ElementsAre(HasSubstr("7.100.51.198.in-addr.arpa. is asked for (RFC 6147 5.3.1)")));
}

}  // namespace
}  // namespace dragoman::resolve
