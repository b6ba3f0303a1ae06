// DNS64 with all its branches (RFC 6147 5.1), through the whole resolver.
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

TEST_F(ResolverTest, chooses_the_policy_by_the_door_that_a_query_came_by) {
  dns64::Policy door = everybody("2001:db8:aaaa::/96");
  door.name = "door";
  door.paths = {"/kids"};
  settings->dns64.policies.insert(settings->dns64.policies.begin(), door);
  start();
  serve_v4_only("v4.test");
  EXPECT_THAT(resolve({.name = "v4.test", .entrance = {"https://[::]:443/kids", "/kids", ""}}).records(),
              ElementsAre("v4.test. 300 AAAA 2001:db8:aaaa::c633:6407"));
  EXPECT_THAT(resolve({.name = "v4.test", .entrance = {"https://[::]:443/dns-query", "/dns-query", ""}}).records(),
              ElementsAre("v4.test. 300 AAAA 2001:db8:64::c633:6407"));
}

TEST_F(ResolverTest, leaves_excluded_names_alone) {
  settings->dns64.policies.front().exclude_names.add(*dns::Name::from_text("corp.test"));
  start();
  serve_v4_only("host.corp.test");
  const Reply reply = resolve({.name = "host.corp.test"});
  EXPECT_THAT(reply.records(), IsEmpty());
  EXPECT_EQ(reply.records(dns::Section::authority).size(), 1u);
  EXPECT_THAT(upstream.asked, ElementsAre("host.corp.test. AAAA"));
  EXPECT_EQ(metrics.dns64(Dns64Result::excluded_name).value(), 1u);
}

TEST_F(ResolverTest, uses_a_of_names_whose_aaaa_it_ignores) {
  settings->dns64.policies.front().ignore_aaaa_names.add(*dns::Name::from_text("broken.test"));
  start();
  upstream.answer("broken.test.", Type::aaaa, {"broken.test. 60 AAAA 2001:db8::1"});
  upstream.answer("broken.test.", Type::a, {"broken.test. 60 A 198.51.100.1"});
  EXPECT_THAT(resolve({.name = "broken.test"}).records(), ElementsAre("broken.test. 60 AAAA 2001:db8:64::c633:6401"));
}

TEST_F(ResolverTest, puts_synthetic_addresses_beside_native_ones_when_told_to) {
  settings->dns64.policies.front().always = true;
  start();
  upstream.answer("both.test.", Type::aaaa, {"both.test. 60 AAAA 2001:db8::1"});
  upstream.answer("both.test.", Type::a, {"both.test. 30 A 198.51.100.1"});
  for (int round = 0; round < 2; ++round) {  // from the upstream, then from the cache
    EXPECT_THAT(resolve({.name = "both.test"}).records(),
                ElementsAre("both.test. 30 AAAA 2001:db8::1", "both.test. 30 AAAA 2001:db8:64::c633:6401"));
  }
  upstream.answer("six.test.", Type::aaaa, {"six.test. 60 AAAA 2001:db8::1"});
  upstream.answer("six.test.", Type::a, {soa});
  EXPECT_THAT(resolve({.name = "six.test"}).records(), ElementsAre("six.test. 60 AAAA 2001:db8::1"));
}

TEST_F(ResolverTest, synthesizes_on_no_more_than_the_policy_says) {
  settings->dns64.policies.front().synthesize_on = dns64::SynthesizeOn::rcode;
  start();
  upstream.fail("silent.test.", Type::aaaa, upstream::Failure::timeout);
  upstream.answer("silent.test.", Type::a, {"silent.test. 60 A 198.51.100.1"});
  upstream.answer("refused.test.", Type::aaaa, {}, Rcode::servfail);
  upstream.answer("refused.test.", Type::a, {"refused.test. 60 A 198.51.100.1"});
  for (int round = 0; round < 2; ++round) {  // the cache knows the two apart, too
    EXPECT_EQ(resolve({.name = "silent.test"}).rcode(), Rcode::servfail);
    EXPECT_EQ(resolve({.name = "refused.test"}).records().size(), 1u);
  }
  settings->dns64.policies.front().synthesize_on = dns64::SynthesizeOn::nodata;
  start();
  EXPECT_EQ(resolve({.name = "refused.test"}).rcode(), Rcode::servfail);
}

