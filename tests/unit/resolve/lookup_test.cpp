// Queries that wait: DNS64 with all its branches (RFC 6147 5.1), joined lookups, deadlines, clients that go away.
#include "fixture.h"

namespace dragoman::resolve {
namespace {

using dns::Rcode;
using dns::Type;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

TEST_F(ResolverTest, synthesizes_when_there_is_no_aaaa) {
  serve_v4_only("v4.test");
  const Reply reply = resolve({.name = "v4.test"});
  EXPECT_EQ(reply.rcode(), Rcode::noerror);
  EXPECT_THAT(reply.records(), ElementsAre("v4.test. 300 AAAA 2001:db8:64::c633:6407"));
  EXPECT_EQ(reply.ede(), 29);
  EXPECT_THAT(upstream.asked, UnorderedElementsAre("v4.test. AAAA", "v4.test. A"));
}

TEST_F(ResolverTest, synthesizes_again_from_the_cache_without_asking) {
  serve_v4_only("v4.test");
  resolve({.name = "v4.test"});
  TestClient client;
  const Ask ask{.name = "v4.test"};
  const HandleResult result = handle(query_octets(ask), ask, client);
  ASSERT_EQ(result.handled, Handled::answered);
  EXPECT_THAT(Reply(Bytes(room).first(result.length), {}).records(),
              ElementsAre("v4.test. 300 AAAA 2001:db8:64::c633:6407"));
  EXPECT_EQ(upstream.asked.size(), 2u);
  EXPECT_EQ(metrics.cache_hits(CacheHit::dns64).value(), 1u);
}

TEST_F(ResolverTest, returns_a_real_aaaa_and_nothing_synthetic) {
  upstream.answer("both.test.", Type::aaaa, {"both.test. 60 AAAA 2001:db8::1"});
  upstream.answer("both.test.", Type::a, {"both.test. 60 A 198.51.100.1"});
  EXPECT_THAT(resolve({.name = "both.test"}).records(), ElementsAre("both.test. 60 AAAA 2001:db8::1"));
}

TEST_F(ResolverTest, drops_mapped_addresses_and_synthesizes_when_nothing_is_left) {
  upstream.answer("mapped.test.", Type::aaaa, {"mapped.test. 60 AAAA ::ffff:9.9.9.9"});
  upstream.answer("mapped.test.", Type::a, {"mapped.test. 60 A 198.51.100.1"});
  EXPECT_THAT(resolve({.name = "mapped.test"}).records(), ElementsAre("mapped.test. 60 AAAA 2001:db8:64::c633:6401"));
  upstream.answer("mixed.test.", Type::aaaa, {"mixed.test. 60 AAAA ::ffff:9.9.9.9", "mixed.test. 60 AAAA 2001:db8::1"});
  EXPECT_THAT(resolve({.name = "mixed.test"}).records(), ElementsAre("mixed.test. 60 AAAA 2001:db8::1"));
}

TEST_F(ResolverTest, leaves_nxdomain_as_it_is) {
  upstream.answer("gone.test.", Type::aaaa, {soa}, Rcode::nxdomain);
  upstream.answer("gone.test.", Type::a, {"gone.test. 60 A 198.51.100.1"});
  EXPECT_EQ(resolve({.name = "gone.test"}).rcode(), Rcode::nxdomain);
}

TEST_F(ResolverTest, treats_any_other_error_of_the_aaaa_question_as_empty) {
  for (const Rcode rcode : {Rcode::formerr, Rcode::servfail, Rcode::notimp, Rcode::refused}) {
    const std::string name = "rc" + std::to_string(static_cast<int>(rcode)) + ".test";
    upstream.answer(name + ".", Type::aaaa, {}, rcode);
    upstream.answer(name + ".", Type::a, {name + ". 3600 A 198.51.100.1"});
    const Reply reply = resolve({.name = name});
    EXPECT_EQ(reply.rcode(), Rcode::noerror);
    EXPECT_THAT(reply.records(), ElementsAre(name + ". 600 AAAA 2001:db8:64::c633:6401"));
  }
}

TEST_F(ResolverTest, synthesizes_after_the_deadline_when_the_aaaa_question_is_never_answered) {
  serve_v4_only("slow.test");
  upstream.hold(Type::aaaa);
  EXPECT_THAT(resolve({.name = "slow.test"}).records(), ElementsAre("slow.test. 600 AAAA 2001:db8:64::c633:6407"));
  // The next client does not wait again.
  TestClient client;
  const Ask ask{.name = "slow.test"};
  EXPECT_EQ(handle(query_octets(ask), ask, client).handled, Handled::answered);
  upstream.release();
}

TEST_F(ResolverTest, a_late_aaaa_answer_still_counts_for_the_next_client) {
  upstream.answer("late.test.", Type::aaaa, {"late.test. 60 AAAA 2001:db8::1"});
  upstream.answer("late.test.", Type::a, {"late.test. 60 A 198.51.100.1"});
  upstream.hold(Type::aaaa);
  resolve({.name = "late.test"});
  upstream.release();
  EXPECT_THAT(resolve({.name = "late.test"}).records(), ElementsAre("late.test. 60 AAAA 2001:db8::1"));
}

TEST_F(ResolverTest, limits_the_ttl_by_the_soa_or_by_600_seconds) {
  upstream.answer("nosoa.test.", Type::a, {"nosoa.test. 3600 A 198.51.100.1"});
  upstream.answer("nosoa.test.", Type::aaaa, {});
  EXPECT_THAT(resolve({.name = "nosoa.test"}).records(), ElementsAre(testing::HasSubstr(" 600 AAAA ")));
  serve_v4_only("short.test", "198.51.100.1", 17);
  EXPECT_THAT(resolve({.name = "short.test"}).records(), ElementsAre(testing::HasSubstr(" 17 AAAA ")));
}

TEST_F(ResolverTest, an_error_of_the_a_question_is_the_answer) {
  upstream.answer("bad.test.", Type::aaaa, {soa});
  upstream.answer("bad.test.", Type::a, {}, Rcode::servfail);
  EXPECT_EQ(resolve({.name = "bad.test"}).rcode(), Rcode::servfail);
  upstream.answer("odd.test.", Type::aaaa, {soa});
  upstream.answer("odd.test.", Type::a, {soa}, Rcode::nxdomain);
  EXPECT_EQ(resolve({.name = "odd.test"}).rcode(), Rcode::nxdomain);
}

TEST_F(ResolverTest, both_empty_is_nodata_with_one_soa) {
  upstream.answer("empty.test.", Type::aaaa, {soa});
  upstream.answer("empty.test.", Type::a, {soa});
  const Reply reply = resolve({.name = "empty.test"});
  EXPECT_EQ(reply.rcode(), Rcode::noerror);
  EXPECT_THAT(reply.records(), IsEmpty());
  EXPECT_EQ(reply.records(dns::Section::authority).size(), 1u);
}

TEST_F(ResolverTest, gives_no_synthesis_to_clients_that_validate_or_want_it_unchecked) {
  serve_v4_only("v4.test");
  EXPECT_THAT(resolve({.name = "v4.test", .dnssec_ok = true, .checking_disabled = true}).records(), IsEmpty());
  EXPECT_THAT(resolve({.name = "v4.test", .checking_disabled = true}).records(), IsEmpty());
  EXPECT_EQ(resolve({.name = "v4.test", .dnssec_ok = true}).records().size(), 1u);
}

TEST_F(ResolverTest, clients_outside_the_policy_never_see_a_synthetic_record) {
  settings->dns64.policies.front().clients = {*ip::Prefix::from_text("127.0.0.1/32")};
  start();
  serve_v4_only("v4.test");
  EXPECT_EQ(resolve({.name = "v4.test", .from = "127.0.0.1"}).records().size(), 1u);
  EXPECT_THAT(resolve({.name = "v4.test", .from = "127.0.0.2"}).records(), IsEmpty());
}

TEST_F(ResolverTest, follows_cnames_to_the_synthetic_address) {
  upstream.answer("alias.test.", Type::aaaa, {"alias.test. 60 CNAME v4.test.", soa});
  upstream.answer("alias.test.", Type::a, {"alias.test. 60 CNAME v4.test.", "v4.test. 50 A 198.51.100.7"});
  EXPECT_THAT(resolve({.name = "alias.test"}).records(),
              ElementsAre("alias.test. 60 CNAME v4.test.", "v4.test. 50 AAAA 2001:db8:64::c633:6407"));
}

TEST_F(ResolverTest, asks_for_the_target_that_an_upstream_left_out) {
  serve_v4_only("v4.test");
  upstream.answer("alias.test.", Type::aaaa, {"alias.test. 60 CNAME v4.test."});
  upstream.answer("alias.test.", Type::a, {"alias.test. 60 CNAME v4.test."});
  EXPECT_THAT(resolve({.name = "alias.test"}).records(),
              ElementsAre("alias.test. 60 CNAME v4.test.", "v4.test. 300 AAAA 2001:db8:64::c633:6407"));
  EXPECT_EQ(metrics.chains_followed.value(), 2u);
}

TEST_F(ResolverTest, gives_up_on_a_chain_that_bites_its_tail) {
  upstream.answer("a.test.", Type::a, {"a.test. 60 CNAME b.test."});
  upstream.answer("b.test.", Type::a, {"b.test. 60 CNAME a.test."});
  EXPECT_EQ(resolve({.name = "a.test", .type = Type::a}).rcode(), Rcode::servfail);
  EXPECT_LE(upstream.asked.size(), 14u);
}

TEST_F(ResolverTest, follows_local_cnames_out_into_the_world) {
  const auto target = *dns::rdata_from_text(Type::cname, "v4.test.");
  settings->local.add({*dns::Name::from_text("here.test"), Type::cname, target, seconds(120)});
  start();
  serve_v4_only("v4.test");
  EXPECT_THAT(resolve({.name = "here.test", .type = Type::a}).records(),
              ElementsAre("here.test. 120 CNAME v4.test.", "v4.test. 3600 A 198.51.100.7"));
  EXPECT_THAT(resolve({.name = "here.test"}).records(),
              ElementsAre("here.test. 120 CNAME v4.test.", "v4.test. 300 AAAA 2001:db8:64::c633:6407"));
}

TEST_F(ResolverTest, joins_identical_questions_in_flight) {
  upstream.answer("host.test.", Type::a, {"host.test. 60 A 198.51.100.1"});
  upstream.hold(Type::a);
  TestClient client;
  const Ask ask{.name = "host.test", .type = Type::a};
  for (std::uint64_t ticket = 1; ticket <= 3; ++ticket) {
    EXPECT_EQ(handle(query_octets(ask), ask, client, ticket).handled, Handled::pending);
  }
  upstream.release();
  EXPECT_THAT(client.tickets, UnorderedElementsAre(1u, 2u, 3u));
  EXPECT_THAT(upstream.asked, ElementsAre("host.test. A"));
  EXPECT_EQ(resolver->in_flight(), 0u);
}

TEST_F(ResolverTest, forgets_clients_that_went_away_and_keeps_the_answer) {
  upstream.answer("host.test.", Type::a, {"host.test. 60 A 198.51.100.1"});
  upstream.hold(Type::a);
  const Ask ask{.name = "host.test", .type = Type::a};
  {
    TestClient client;
    handle(query_octets(ask), ask, client);
  }
  upstream.release();
  TestClient next;
  EXPECT_EQ(handle(query_octets(ask), ask, next).handled, Handled::answered);
}

TEST_F(ResolverTest, forgets_one_ticket_and_answers_the_others) {
  upstream.hold(Type::a);
  TestClient client;
  const Ask ask{.name = "host.test", .type = Type::a};
  handle(query_octets(ask), ask, client, 1);
  handle(query_octets(ask), ask, client, 2);
  client.forget(1);
  upstream.release();
  EXPECT_THAT(client.tickets, ElementsAre(2u));
}

TEST_F(ResolverTest, may_be_destroyed_while_lookups_are_on_their_way) {
  upstream.hold(Type::aaaa);
  TestClient client;
  const Ask ask{.name = "host.test"};
  handle(query_octets(ask), ask, client);
  resolver.reset();
  EXPECT_EQ(client.pending(), 0u);
}

TEST_F(ResolverTest, says_servfail_with_the_reason_when_nobody_answers) {
  upstream.fail("dead.test.", Type::a, upstream::Failure::network);
  const Reply reply = resolve({.name = "dead.test", .type = Type::a});
  EXPECT_EQ(reply.rcode(), Rcode::servfail);
  EXPECT_EQ(reply.ede(), 23);
  // Remembered for a moment (RFC 9520), and said to be.
  EXPECT_EQ(resolve({.name = "dead.test", .type = Type::a}).ede(), 13);
  EXPECT_EQ(upstream.asked.size(), 1u);
}

TEST_F(ResolverTest, refuses_new_lookups_beyond_the_bound_but_not_hits) {
  settings->max_in_flight = 1;
  start();
  upstream.answer("known.test.", Type::a, {"known.test. 60 A 198.51.100.1"});
  resolve({.name = "known.test", .type = Type::a});
  upstream.hold(Type::a);
  TestClient client;
  const Ask first{.name = "one.test", .type = Type::a};
  handle(query_octets(first), first, client);
  EXPECT_EQ(resolve({.name = "two.test", .type = Type::a}).ede(), 14);
  EXPECT_EQ(resolve({.name = "known.test", .type = Type::a}).rcode(), Rcode::noerror);
  upstream.release();
}

TEST_F(ResolverTest, maps_ptr_questions_under_the_prefix) {
  upstream.answer("7.100.51.198.in-addr.arpa.", Type::ptr, {"7.100.51.198.in-addr.arpa. 60 PTR v4.test."});
  const std::string name = "7.0.4.6.3.3.6.c.0.0.0.0.0.0.0.0.0.0.0.0.4.6.0.0.8.b.d.0.1.0.0.2.ip6.arpa";
  EXPECT_THAT(
      resolve({.name = name, .type = Type::ptr}).records(),
      ElementsAre(name + ". 60 CNAME 7.100.51.198.in-addr.arpa.", "7.100.51.198.in-addr.arpa. 60 PTR v4.test."));
  EXPECT_THAT(upstream.asked, ElementsAre("7.100.51.198.in-addr.arpa. PTR"));
}

TEST_F(ResolverTest, makes_no_cname_to_a_reverse_name_that_does_not_exist) {
  const std::string name = "7.0.4.6.3.3.6.c.0.0.0.0.0.0.0.0.0.0.0.0.4.6.0.0.8.b.d.0.1.0.0.2.ip6.arpa";
  const Reply reply = resolve({.name = name, .type = Type::ptr});
  EXPECT_EQ(reply.rcode(), Rcode::nxdomain);
  EXPECT_THAT(reply.records(), IsEmpty());
}

TEST_F(ResolverTest, answers_ipv4only_arpa_by_itself) {
  EXPECT_THAT(resolve({.name = "ipv4only.arpa"}).records(),
              UnorderedElementsAre("ipv4only.arpa. 600 AAAA 2001:db8:64::c000:aa",
                                   "ipv4only.arpa. 600 AAAA 2001:db8:64::c000:ab"));
  EXPECT_THAT(upstream.asked, IsEmpty());
}

TEST_F(ResolverTest, asks_a_only_after_the_delay_and_not_at_all_when_a_real_aaaa_comes_first) {
  settings->dns64.a_delay = milliseconds(10);
  start();
  upstream.answer("both.test.", Type::aaaa, {"both.test. 60 AAAA 2001:db8::1"});
  resolve({.name = "both.test"});
  EXPECT_THAT(upstream.asked, ElementsAre("both.test. AAAA"));
  serve_v4_only("v4.test");
  EXPECT_EQ(resolve({.name = "v4.test"}).records().size(), 1u);
}

}  // namespace
}  // namespace dragoman::resolve
