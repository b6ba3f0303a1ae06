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

}  // namespace
}  // namespace dragoman::resolve