TEST_F(ResolverTest, looks_at_a_after_nxdomain_when_told_to) {
  settings->dns64.policies.front().a_after_nxdomain = true;
  start();
  upstream.answer("liar.test.", Type::aaaa, {soa}, Rcode::nxdomain);
  upstream.answer("liar.test.", Type::a, {"liar.test. 3600 A 198.51.100.1"});
  EXPECT_THAT(resolve({.name = "liar.test"}).records(), ElementsAre("liar.test. 300 AAAA 2001:db8:64::c633:6401"));
  const Reply gone = resolve({.name = "gone.test"});
  EXPECT_EQ(gone.rcode(), Rcode::nxdomain);
}

TEST_F(ResolverTest, synthesizes_for_cd_alone_when_told_to) {
  settings->dns64.policies.front().synthesize_for_cd = true;
  start();
  serve_v4_only("v4.test");
  EXPECT_EQ(resolve({.name = "v4.test", .checking_disabled = true}).records().size(), 1u);
  EXPECT_THAT(resolve({.name = "v4.test", .dnssec_ok = true, .checking_disabled = true}).records(), IsEmpty());
}

TEST_F(ResolverTest, never_has_an_a_record_in_an_aaaa_answer) {
  upstream.answer("odd.test.", Type::aaaa, {"odd.test. 60 AAAA 2001:db8::1", "odd.test. 60 A 198.51.100.1"});
  upstream.answer("odd.test.", Type::a, {"odd.test. 60 A 198.51.100.1"});
  EXPECT_THAT(resolve({.name = "odd.test"}).records(), ElementsAre("odd.test. 60 AAAA 2001:db8::1"));
  upstream.answer("odder.test.", Type::aaaa, {"odder.test. 60 A 198.51.100.1", soa});
  upstream.answer("odder.test.", Type::a, {soa});
  EXPECT_THAT(resolve({.name = "odder.test"}).records(), IsEmpty());
}

// RFC 6147 5.1.7 with RFC 2308 5: nothing that may be used is NODATA, and NODATA has an SOA.
TEST_F(ResolverTest, denies_with_an_soa_when_no_address_may_be_mapped) {
  settings->dns64.policies.front().mappings = {{.prefixes = {ip::Pref64()}}};
  start();
  upstream.answer("denied.test.", Type::a, {"denied.test. 60 A 10.0.0.1"});
  upstream.answer("denied.test.", Type::aaaa, {soa});
  upstream.answer("bare.test.", Type::a, {"bare.test. 60 A 10.0.0.1"});
  upstream.answer("bare.test.", Type::aaaa, {});
  upstream.answer("error.test.", Type::a, {"error.test. 60 A 10.0.0.1"});
  upstream.answer("error.test.", Type::aaaa, {}, Rcode::servfail);
  upstream.answer("mapped.test.", Type::a, {"mapped.test. 60 A 10.0.0.1"});
  upstream.answer("mapped.test.", Type::aaaa, {"mapped.test. 60 AAAA ::ffff:9.9.9.9"});
  for (const char* name : {"denied.test", "bare.test", "error.test", "mapped.test"}) {
    const Reply reply = resolve({.name = name});
    EXPECT_EQ(reply.rcode(), Rcode::noerror) << name;
    EXPECT_THAT(reply.records(), IsEmpty()) << name;
    ASSERT_EQ(reply.records(dns::Section::authority).size(), 1u) << name;
    EXPECT_EQ(reply.records(dns::Section::authority)[0].starts_with("test. "), name == std::string("denied.test"));
    EXPECT_EQ(reply.ede(), 17) << name;
  }
}

TEST_F(ResolverTest, takes_ipv4_hints_out_where_the_policy_says_and_signatures_cannot_break) {
  settings->dns64.policies.front().svcb_hints = dns64::SvcbHints::strip_ipv4;
  start();
  upstream.answer("web.test.", Type::https, {"web.test. 60 HTTPS 1 . ipv4hint=192.0.2.1 ipv6hint=2001:db8::1"});
  for (int round = 0; round < 2; ++round) {
    EXPECT_THAT(resolve({.name = "web.test", .type = Type::https}).records(),
                ElementsAre("web.test. 60 HTTPS 1 . ipv6hint=2001:db8::1"));
  }
  EXPECT_THAT(resolve({.name = "web.test", .type = Type::https, .dnssec_ok = true}).records(),
              ElementsAre("web.test. 60 HTTPS 1 . ipv4hint=192.0.2.1 ipv6hint=2001:db8::1"));
}

}  // namespace
}  // namespace dragoman::resolve
