// Validation as clients see it: DO, CD and AD, what is bogus, and what DNS64 makes of it (RFC 4035, RFC 6147 5.5).
#include "validator.h"

#include "fakes/signed_world.h"
#include "fixture.h"

namespace dragoman::resolve {
namespace {

using dns::Rcode;
using dns::Section;
using dns::Type;
using testing::ElementsAre;
using testing::IsEmpty;

struct ValidatorTest : ResolverTest {
  ValidatorTest() {
    world.add_zone(".");
    world.add_zone("example.", ".");
    world.serve_text("example.", {"v6.example.", Type::aaaa}, "2001:db8::1");
    world.serve_text("example.", {"v4.example.", Type::a}, "198.51.100.7");
    world.deny("example.", {"v4.example.", Type::aaaa}, {Type::a});
    world.add_unsigned_zone("plain.", ".");
    upstream.answer("v4.plain.", Type::a, {"v4.plain. 300 A 198.51.100.8"});
    upstream.answer("v4.plain.", Type::aaaa, {"!plain. 300 SOA ns. host. 1 2 3 4 300"});
    validate();
  }
  void validate(std::vector<dnssec::NegativeTrustAnchor> negative = {}) {
    settings->anchors = world.anchors(std::move(negative));
    settings->validation_time = fakes::signing_time;
    start();
  }
  static bool is_authentic(const Reply& reply) { return reply.view.header().has(dns::Header::ad); }
  std::uint64_t count(dnssec::Security security) { return metrics.validations(security).value(); }

