// Answers past their lifetime (RFC 8767), alone and as what synthesis is made of.
#include "fixture.h"

namespace dragoman::resolve {
namespace {

using dns::Rcode;
using dns::Type;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
using upstream::Failure;

// A resolver whose cache holds on to what has expired, with entries as old as a test likes.
class StaleAnswerTest : public ResolverTest {
 protected:
  StaleAnswerTest() { open({.enabled = true, .answer_after = milliseconds(15)}); }
  ~StaleAnswerTest() override { resolver.reset(); }

  void open(const cache::StaleOptions& options) {
    resolver.reset();
    lasting = std::make_unique<cache::AnswerCache>(cache::Options{.size = 1 << 20, .serve_stale = options});
    resolver =
        std::make_unique<Resolver>(loop, *lasting, upstream, std::make_shared<const Settings>(*settings), metrics);
  }
  // As if it had been asked for so long ago.
  void keep(const std::string& name, Type type, const std::vector<std::string>& records, seconds age,
            Rcode rcode = Rcode::noerror) {
    const auto owner = *dns::Name::from_text(name);
    const cache::Key key{owner, type};
    const auto answer = fakes::make_answer({owner, type, dns::Class::in}, rcode, records);
    lasting->store(key, cache::KeyHash(key), answer.view(), loop.now() - age);
  }
  bool answers_at_once(const Ask& ask) {
    TestClient client;
    return handle(query_octets(ask), ask, client).handled == Handled::answered;
  }
  std::uint64_t stale(StaleReason reason) const { return metrics.stale_answers(reason).value(); }

