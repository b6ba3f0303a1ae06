// Lookups that are shared, followed, forgotten and bounded.
#include "fixture.h"

namespace dragoman::resolve {
namespace {

using dns::Rcode;
using dns::Type;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

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

// An answer in the last tenth of its lifetime, asked for often before.
void keep_due(cache::AnswerCache& cache, const net::EventLoop& loop, const std::string& name, Type type,
              const std::vector<std::string>& records) {
  const auto owner = *dns::Name::from_text(name);
  const cache::Key key{owner, type};
  const cache::KeyHash hash(key);
  const TimePoint then = loop.now() - seconds(95);
  std::vector<std::uint8_t> room(dns::max_message_length);
  cache.store(key, hash, fakes::make_answer({owner, type, dns::Class::in}, Rcode::noerror, records).view(), then);
  for (int times = 0; times < 3; ++times) cache.find(key, hash, then, room);
}

TEST_F(ResolverTest, refreshes_a_popular_answer_before_it_expires_and_answers_meanwhile) {
  keep_due(cache, loop, "host.test", Type::a, {"host.test. 100 A 198.51.100.1"});
  upstream.answer("host.test.", Type::a, {"host.test. 100 A 198.51.100.2"});
  upstream.hold(Type::a);
  const Ask ask{.name = "host.test", .type = Type::a};
  for (int times = 0; times < 3; ++times) {
    EXPECT_THAT(resolve(ask).records(), ElementsAre(testing::EndsWith("A 198.51.100.1")));
  }
  EXPECT_THAT(upstream.asked, ElementsAre("host.test. A"));
  upstream.release();
  begin_a_second();
  EXPECT_THAT(resolve(ask).records(), ElementsAre("host.test. 99 A 198.51.100.2"));
  EXPECT_EQ(metrics.prefetches(Prefetch::refreshed).value(), 1u);
  EXPECT_EQ(metrics.cache_misses.value(), 0u);
}

TEST_F(ResolverTest, refreshes_both_answers_that_a_synthesis_is_made_of) {
  keep_due(cache, loop, "v4.test", Type::aaaa, {"!test. 100 SOA ns.test. host.test. 1 2 3 4 100"});
  keep_due(cache, loop, "v4.test", Type::a, {"v4.test. 100 A 198.51.100.1"});
  serve_v4_only("v4.test");
  EXPECT_EQ(resolve({.name = "v4.test"}).ede(), 29);
  EXPECT_THAT(upstream.asked, UnorderedElementsAre("v4.test. AAAA", "v4.test. A"));
  begin_a_second();
  EXPECT_THAT(resolve({.name = "v4.test"}).records(), ElementsAre("v4.test. 299 AAAA 2001:db8:64::c633:6407"));
}

TEST_F(ResolverTest, leaves_the_answer_alone_when_it_cannot_be_refreshed) {
  keep_due(cache, loop, "host.test", Type::a, {"host.test. 100 A 198.51.100.1"});
  upstream.fail("host.test.", Type::a, upstream::Failure::timeout);
  const Ask ask{.name = "host.test", .type = Type::a};
  for (int times = 0; times < 3; ++times) EXPECT_EQ(resolve(ask).rcode(), Rcode::noerror);
  EXPECT_EQ(upstream.asked.size(), 1u);
  EXPECT_EQ(metrics.prefetches(Prefetch::failed).value(), 1u);
}

TEST_F(ResolverTest, refreshes_so_many_answers_at_once_and_no_more) {
  upstream.hold(Type::a);
  for (int number = 0; number < 300; ++number) {
    const std::string name = "h" + std::to_string(number) + ".test";
    keep_due(cache, loop, name, Type::a, {name + ". 100 A 198.51.100.1"});
    resolve({.name = name, .type = Type::a});
  }
  EXPECT_EQ(upstream.asked.size(), 256u);
  EXPECT_EQ(metrics.prefetches(Prefetch::shed).value(), 44u);
  upstream.release();
  EXPECT_EQ(metrics.prefetches(Prefetch::refreshed).value(), 256u);
}

// RFC 9520 3.2: what the whole of the upstreams cannot answer is not the fault of a question.
TEST_F(ResolverTest, blames_a_question_only_when_others_were_answered_meanwhile) {
  const auto lifetime_of_failure = [this](const std::string& name) {
    const auto owner = *dns::Name::from_text(name);
    const cache::Key key{owner, Type::a};
    const cache::KeyHash hash(key);
    cache.store_failure(key, hash, loop.now() - seconds(6));  // one failure before
    resolve({.name = name, .type = Type::a});
    return cache.find(key, hash, loop.now(), room)->remaining_s;
  };
  upstream.fail("alone.test.", Type::a, upstream::Failure::timeout);
  EXPECT_EQ(lifetime_of_failure("alone.test"), 5u);
  upstream.answer("broken.test.", Type::a, {}, Rcode::servfail);
  EXPECT_EQ(lifetime_of_failure("broken.test"), 10u);
  upstream.fail("other.test.", Type::a, upstream::Failure::timeout);
  EXPECT_EQ(lifetime_of_failure("other.test"), 10u) << "SERVFAIL is an answer of the upstream, and was just there";
}

TEST_F(ResolverTest, keeps_a_denial_behind_a_chain_for_the_name_that_it_denies) {
  upstream.answer("alias.test.", Type::a, {"alias.test. 60 CNAME gone.test.", soa}, Rcode::nxdomain);
  EXPECT_EQ(resolve({.name = "alias.test", .type = Type::a}).rcode(), Rcode::nxdomain);
  EXPECT_EQ(resolve({.name = "gone.test", .type = Type::a}).rcode(), Rcode::nxdomain);
  EXPECT_EQ(resolve({.name = "a.gone.test", .type = Type::mx}).rcode(), Rcode::nxdomain);
  EXPECT_THAT(upstream.asked, ElementsAre("alias.test. A"));
  resolve({.name = "a.alias.test", .type = Type::a});
  EXPECT_EQ(upstream.asked.size(), 2u) << "the alias exists, and so may names below it";
}

TEST_F(ResolverTest, may_be_destroyed_while_lookups_are_on_their_way) {
  upstream.hold(Type::aaaa);
  TestClient client;
  const Ask ask{.name = "host.test"};
  handle(query_octets(ask), ask, client);
  resolver.reset();
  EXPECT_EQ(client.pending(), 0u);
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

TEST_F(ResolverTest, ends_a_chain_at_a_special_name_without_asking_for_it) {
  settings->special = SpecialNames(SpecialNamesOptions());
  start();
  upstream.answer("alias.test.", Type::a, {"alias.test. 60 CNAME printer.local."});
  const Reply reply = resolve({.name = "alias.test", .type = Type::a});
  EXPECT_EQ(reply.rcode(), Rcode::nxdomain);
  EXPECT_THAT(reply.records(), ElementsAre("alias.test. 60 CNAME printer.local."));
  EXPECT_THAT(upstream.asked, ElementsAre("alias.test. A"));
}

TEST_F(ResolverTest, withholds_private_addresses_before_anything_is_made_of_them) {
  RebindingOptions options;
  options.enabled = true;
  settings->rebinding = RebindingFilter(options, {});
  settings->routed.add(*dns::Name::from_text("corp.test"));
  settings->local.add({*dns::Name::from_text("box.test"), Type::a, {10, 0, 0, 1}, seconds(120)});
  start();
  for (const char* name : {"evil.test", "www.corp.test"}) {
    const std::string owner = std::string(name) + ".";
    upstream.answer(owner, Type::aaaa, {owner + " 60 AAAA fd00::1"});
    upstream.answer(owner, Type::a, {owner + " 60 A 10.0.0.1", owner + " 60 A 198.51.100.1"});
  }
  EXPECT_THAT(resolve({.name = "evil.test"}).records(), ElementsAre("evil.test. 60 AAAA 2001:db8:64::c633:6401"));
  EXPECT_THAT(resolve({.name = "evil.test", .type = Type::a}).records(), ElementsAre("evil.test. 60 A 198.51.100.1"));
  EXPECT_THAT(resolve({.name = "www.corp.test"}).records(), ElementsAre("www.corp.test. 60 AAAA fd00::1"));
  EXPECT_THAT(resolve({.name = "box.test"}).records(), ElementsAre("box.test. 120 AAAA 2001:db8:64::a00:1"));
  EXPECT_EQ(resolve({.name = "ipv4only.arpa", .type = Type::a}).records().size(), 2u);
}

}  // namespace
}  // namespace dragoman::resolve