  fakes::SignedWorld world{upstream};
};

TEST_F(ValidatorTest, answers_secure_data_with_ad_to_who_asks_for_it) {
  EXPECT_FALSE(is_authentic(resolve({.name = "v6.example"})));
  EXPECT_TRUE(is_authentic(resolve({.name = "v6.example", .authentic_wanted = true})));
  EXPECT_TRUE(is_authentic(resolve({.name = "v6.example", .dnssec_ok = true})));
  EXPECT_EQ(count(dnssec::Security::secure), 2u) << "with DO and without";
}

// RFC 4035 3.2.1.
TEST_F(ValidatorTest, gives_signatures_to_those_with_do_alone) {
  EXPECT_THAT(resolve({.name = "v6.example"}).records(), ElementsAre("v6.example. 300 AAAA 2001:db8::1"));
  EXPECT_EQ(resolve({.name = "v6.example", .dnssec_ok = true}).records().size(), 2u);
}

TEST_F(ValidatorTest, says_servfail_and_why_for_bogus_data_and_remembers_it) {
  auto records = world.signed_rrset("example.", {"bad.example.", Type::a}, {{198, 51, 100, 9}}, Section::answer);
  records.back().rdata.back() ^= 1;
  world.say({"bad.example.", Type::a}, Rcode::noerror, records);
  for (int i = 0; i < 2; ++i) {
    const Reply reply = resolve({.name = "bad.example", .type = Type::a});
    EXPECT_EQ(reply.rcode(), Rcode::servfail);
    EXPECT_EQ(reply.ede(), 6);
    EXPECT_THAT(reply.records(), IsEmpty());
  }
  EXPECT_EQ(count(dnssec::Security::bogus), 2u) << "asked once more, then remembered";
  EXPECT_EQ(metrics.validation_reasons(dnssec::Reason::signature_wrong).value(), 2u);
}

// RFC 4035 3.2.2: whoever disables checking gets it all the same, and no AD.
TEST_F(ValidatorTest, leaves_data_to_those_with_cd) {
  auto records = world.signed_rrset("example.", {"bad.example.", Type::a}, {{198, 51, 100, 9}}, Section::answer);
  records.back().rdata.back() ^= 1;
  world.say({"bad.example.", Type::a}, Rcode::noerror, records);
  const Reply reply = resolve({.name = "bad.example", .type = Type::a, .dnssec_ok = true, .checking_disabled = true});
  EXPECT_EQ(reply.rcode(), Rcode::noerror);
  EXPECT_EQ(reply.records().size(), 2u);
  EXPECT_FALSE(is_authentic(reply));
  const Reply good = resolve({.name = "v6.example", .dnssec_ok = true, .checking_disabled = true});
  EXPECT_FALSE(is_authentic(good));
}

TEST_F(ValidatorTest, wants_signatures_in_a_signed_zone) {
  upstream.answer("stripped.example.", Type::a, {"stripped.example. 300 A 198.51.100.9"});
  world.deny("example.", {"stripped.example.", Type::ds}, {Type::a});
  const Reply reply = resolve({.name = "stripped.example", .type = Type::a});
  EXPECT_EQ(reply.rcode(), Rcode::servfail);
  EXPECT_EQ(reply.ede(), 10);
}

TEST_F(ValidatorTest, takes_unsigned_data_below_a_proven_unsigned_delegation) {
  const Reply reply = resolve({.name = "v4.plain", .type = Type::a, .dnssec_ok = true});
  EXPECT_EQ(reply.rcode(), Rcode::noerror);
  EXPECT_FALSE(is_authentic(reply));
  EXPECT_EQ(count(dnssec::Security::insecure), 1u);
}

// RFC 7646.
TEST_F(ValidatorTest, takes_anything_below_a_negative_trust_anchor) {
  upstream.answer("stripped.example.", Type::a, {"stripped.example. 300 A 198.51.100.9"});
  validate({{*dns::Name::from_text("example."), {}}});
  const Reply reply = resolve({.name = "stripped.example", .type = Type::a, .dnssec_ok = true});
  EXPECT_EQ(reply.rcode(), Rcode::noerror);
  EXPECT_FALSE(is_authentic(reply));
}

// Its signatures name a zone that is validated, and are not asked for.
TEST_F(ValidatorTest, takes_a_name_within_a_zone_that_a_negative_trust_anchor_excepts) {
  auto records = world.signed_rrset("example.", {"a.bad.example.", Type::a}, {{198, 51, 100, 9}}, Section::answer);
  records.back().rdata.back() ^= 1;
  world.say({"a.bad.example.", Type::a}, Rcode::noerror, records);
  upstream.answer("a.bad.example.", Type::aaaa, {"!example. 300 SOA ns. host. 1 2 3 4 300"});
  validate({{*dns::Name::from_text("bad.example."), {}}});
  const Reply reply = resolve({.name = "a.bad.example", .type = Type::a, .authentic_wanted = true});
  EXPECT_THAT(reply.records(), ElementsAre("a.bad.example. 300 A 198.51.100.9"));
  EXPECT_FALSE(is_authentic(reply));
  EXPECT_EQ(resolve({.name = "a.bad.example", .dnssec_ok = true}).rcode(), Rcode::noerror) << "nothing denies AAAA";
  EXPECT_TRUE(is_authentic(resolve({.name = "v6.example", .authentic_wanted = true})));
}

TEST_F(ValidatorTest, proves_that_a_name_does_not_exist) {
  world.deny_name("example.", {"no.example.", Type::a});
  const Reply reply = resolve({.name = "no.example", .type = Type::a, .dnssec_ok = true});
  EXPECT_EQ(reply.rcode(), Rcode::nxdomain);
  EXPECT_TRUE(is_authentic(reply));
  EXPECT_EQ(reply.records(Section::authority).size(), 4u);
  EXPECT_EQ(resolve({.name = "no.example", .type = Type::a}).records(Section::authority).size(), 1u);
}

TEST_F(ValidatorTest, gives_no_record_a_longer_life_than_its_signature) {
  const std::uint32_t now = fakes::seconds_of(fakes::signing_time);
  world.serve_text("example.", {"old.example.", Type::a}, "198.51.100.9", {.expiration = now + 20});
  EXPECT_THAT(resolve({.name = "old.example", .type = Type::a}).records(),
              ElementsAre("old.example. 20 A 198.51.100.9"));
}

TEST_F(ValidatorTest, asks_for_the_chain_once) {
  resolve({.name = "v6.example"});
  EXPECT_THAT(upstream.asked, ElementsAre("v6.example. AAAA", ". DNSKEY", "example. DS", "example. DNSKEY"));
  upstream.asked.clear();
  world.serve_text("example.", {"other.example.", Type::a}, "198.51.100.9");
  resolve({.name = "other.example", .type = Type::a});
  EXPECT_THAT(upstream.asked, ElementsAre("other.example. A"));
}

TEST_F(ValidatorTest, starts_anew_with_other_anchors) {
  resolve({.name = "v6.example"});
  cache.clear();
  upstream.asked.clear();
  resolver->apply([&] {
    settings->anchors = world.anchors();
    return std::make_shared<const Settings>(*settings);
  }());
  resolve({.name = "v6.example"});
  EXPECT_THAT(upstream.asked, testing::Contains(". DNSKEY"));
}

TEST_F(ValidatorTest, is_bogus_while_nobody_gives_the_keys) {
  upstream.fail("example.", Type::dnskey, upstream::Failure::timeout);
  const Reply reply = resolve({.name = "v6.example", .type = Type::aaaa});
  EXPECT_EQ(reply.rcode(), Rcode::servfail);
  EXPECT_EQ(reply.ede(), 9);
}

// Also where the reply is made of an answer to another question.
TEST_F(ValidatorTest, says_why_a_reverse_name_is_bogus) {
  const std::string target = "7.100.51.198.in-addr.arpa.";
  world.add_zone("arpa.", ".");
  for (const char* above : {"in-addr.arpa.", "198.in-addr.arpa.", "51.198.in-addr.arpa.", "100.51.198.in-addr.arpa."}) {
    world.deny("arpa.", {above, Type::ds}, {});
  }
  validate();
  auto records = world.signed_rrset("arpa.", {target, Type::ptr}, {*dns::rdata_from_text(Type::ptr, "v4.example.")},
                                    Section::answer);
  records.back().rdata.back() ^= 1;
  world.say({target, Type::ptr}, Rcode::noerror, records);
  const std::string name = "7.0.4.6.3.3.6.c.0.0.0.0.0.0.0.0.0.0.0.0.4.6.0.0.8.b.d.0.1.0.0.2.ip6.arpa";
  for (int i = 0; i < 2; ++i) {
    const Reply reply = resolve({.name = name, .type = Type::ptr});
    EXPECT_EQ(reply.rcode(), Rcode::servfail);
    EXPECT_EQ(reply.ede(), 6);
  }
}

// RFC 8198.
TEST_F(ValidatorTest, answers_what_validated_denials_prove_without_asking) {
  world.deny_name("example.", {"no.example.", Type::a});
  resolve({.name = "no.example", .type = Type::a});
  upstream.asked.clear();
  const Reply other = resolve({.name = "nothing.example", .type = Type::txt, .dnssec_ok = true});
  EXPECT_EQ(other.rcode(), Rcode::nxdomain);
  EXPECT_TRUE(is_authentic(other));
  EXPECT_EQ(other.records(Section::authority).size(), 4u);
  EXPECT_THAT(upstream.asked, IsEmpty());
  EXPECT_EQ(metrics.cache_hits(CacheHit::proven).value(), 1u);
  resolve({.name = "nothing.example", .type = Type::txt, .dnssec_ok = true, .checking_disabled = true});
  EXPECT_THAT(upstream.asked, ElementsAre("nothing.example. TXT")) << "CD wants to hear it from the upstream";
}

TEST_F(ValidatorTest, synthesizes_from_a_denial_that_it_had_already) {
  world.deny("example.", {"v4.example.", Type::txt}, {Type::a});
  resolve({.name = "v4.example", .type = Type::txt});
  upstream.asked.clear();
  const Reply reply = resolve({.name = "v4.example", .dnssec_ok = true});
  EXPECT_THAT(reply.records(), ElementsAre("v4.example. 300 AAAA 2001:db8:64::c633:6407"));
  EXPECT_TRUE(is_authentic(reply));
  EXPECT_THAT(upstream.asked, ElementsAre("v4.example. A"));
}

TEST_F(ValidatorTest, does_without_denials_when_told_to) {
  settings->uses_denials = false;
  start();
  world.deny_name("example.", {"no.example.", Type::a});
  world.deny_name("example.", {"nothing.example.", Type::a});
  resolve({.name = "no.example", .type = Type::a});
  upstream.asked.clear();
  resolve({.name = "nothing.example", .type = Type::a});
  EXPECT_THAT(upstream.asked, ElementsAre("nothing.example. A"));
}

// What was judged by other anchors must not come out of the cache.
TEST_F(ValidatorTest, forgets_what_was_judged_otherwise) {
  resolve({.name = "v6.example"});
  upstream.asked.clear();
  settings->anchors = world.anchors();
  resolver->apply(std::make_shared<const Settings>(*settings));
  resolve({.name = "v6.example"});
  EXPECT_THAT(upstream.asked, IsEmpty()) << "the same anchors, read again";
  settings->anchors = world.anchors({{*dns::Name::from_text("example."), {}}});
  resolver->apply(std::make_shared<const Settings>(*settings));
  EXPECT_FALSE(is_authentic(resolve({.name = "v6.example", .authentic_wanted = true})));
  EXPECT_THAT(upstream.asked, ElementsAre("v6.example. AAAA"));
}

// RFC 6840 5.9: an upstream that validates may find a better server when it is not told to leave that to us.
TEST_F(ValidatorTest, asks_once_more_for_what_is_bogus) {
  auto records = world.signed_rrset("example.", {"bad.example.", Type::a}, {{198, 51, 100, 9}}, Section::answer);
  auto forged = records;
  forged.back().rdata.back() ^= 1;
  int asked = 0;
  upstream.script("bad.example.", Type::a, [&](const dns::Question& question) {
    return fakes::outcome_of(question, Rcode::noerror, asked++ == 0 ? forged : records);
  });
  EXPECT_TRUE(is_authentic(resolve({.name = "bad.example", .type = Type::a, .dnssec_ok = true})));
  EXPECT_EQ(asked, 2);
  EXPECT_EQ(metrics.validations_mended.value(), 1u);
}

TEST_F(ValidatorTest, asks_once_more_for_keys_that_prove_nothing) {
  const auto keys =
      world.signed_rrset("example.", {"example.", Type::dnskey}, {world.key_of("example.").dnskey()}, Section::answer);
  int asked = 0;
  upstream.script("example.", Type::dnskey, [&](const dns::Question& question) {
    return fakes::outcome_of(question, Rcode::noerror, asked++ == 0 ? fakes::WireRecords{} : keys);
  });
  EXPECT_EQ(resolve({.name = "v6.example"}).rcode(), Rcode::noerror);
  EXPECT_EQ(asked, 2);
}

// -- DNS64, RFC 6147 5.5 --

TEST_F(ValidatorTest, synthesizes_from_validated_answers_and_vouches_for_it) {
  const Reply reply = resolve({.name = "v4.example", .dnssec_ok = true});
  EXPECT_THAT(reply.records(), ElementsAre("v4.example. 300 AAAA 2001:db8:64::c633:6407"));
  EXPECT_TRUE(is_authentic(reply));
  EXPECT_EQ(reply.ede(), 29);
  EXPECT_THAT(reply.records(Section::authority), IsEmpty());
  EXPECT_FALSE(is_authentic(resolve({.name = "v4.example"})));
  EXPECT_TRUE(is_authentic(resolve({.name = "v4.example", .authentic_wanted = true})));
}

TEST_F(ValidatorTest, synthesizes_in_an_unsigned_zone_without_ad) {
  const Reply reply = resolve({.name = "v4.plain", .dnssec_ok = true});
  EXPECT_THAT(reply.records(), ElementsAre("v4.plain. 300 AAAA 2001:db8:64::c633:6408"));
  EXPECT_FALSE(is_authentic(reply));
}

// Whoever can strip or forge a denial could lead a whole network through the NAT64.
TEST_F(ValidatorTest, synthesizes_nothing_when_the_denial_of_aaaa_is_stripped_or_forged) {
  world.deny("example.", {"v4.example.", Type::ds}, {Type::a});
  upstream.answer("v4.example.", Type::aaaa, {"!example. 300 SOA ns. host. 1 2 3 4 300"});
  const Reply stripped = resolve({.name = "v4.example"});
  EXPECT_EQ(stripped.rcode(), Rcode::servfail);
  EXPECT_EQ(stripped.ede(), 12);
  auto forged = world.denial("example.", "v4.example.", "v40.example.", {Type::a});
  forged.back().rdata.back() ^= 1;
  world.say({"v4.example.", Type::aaaa}, Rcode::noerror, forged);
  cache.clear();
  const Reply reply = resolve({.name = "v4.example", .dnssec_ok = true});
  EXPECT_EQ(reply.rcode(), Rcode::servfail);
  EXPECT_EQ(reply.ede(), 6);
  EXPECT_EQ(metrics.dns64(Dns64Result::bogus).value(), 2u);
}

TEST_F(ValidatorTest, synthesizes_nothing_from_a_bogus_a) {
  auto records = world.signed_rrset("example.", {"v4.example.", Type::a}, {{198, 51, 100, 9}}, Section::answer);
  records.back().rdata.back() ^= 1;
  world.say({"v4.example.", Type::a}, Rcode::noerror, records);
  const Reply reply = resolve({.name = "v4.example"});
  EXPECT_EQ(reply.rcode(), Rcode::servfail);
  EXPECT_EQ(reply.ede(), 6);
}

// RFC 6147 5.1.2 says to take an error for a denial; 5.5 says to validate it. There is nothing to validate.
TEST_F(ValidatorTest, synthesizes_nothing_in_a_signed_zone_whose_aaaa_cannot_be_had) {
  upstream.fail("v4.example.", Type::aaaa, upstream::Failure::timeout);
  const Reply reply = resolve({.name = "v4.example"});
  EXPECT_EQ(reply.rcode(), Rcode::servfail);
  EXPECT_EQ(reply.ede(), 12);
  EXPECT_EQ(metrics.dns64(Dns64Result::unproven).value(), 1u);
  upstream.fail("v4.plain.", Type::aaaa, upstream::Failure::timeout);
  EXPECT_EQ(resolve({.name = "v4.plain"}).records().size(), 1u) << "an unsigned zone proves nothing anyway";
  settings->synthesizes_on_error = true;
  cache.clear();
  start();
  EXPECT_EQ(resolve({.name = "v4.example"}).records().size(), 1u) << "told to";
}

TEST_F(ValidatorTest, synthesizes_nothing_for_clients_that_validate_themselves) {
  const Reply reply = resolve({.name = "v4.example", .dnssec_ok = true, .checking_disabled = true});
  EXPECT_THAT(reply.records(), IsEmpty());
  EXPECT_EQ(reply.records(Section::authority).size(), 4u);
}

}  // namespace
}  // namespace dragoman::resolve
