// What the steps of a query tell: access, built-in names, local data, cache, upstreams, the reply.
#include "tracing.h"

#include "explaining.h"

namespace dragoman::resolve {
namespace {

using dns::Rcode;
using dns::Type;
using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

TEST_F(ExplainTest, says_that_a_client_may_not_ask) {
  EXPECT_THAT(explain({.name = "v4.test", .from = "2001:db8::1"}),
              ElementsAre(HasSubstr("admission: 2001:db8::1 is refused: the access list"),
                          StartsWith("reply: REFUSED, 0 answer records, EDE 18 Prohibited")));
  EXPECT_EQ(std::get<std::string>(*fact(StepKind::admission, "reason")), "acl");
}

TEST_F(ExplainTest, says_what_the_cache_held_and_for_how_long) {
  upstream.answer("host.test.", Type::a, {"host.test. 60 A 198.51.100.1", "host.test. 60 A 198.51.100.2"});
  upstream.fail("dead.test.", Type::a, upstream::Failure::network);
  const Ask ask{.name = "host.test", .type = Type::a}, missing{.name = "none.test", .type = Type::a},
      dead{.name = "dead.test", .type = Type::a};
  EXPECT_THAT(explain(ask, StepKind::cache), ElementsAre("A host.test.: nothing kept"));
  EXPECT_THAT(explain(ask, StepKind::cache), ElementsAre("A host.test.: 2 records, kept for 60 s more"));
  EXPECT_THAT(texts(StepKind::upstream), IsEmpty());
  explain(missing);
  EXPECT_THAT(explain(missing, StepKind::cache), ElementsAre("A none.test.: NXDOMAIN, kept for 300 s more"));
  EXPECT_EQ(std::get<std::string>(*fact(StepKind::cache, "state")), "negative");
  explain(dead);
  EXPECT_THAT(explain(dead, StepKind::cache), ElementsAre(HasSubstr("that it failed (SERVFAIL), kept for 5 s more")));
  EXPECT_EQ(std::get<std::string>(*fact(StepKind::cache, "state")), "failure");
}

TEST_F(ExplainTest, says_that_local_data_has_the_name) {
  settings->local.add({*dns::Name::from_text("box.test"), Type::a, {192, 168, 1, 1}, seconds(120)});
  start();
  EXPECT_THAT(explain({.name = "box.test", .type = Type::a}, StepKind::local),
              ElementsAre("A box.test.: from local data, 1 record"));
  EXPECT_THAT(texts(StepKind::validation), IsEmpty());
  EXPECT_THAT(explain({.name = "ipv4only.arpa"}, StepKind::local), ElementsAre(HasSubstr("RFC 8880")));
  EXPECT_THAT(explain({.name = "box.test", .type = Type::any}, StepKind::local), ElementsAre(HasSubstr("RFC 8482")));
}

TEST_F(ExplainTest, follows_a_local_alias_to_its_target) {
  const auto target = dns::rdata_from_text(Type::cname, "v4.test.");
  settings->local.add({*dns::Name::from_text("alias.test"), Type::cname, *target, seconds(120)});
  start();
  upstream.answer("v4.test.", Type::a, {"v4.test. 60 A 198.51.100.1"});
  EXPECT_THAT(
      explain({.name = "alias.test", .type = Type::a}),
      AllOf(Contains("local: A alias.test.: from local data, 1 record"), Contains("cache: A v4.test.: nothing kept"),
            Contains(StartsWith("upstream: A v4.test. asked of: 1 record, after "))));
}

TEST_F(ExplainTest, tells_each_question_of_a_chain) {
  upstream.answer("alias.test.", Type::a, {"alias.test. 60 CNAME v4.test."});
  upstream.answer("v4.test.", Type::a, {"v4.test. 60 A 198.51.100.1"});
  EXPECT_THAT(explain({.name = "alias.test", .type = Type::a}, StepKind::upstream),
              ElementsAre(StartsWith("A alias.test. asked of: 1 record"), StartsWith("A v4.test. asked of: 1 record")));
}

TEST_F(ExplainTest, says_that_a_chain_has_no_end) {
  upstream.answer("loop.test.", Type::a, {"loop.test. 60 CNAME loop.test."});
  EXPECT_THAT(explain({.name = "loop.test", .type = Type::a}, StepKind::upstream),
              Contains(HasSubstr("the chain of aliases has no usable end")));
}

TEST_F(ExplainTest, says_why_an_upstream_gave_no_answer) {
  upstream.fail("dead.test.", Type::a, upstream::Failure::tls);
  upstream.answer("refused.test.", Type::a, {}, dns::Rcode::refused);
  EXPECT_THAT(explain({.name = "dead.test", .type = Type::a}, StepKind::upstream),
              ElementsAre(HasSubstr(": no trusted TLS connection, after")));
  EXPECT_EQ(std::get<std::string>(*fact(StepKind::upstream, "failure")), "tls");
  EXPECT_THAT(explain({.name = "refused.test", .type = Type::a}, StepKind::upstream),
              ElementsAre(HasSubstr(": REFUSED, after")));
}

TEST_F(ExplainTest, tells_the_servers_that_gave_no_answer_before_the_one_that_did) {
  upstream.script("late.test.", Type::a, [](const dns::Question& question) {
    upstream::Outcome outcome;
    outcome.server = "dns://192.0.2.3";
    outcome.answer = fakes::make_answer(question, dns::Rcode::noerror, {"late.test. 60 A 198.51.100.1"});
    outcome.setbacks = {{"dns://192.0.2.1", Clock::now(), milliseconds(800), upstream::Failure::timeout},
                        {"dns://192.0.2.2", Clock::now(), milliseconds(3), upstream::Failure::none, Rcode::servfail}};
    return outcome;
  });
  EXPECT_THAT(explain({.name = "late.test", .type = Type::a}, StepKind::upstream),
              ElementsAre("A late.test. asked of dns://192.0.2.1: no answer in time, after 800.0 ms; others are asked",
                          "A late.test. asked of dns://192.0.2.2: SERVFAIL, after 3.0 ms; others are asked",
                          StartsWith("A late.test. asked of dns://192.0.2.3: 1 record, after")));
}

TEST_F(ExplainTest, says_a_failure_of_the_only_server_once) {
  upstream.script("dead.test.", Type::a, [](const dns::Question&) {
    upstream::Outcome outcome;
    outcome.server = "dns://192.0.2.1";
    outcome.failure = upstream::Failure::network;
    outcome.setbacks = {{"dns://192.0.2.1", Clock::now(), milliseconds(1), upstream::Failure::network}};
    return outcome;
  });
  EXPECT_EQ(explain({.name = "dead.test", .type = Type::a}, StepKind::upstream).size(), 1u);
}

TEST_F(ExplainTest, says_that_nobody_answered_by_the_deadline) {
  upstream.hold(Type::a);
  EXPECT_THAT(explain({.name = "slow.test", .type = Type::a}, StepKind::upstream),
              ElementsAre(HasSubstr("A slow.test.: no answer by the deadline")));
  EXPECT_EQ(std::get<std::string>(*fact(StepKind::upstream, "failure")), "deadline");
  upstream.release();
}

TEST_F(ExplainTest, says_that_it_joined_a_question_on_its_way) {
  upstream.answer("slow.test.", Type::a, {"slow.test. 60 A 198.51.100.1"});
  upstream.hold(Type::a);
  const Ask ask{.name = "slow.test", .type = Type::a};
  TestClient client, other;
  handle(query_octets(ask), ask, client);
  EXPECT_EQ(begin(ask, trace, other).handled, Handled::pending);
  upstream.release();
  EXPECT_EQ(other.replies.size(), 1u);
  EXPECT_EQ(upstream.asked.size(), 1u);
  EXPECT_THAT(texts(StepKind::upstream), ElementsAre(HasSubstr("joins the same question"), HasSubstr("1 record")));
}

TEST_F(ExplainTest, says_who_has_checked_signatures) {
  upstream.answer_authentic("signed.test.", Type::a, {"signed.test. 60 A 198.51.100.1"});
  EXPECT_THAT(explain({.name = "signed.test", .type = Type::a}, StepKind::validation), ElementsAre(HasSubstr("(AD)")));
  EXPECT_TRUE(std::get<bool>(*fact(StepKind::validation, "upstream_ad")));
  EXPECT_FALSE(std::get<bool>(*fact(StepKind::validation, "ad")));
}

TEST_F(ExplainTest, says_that_a_reply_is_too_long_for_udp) {
  std::vector<std::string> many;
  for (int i = 1; i < 100; ++i) many.push_back("many.test. 60 A 198.51.100." + std::to_string(i));
  upstream.answer("many.test.", Type::a, many);
  const Ask ask{.name = "many.test", .type = Type::a, .protocol = Protocol::udp};
  EXPECT_THAT(explain(ask, StepKind::reply), ElementsAre(HasSubstr("sent empty with TC")));
}

TEST_F(ExplainTest, counts_nothing_as_a_clients_and_keeps_what_it_learns) {
  upstream.answer("host.test.", Type::a, {"host.test. 60 A 198.51.100.1"});
  const Ask ask{.name = "host.test", .type = Type::a};
  explain(ask);
  EXPECT_EQ(metrics.requests(Protocol::tcp, Family::v6, QueryType::a).value(), 0u);
  EXPECT_EQ(metrics.responses(Protocol::tcp, ReplyCode::noerror).value(), 0u);
  EXPECT_EQ(metrics.cache_misses.value(), 0u);
  resolve(ask);
  EXPECT_EQ(upstream.asked.size(), 1u);
  EXPECT_EQ(metrics.cache_hits(CacheHit::positive).value(), 1u);
}

TEST_F(ExplainTest, is_given_up_with_the_resolver) {
  upstream.hold(Type::a);
  TestClient client;
  EXPECT_EQ(begin({.name = "slow.test", .type = Type::a}, trace, client).handled, Handled::pending);
  EXPECT_EQ(resolver->in_flight(), 1u);
  resolver.reset();
  EXPECT_EQ(client.pending(), 0u);
}

}  // namespace
}  // namespace dragoman::resolve