  std::unique_ptr<cache::AnswerCache> lasting;
};

const Ask ask_a{.name = "www.test", .type = Type::a};
const Ask ask_aaaa{.name = "www.test"};
constexpr const char* a_record = "www.test. 60 A 198.51.100.7";
constexpr const char* aaaa_record = "www.test. 60 AAAA 2001:db8::1";
constexpr const char* short_soa = "!test. 20 SOA ns.test. host.test. 1 2 3 4 60";
constexpr const char* synthetic = "www.test. 30 AAAA 2001:db8:64::c633:6407";

TEST_F(StaleAnswerTest, serve_when_nobody_can_answer) {
  keep("www.test", Type::a, {a_record}, seconds(100));
  upstream.fail("www.test.", Type::a, Failure::network);
  const Reply reply = resolve(ask_a);
  EXPECT_THAT(reply.records(), ElementsAre("www.test. 30 A 198.51.100.7"));
  EXPECT_EQ(reply.ede(), 3);
  EXPECT_EQ(stale(StaleReason::failure), 1u);
}

TEST_F(StaleAnswerTest, serve_at_once_and_ask_nobody_while_a_failure_is_remembered) {
  keep("www.test", Type::a, {a_record}, seconds(100));
  upstream.fail("www.test.", Type::a, Failure::network);
  resolve(ask_a);
  EXPECT_TRUE(answers_at_once(ask_a));
  EXPECT_EQ(resolve(ask_a).ede(), 3);
  EXPECT_EQ(upstream.asked.size(), 1u);
  EXPECT_EQ(stale(StaleReason::retry), 2u);
  EXPECT_EQ(metrics.cache_hits(CacheHit::stale).value(), 2u);
}

TEST_F(StaleAnswerTest, serve_when_an_upstream_fails_to_find_out) {
  for (const Rcode rcode : {Rcode::servfail, Rcode::refused}) {
    const std::string name = "rc" + std::to_string(static_cast<int>(rcode)) + ".test";
    keep(name, Type::a, {name + ". 60 A 198.51.100.7"}, seconds(100));
    upstream.answer(name + ".", Type::a, {}, rcode);
    const Reply reply = resolve({.name = name, .type = Type::a});
    EXPECT_EQ(reply.rcode(), Rcode::noerror);
    EXPECT_EQ(reply.ede(), 3);
  }
}

TEST_F(StaleAnswerTest, serve_after_answer_after_and_are_replaced_by_the_late_answer) {
  keep("www.test", Type::a, {a_record}, seconds(100));
  upstream.answer("www.test.", Type::a, {"www.test. 60 A 203.0.113.1"});
  upstream.hold(Type::a);
  EXPECT_THAT(resolve(ask_a).records(), ElementsAre("www.test. 30 A 198.51.100.7"));
  EXPECT_EQ(stale(StaleReason::slow), 1u);
  EXPECT_TRUE(answers_at_once(ask_a)) << "nobody waits a second time";
  upstream.release();
  const Reply fresh = resolve(ask_a);
  EXPECT_THAT(fresh.records(), ElementsAre("www.test. 60 A 203.0.113.1"));
  EXPECT_EQ(fresh.ede(), std::nullopt);
  EXPECT_EQ(upstream.asked.size(), 1u);
}

TEST_F(StaleAnswerTest, yield_to_fresh_data_and_to_fresh_denials) {
  keep("www.test", Type::a, {a_record}, seconds(100));
  upstream.answer("www.test.", Type::a, {soa}, Rcode::nxdomain);
  const Reply reply = resolve(ask_a);
  EXPECT_EQ(reply.rcode(), Rcode::nxdomain);
  EXPECT_EQ(reply.ede(), std::nullopt);
}

TEST_F(StaleAnswerTest, say_so_with_a_code_of_its_own_for_nxdomain) {
  keep("www.test", Type::a, {short_soa}, seconds(100), Rcode::nxdomain);
  upstream.fail("www.test.", Type::a, Failure::timeout);
  const Reply reply = resolve(ask_a);
  EXPECT_EQ(reply.rcode(), Rcode::nxdomain);
  EXPECT_EQ(reply.ede(), 19);
}

TEST_F(StaleAnswerTest, are_not_served_when_too_old_or_switched_off) {
  open({.enabled = true, .max_stale = seconds(30)});
  keep("www.test", Type::a, {a_record}, seconds(100));
  upstream.fail("www.test.", Type::a, Failure::network);
  EXPECT_EQ(resolve(ask_a).rcode(), Rcode::servfail);
  open({});
  keep("www.test", Type::a, {a_record}, seconds(100));
  EXPECT_EQ(resolve(ask_a).rcode(), Rcode::servfail);
}

TEST_F(StaleAnswerTest, serve_without_any_wait_when_answer_after_is_0) {
  open({.enabled = true, .answer_after = milliseconds(0)});
  keep("www.test", Type::a, {a_record}, seconds(100));
  upstream.hold(Type::a);
  EXPECT_TRUE(answers_at_once(ask_a));
  EXPECT_EQ(upstream.asked.size(), 1u) << "though somebody asks";
  upstream.release();
}

// -- DNS64 --

TEST_F(StaleAnswerTest, with_a_real_aaaa_beat_synthesis) {
  keep("www.test", Type::aaaa, {aaaa_record}, seconds(100));
  upstream.fail("www.test.", Type::aaaa, Failure::timeout);
  upstream.answer("www.test.", Type::a, {a_record});
  const Reply reply = resolve(ask_aaaa);
  EXPECT_THAT(reply.records(), ElementsAre("www.test. 30 AAAA 2001:db8::1"));
  EXPECT_EQ(reply.ede(), 3);
}

TEST_F(StaleAnswerTest, with_a_real_aaaa_yield_to_a_fresh_denial) {
  keep("www.test", Type::aaaa, {aaaa_record}, seconds(100));
  serve_v4_only("www.test");
  const Reply reply = resolve(ask_aaaa);
  EXPECT_THAT(reply.records(), ElementsAre("www.test. 300 AAAA 2001:db8:64::c633:6407"));
  EXPECT_EQ(reply.ede(), 29);
}

TEST_F(StaleAnswerTest, of_a_denial_let_a_be_synthesized_as_stale) {
  keep("www.test", Type::aaaa, {short_soa}, seconds(100));
  upstream.fail("www.test.", Type::aaaa, Failure::timeout);
  upstream.answer("www.test.", Type::a, {a_record});
  const Reply reply = resolve(ask_aaaa);
  EXPECT_THAT(reply.records(), ElementsAre(synthetic));
  EXPECT_EQ(reply.ede(), 3);
  EXPECT_EQ(stale(StaleReason::failure), 1u);
}

TEST_F(StaleAnswerTest, of_both_questions_make_one_stale_synthesis) {
  keep("www.test", Type::aaaa, {short_soa}, seconds(100));
  keep("www.test", Type::a, {a_record}, seconds(100));
  upstream.fail("www.test.", Type::aaaa, Failure::network);
  upstream.fail("www.test.", Type::a, Failure::network);
  EXPECT_THAT(resolve(ask_aaaa).records(), ElementsAre(synthetic));
  EXPECT_TRUE(answers_at_once(ask_aaaa));
  EXPECT_EQ(resolve(ask_aaaa).ede(), 3);
  EXPECT_EQ(metrics.cache_hits(CacheHit::stale).value(), 2u);
  EXPECT_THAT(upstream.asked, UnorderedElementsAre("www.test. AAAA", "www.test. A"));
}

TEST_F(StaleAnswerTest, of_a_beside_a_fresh_denial_are_synthesized_as_stale) {
  keep("www.test", Type::aaaa, {soa}, seconds(0));
  keep("www.test", Type::a, {a_record}, seconds(100));
  upstream.fail("www.test.", Type::a, Failure::network);
  const Reply reply = resolve(ask_aaaa);
  EXPECT_THAT(reply.records(), ElementsAre(synthetic));
  EXPECT_EQ(reply.ede(), 3);
}

TEST_F(StaleAnswerTest, reach_reverse_names_under_the_prefix) {
  keep("7.100.51.198.in-addr.arpa", Type::ptr, {"7.100.51.198.in-addr.arpa. 60 PTR v4.test."}, seconds(100));
  upstream.fail("7.100.51.198.in-addr.arpa.", Type::ptr, Failure::network);
  const std::string name = "7.0.4.6.3.3.6.c.0.0.0.0.0.0.0.0.0.0.0.0.4.6.0.0.8.b.d.0.1.0.0.2.ip6.arpa";
  const Reply reply = resolve({.name = name, .type = Type::ptr});
  EXPECT_THAT(reply.records(), ElementsAre(name + ". 30 CNAME 7.100.51.198.in-addr.arpa.",
                                           "7.100.51.198.in-addr.arpa. 30 PTR v4.test."));
  EXPECT_EQ(reply.ede(), 3);
}

TEST_F(StaleAnswerTest, reach_who_follows_a_local_cname) {
  settings->local.add(
      {*dns::Name::from_text("here.test"), Type::cname, *dns::rdata_from_text(Type::cname, "www.test."), seconds(120)});
  open({.enabled = true});
  keep("www.test", Type::a, {a_record}, seconds(100));
  upstream.fail("www.test.", Type::a, Failure::network);
  const Reply reply = resolve({.name = "here.test", .type = Type::a});
  EXPECT_THAT(reply.records(), ElementsAre("here.test. 120 CNAME www.test.", "www.test. 30 A 198.51.100.7"));
  EXPECT_EQ(reply.ede(), 3);
}

}  // namespace
}  // namespace dragoman::resolve
