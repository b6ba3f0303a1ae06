// The steps of a query that answer at once: built-in names, local data, cache.
#include <cstdlib>
#include <new>

#include "fixture.h"

// Counts what the whole program allocates, for the tests that say how much a hit may: nothing.
static std::size_t allocations = 0;
void* operator new(std::size_t size) {
  ++allocations;
  if (void* block = std::malloc(size)) return block;
  throw std::bad_alloc();
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size);
}
void operator delete(void* block) noexcept { std::free(block); }
void operator delete(void* block, std::size_t) noexcept { std::free(block); }

namespace dragoman::resolve {
namespace {

using dns::Rcode;
using dns::Type;
using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(ResolverTest, asks_an_upstream_once_and_the_cache_from_then_on) {
  upstream.answer("host.test.", Type::a, {"host.test. 60 A 198.51.100.1"});
  const Ask ask{.name = "host.test", .type = Type::a};
  EXPECT_THAT(resolve(ask).records(), ElementsAre("host.test. 60 A 198.51.100.1"));
  TestClient client;
  EXPECT_EQ(handle(query_octets(ask), ask, client).handled, Handled::answered);
  EXPECT_THAT(upstream.asked, ElementsAre("host.test. A"));
  EXPECT_EQ(metrics.cache_hits(CacheHit::positive).value(), 1u);
  EXPECT_EQ(metrics.cache_misses.value(), 1u);
}

TEST_F(ResolverTest, keeps_answers_with_and_without_dnssec_apart) {
  upstream.answer("host.test.", Type::a, {"host.test. 60 A 198.51.100.1"});
  resolve({.name = "host.test", .type = Type::a});
  resolve({.name = "host.test", .type = Type::a, .dnssec_ok = true});
  resolve({.name = "host.test", .type = Type::a, .checking_disabled = true});
  EXPECT_EQ(upstream.asked.size(), 3u);
}

// RFC 2308 5, RFC 8020.
TEST_F(ResolverTest, asks_nothing_of_or_below_a_name_that_does_not_exist) {
  EXPECT_EQ(resolve({.name = "gone.test", .type = Type::a}).rcode(), Rcode::nxdomain);
  EXPECT_EQ(resolve({.name = "gone.test", .type = Type::mx}).rcode(), Rcode::nxdomain);
  const Reply below = resolve({.name = "a.b.gone.test"});
  EXPECT_EQ(below.rcode(), Rcode::nxdomain);
  EXPECT_THAT(below.records(dns::Section::authority), ElementsAre("test. 300 SOA ns.test. host.test. 1 2 3 4 300"));
  EXPECT_THAT(upstream.asked, ElementsAre("gone.test. A"));
  EXPECT_EQ(metrics.cache_hits(CacheHit::nxdomain_cut).value(), 2u);
}

TEST_F(ResolverTest, believes_data_of_a_name_more_than_a_denial_of_it) {
  upstream.answer("half.test.", Type::a, {"half.test. 60 A 198.51.100.1"});
  resolve({.name = "half.test", .type = Type::a});
  EXPECT_EQ(resolve({.name = "half.test", .type = Type::aaaa, .checking_disabled = true}).rcode(), Rcode::nxdomain);
  EXPECT_EQ(resolve({.name = "half.test"}).rcode(), Rcode::nxdomain) << "RFC 6147 5.1.2";
  EXPECT_EQ(resolve({.name = "half.test", .type = Type::a}).rcode(), Rcode::noerror);
}

TEST_F(ResolverTest, believes_no_denial_of_a_name_above_the_zone_of_a_route) {
  settings->routed.add(*dns::Name::from_text("corp.gone.test"));
  start();
  upstream.answer("www.corp.gone.test.", Type::a, {"www.corp.gone.test. 60 A 198.51.100.1"});
  EXPECT_EQ(resolve({.name = "gone.test", .type = Type::a}).rcode(), Rcode::nxdomain);
  EXPECT_EQ(resolve({.name = "www.corp.gone.test", .type = Type::a}).rcode(), Rcode::noerror);
  EXPECT_EQ(resolve({.name = "no.corp.gone.test", .type = Type::a}).rcode(), Rcode::nxdomain);
  EXPECT_EQ(resolve({.name = "x.no.corp.gone.test", .type = Type::a}).rcode(), Rcode::nxdomain);
  EXPECT_THAT(upstream.asked, ElementsAre("gone.test. A", "www.corp.gone.test. A", "no.corp.gone.test. A"));
}

TEST_F(ResolverTest, denies_nothing_in_the_world_because_of_local_data) {
  settings->special = SpecialNames(SpecialNamesOptions());
  start();
  EXPECT_EQ(resolve({.name = "x.onion", .type = Type::a}).rcode(), Rcode::nxdomain);
  EXPECT_EQ(cache.stats().entries, 0u);
}

TEST_F(ResolverTest, answers_any_with_one_small_record) {
  const Reply reply = resolve({.name = "host.test", .type = Type::any});
  ASSERT_EQ(reply.records().size(), 1u);
  EXPECT_THAT(reply.records().front(), testing::HasSubstr("HINFO \"RFC8482\""));
}

TEST_F(ResolverTest, answers_local_data_without_an_upstream) {
  settings->local.add({*dns::Name::from_text("box.test"), Type::a, {192, 168, 1, 1}, seconds(120)});
  start();
  EXPECT_THAT(resolve({.name = "BOX.test", .type = Type::a}).records(), ElementsAre("BOX.test. 120 A 192.168.1.1"));
  const Reply nodata = resolve({.name = "box.test", .type = Type::mx});
  EXPECT_EQ(nodata.rcode(), Rcode::noerror);
  EXPECT_THAT(nodata.records(), IsEmpty());
  EXPECT_EQ(nodata.records(dns::Section::authority).size(), 1u);
  EXPECT_THAT(upstream.asked, IsEmpty());
}

TEST_F(ResolverTest, synthesizes_from_local_data_like_from_any_other) {
  settings->local.add({*dns::Name::from_text("box.test"), Type::a, {192, 0, 2, 80}, seconds(120)});
  start();
  EXPECT_THAT(resolve({.name = "box.test"}).records(), ElementsAre("box.test. 120 AAAA 2001:db8:64::c000:250"));
  EXPECT_THAT(upstream.asked, IsEmpty());
}

TEST_F(ResolverTest, never_forwards_names_that_exist_empty_or_not_at_all) {
  settings->special = SpecialNames(SpecialNamesOptions());
  settings->local.add_empty_below(*dns::Name::from_text("probe.test"));
  start();
  EXPECT_EQ(resolve({.name = "_dns.resolver.arpa", .type = Type::svcb}).rcode(), Rcode::noerror);
  EXPECT_EQ(resolve({.name = "x.onion", .type = Type::a}).rcode(), Rcode::nxdomain);
  EXPECT_EQ(resolve({.name = "x1y2-dnsotls-ds.probe.test"}).rcode(), Rcode::noerror);
  EXPECT_THAT(upstream.asked, IsEmpty());
  EXPECT_EQ(metrics.special_names.value(), 2u);
}

TEST_F(ResolverTest, never_synthesizes_for_localhost) {
  settings->special = SpecialNames(SpecialNamesOptions());
  settings->dns64.policies[0].always = true;
  start();
  EXPECT_THAT(resolve({.name = "localhost"}).records(), ElementsAre("localhost. 10800 AAAA ::1"));
  EXPECT_THAT(resolve({.name = "app.localhost", .type = Type::a}).records(),
              ElementsAre("app.localhost. 10800 A 127.0.0.1"));
  EXPECT_THAT(upstream.asked, IsEmpty());
}

TEST_F(ResolverTest, prefers_local_data_and_routes_to_special_names) {
  settings->special = SpecialNames(SpecialNamesOptions());
  settings->local.add({*dns::Name::from_text("nas.attic.home.arpa"), Type::a, {192, 0, 2, 80}, seconds(120)});
  settings->routed.add(*dns::Name::from_text("corp.home.arpa"));
  upstream.answer("www.corp.home.arpa.", Type::a, {"www.corp.home.arpa. 60 A 198.51.100.1"});
  start();
  EXPECT_THAT(resolve({.name = "nas.attic.home.arpa", .type = Type::a}).records(),
              ElementsAre("nas.attic.home.arpa. 120 A 192.0.2.80"));
  EXPECT_EQ(resolve({.name = "attic.home.arpa", .type = Type::a}).rcode(), Rcode::noerror) << "it has one below";
  EXPECT_EQ(resolve({.name = "other.home.arpa", .type = Type::a}).rcode(), Rcode::nxdomain);
  EXPECT_THAT(upstream.asked, IsEmpty());
  EXPECT_EQ(resolve({.name = "www.corp.home.arpa", .type = Type::a}).records().size(), 1u);
}

// RFC 6147 5.3.1 meets RFC 6303: what DNS64 asks by itself does not leak either.
TEST_F(ResolverTest, keeps_reverse_names_of_private_addresses_under_a_prefix) {
  settings->special = SpecialNames(SpecialNamesOptions());
  start();
  const std::string name = "1.0.0.0.0.0.a.0.0.0.0.0.0.0.0.0.0.0.0.0.4.6.0.0.8.b.d.0.1.0.0.2.ip6.arpa";
  EXPECT_EQ(resolve({.name = name, .type = Type::ptr}).rcode(), Rcode::nxdomain);
  EXPECT_THAT(upstream.asked, IsEmpty());
}

// RFC 8880 7.1: the zone is unsigned, so a client that validates by itself may be answered from here, too.
TEST_F(ResolverTest, answers_ipv4only_arpa_to_clients_that_validate) {
  const Reply reply = resolve({.name = "ipv4only.arpa", .dnssec_ok = true, .checking_disabled = true});
  EXPECT_EQ(reply.records().size(), 2u);
  EXPECT_THAT(upstream.asked, IsEmpty());
}

TEST_F(ResolverTest, forgets_what_it_kept_when_the_filter_changes) {
  upstream.answer("rebind.test.", Type::a, {"rebind.test. 60 A 192.168.0.1"});
  const Ask ask{.name = "rebind.test", .type = Type::a};
  EXPECT_EQ(resolve(ask).records().size(), 1u);
  RebindingOptions options;
  options.enabled = true;
  settings->rebinding = RebindingFilter(options, {});
  resolver->apply(std::make_shared<const Settings>(*settings));
  const Reply filtered = resolve(ask);
  EXPECT_THAT(filtered.records(), IsEmpty());
  EXPECT_EQ(filtered.ede(), 15);
  EXPECT_EQ(resolve(ask).ede(), 15) << "from the cache";
  EXPECT_EQ(upstream.asked.size(), 2u);
  EXPECT_EQ(metrics.rebinding_blocked.value(), 1u);
}

TEST_F(ResolverTest, synthesizes_nothing_where_a_route_says_so) {
  serve_v4_only("host.corp.test");
  serve_v4_only("www.corp.test");
  settings->dns64_by_route.add(*dns::Name::from_text("corp.test"), false);
  settings->dns64_by_route.add(*dns::Name::from_text("www.corp.test"), true);
  start();
  EXPECT_THAT(resolve({.name = "host.CORP.test"}).records(), IsEmpty());
  EXPECT_THAT(resolve({.name = "host.corp.test"}).records(), IsEmpty());  // from the cache
  EXPECT_EQ(resolve({.name = "www.corp.test"}).records().size(), 1u);
}

TEST_F(ResolverTest, obeys_new_settings_with_the_next_query_and_keeps_the_cache) {
  serve_v4_only("v4.test");
  EXPECT_EQ(resolve({.name = "v4.test"}).records().size(), 1u);
  Settings changed = *settings;
  changed.dns64.policies = {everybody("2001:db8:aaaa::/96")};
  resolver->apply(std::make_shared<const Settings>(changed));
  EXPECT_THAT(resolve({.name = "v4.test"}).records(), ElementsAre(testing::HasSubstr("AAAA 2001:db8:aaaa::c633:6407")));
  EXPECT_EQ(upstream.asked.size(), 2u);
}

TEST_F(ResolverTest, counts_requests_and_responses_by_protocol) {
  upstream.answer("host.test.", Type::a, {"host.test. 60 A 198.51.100.1"});
  resolve({.name = "host.test", .type = Type::a, .protocol = Protocol::doh, .from = "127.0.0.1"});
  EXPECT_EQ(metrics.requests(Protocol::doh, Family::v4, QueryType::a).value(), 1u);
  EXPECT_EQ(metrics.responses(Protocol::doh, ReplyCode::noerror).value(), 1u);
}

TEST_F(ResolverTest, allocates_nothing_for_what_it_knows) {
  serve_v4_only("v4.test");
  settings->local.add({*dns::Name::from_text("box.test"), Type::a, {192, 0, 2, 80}, seconds(120)});
  settings->special = SpecialNames(SpecialNamesOptions());
  start();
  resolve({.name = "v4.test"});
  TestClient client;
  for (const Ask& ask : {Ask{.name = "v4.test"}, Ask{.name = "v4.test", .type = Type::a, .protocol = Protocol::udp},
                         Ask{.name = "box.test"}, Ask{.name = "ipv4only.arpa"}, Ask{.name = "x", .from = "2001:db8::1"},
                         Ask{.name = "localhost"}, Ask{.name = "1.0.0.10.in-addr.arpa", .type = Type::a}}) {
    const auto message = query_octets(ask);
    const Query query{message, {*ip::Address::from_text(ask.from), ask.protocol}, 300};
    const std::size_t before = allocations;
    const HandleResult result = resolver->handle(query, client, 1, room);
    EXPECT_EQ(allocations, before) << ask.name;
    EXPECT_EQ(result.handled, Handled::answered);
  }
}

TEST_F(ResolverTest, allocates_nothing_for_cookies_and_limits) {
  serve_v4_only("v4.test");
  settings->cookies = std::make_shared<const ServerCookies>(CookieOptions(), 0);
  settings->rate_limits = RateLimits::make({.queries_per_second = 100, .responses_per_second = 100});
  start();
  resolve({.name = "v4.test"});
  const Ask ask{.name = "v4.test", .protocol = Protocol::udp, .options = {0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8}};
  const auto message = query_octets(ask);
  const Query query{message, {*ip::Address::from_text(ask.from), ask.protocol}, 0};
  TestClient client;
  const std::size_t before = allocations;
  EXPECT_EQ(resolver->handle(query, client, 1, room).handled, Handled::answered);
  EXPECT_EQ(allocations, before);
}

}  // namespace
}  // namespace dragoman::resolve
