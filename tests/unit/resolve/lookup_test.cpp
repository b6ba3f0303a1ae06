// Queries that wait: deadlines, late answers, local CNAMEs, reverse names.
#include "dragoman/resolve/trace.h"
#include "fixture.h"

namespace dragoman::resolve {
namespace {

using dns::Rcode;
using dns::Type;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

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

TEST_F(ResolverTest, says_servfail_with_the_reason_when_nobody_answers) {
  upstream.fail("dead.test.", Type::a, upstream::Failure::network);
  const Reply reply = resolve({.name = "dead.test", .type = Type::a});
  EXPECT_EQ(reply.rcode(), Rcode::servfail);
  EXPECT_EQ(reply.ede(), 23);
  // Remembered for a moment (RFC 9520), and said to be.
  EXPECT_EQ(resolve({.name = "dead.test", .type = Type::a}).ede(), 13);
  EXPECT_EQ(upstream.asked.size(), 1u);
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

const std::string reverse_zone = "0.0.0.0.0.0.0.0.0.0.0.0.4.6.0.0.8.b.d.0.1.0.0.2.ip6.arpa.";

// RFC 6147 5.3.1: that would make the chain longer.
TEST_F(ResolverTest, makes_no_cname_to_a_cname) {
  upstream.answer("7.100.51.198.in-addr.arpa.", Type::ptr,
                  {"7.100.51.198.in-addr.arpa. 60 CNAME 7.a.test.", "7.a.test. 60 PTR v4.test."});
  const Reply reply = resolve({.name = "7.0.4.6.3.3.6.c." + reverse_zone, .type = Type::ptr});
  EXPECT_EQ(reply.rcode(), Rcode::noerror);
  EXPECT_THAT(reply.records(), IsEmpty());
  ASSERT_EQ(reply.records(dns::Section::authority).size(), 1u);
  EXPECT_THAT(reply.records(dns::Section::authority)[0], testing::StartsWith(reverse_zone));
}

TEST_F(ResolverTest, asks_nobody_about_the_reverse_zones_of_its_prefixes) {
  for (const auto& [name, type, rcode] : {
           std::tuple{"7.0.4.6.3.3.6.c." + reverse_zone, Type::txt, Rcode::noerror},
           std::tuple{"6.c." + reverse_zone, Type::ptr, Rcode::noerror},
           std::tuple{"1.7.0.4.6.3.3.6.c." + reverse_zone, Type::ptr, Rcode::nxdomain},
           std::tuple{"x.6.c." + reverse_zone, Type::ptr, Rcode::nxdomain},
           std::tuple{reverse_zone, Type::soa, Rcode::noerror},
           std::tuple{std::string("6.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.b.9.f.f.4.6.0.0.ip6.arpa."), Type::a,
                      Rcode::noerror},
       }) {
    EXPECT_EQ(resolve({.name = name, .type = type}).rcode(), rcode) << name;
  }
  EXPECT_THAT(upstream.asked, IsEmpty());
}

TEST_F(ResolverTest, has_an_empty_reverse_zone_but_for_local_data_when_told_to) {
  const std::string name = "7.0.4.6.3.3.6.c." + reverse_zone;
  settings->dns64.policies.front().ptr = dns64::PtrMode::local;
  start();
  EXPECT_EQ(resolve({.name = name, .type = Type::ptr}).rcode(), Rcode::nxdomain);
  settings->local.add({*dns::Name::from_text(name), Type::ptr, *dns::rdata_from_text(Type::ptr, "translated.test.")});
  start();
  EXPECT_THAT(resolve({.name = name, .type = Type::ptr}).records(), ElementsAre(name + " 300 PTR translated.test."));
  EXPECT_THAT(upstream.asked, IsEmpty());
}

TEST_F(ResolverTest, treats_reverse_names_as_any_other_when_told_to) {
  const std::string name = "7.0.4.6.3.3.6.c." + reverse_zone;
  settings->dns64.policies.front().ptr = dns64::PtrMode::off;
  start();
  resolve({.name = name, .type = Type::ptr});
  EXPECT_THAT(upstream.asked, ElementsAre(name + " PTR"));
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

TEST_F(ResolverTest, lists_what_it_synthesized_by_policy) {
  serve_v4_only("v4.test");
  resolve({.name = "v4.test"});
  resolve({.name = "v4.test"});  // from the cache: counted alike
  resolve({.name = "v4.test", .type = dns::Type::a});
  const Ipv4OnlyReport report = resolver->ipv4_only();
  ASSERT_EQ(report.names.size(), 1u);
  EXPECT_EQ(report.names[0].name, "v4.test");
  EXPECT_EQ(report.names[0].by_policy.at("default"), 2u);
}

TEST_F(ResolverTest, lists_no_name_that_has_aaaa_records) {
  upstream.answer("dual.test.", dns::Type::aaaa, {"dual.test. 60 AAAA 2001:db8::1"});
  upstream.answer("dual.test.", dns::Type::a, {"dual.test. 60 A 198.51.100.1"});
  settings->dns64.policies[0].always = true;
  start();
  EXPECT_EQ(resolve({.name = "dual.test"}).records().size(), 2u);
  EXPECT_TRUE(resolver->ipv4_only().names.empty());
}

TEST_F(ResolverTest, explains_without_listing) {
  serve_v4_only("v4.test");
  Trace trace;
  Query query;
  const auto octets = query_octets({.name = "v4.test"});
  query.message = octets;
  query.client = {*ip::Address::from_text("::1"), Protocol::tcp};
  query.trace = &trace;
  TestClient waiting;
  resolver->explain(query, waiting, 1, room);
  EXPECT_TRUE(resolver->ipv4_only().names.empty());
}

}  // namespace
}  // namespace dragoman::resolve
