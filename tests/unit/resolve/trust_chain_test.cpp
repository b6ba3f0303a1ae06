// The way down from an anchor: what is asked for, what is remembered, and whom it harms when the way is made long.
#include "trust_chain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakes/signed_world.h"

namespace dragoman::resolve {
namespace {

using dns::Type;
using dnssec::Reason;
using dnssec::Security;
using testing::ElementsAre;
using testing::IsEmpty;

struct TrustChains : testing::Test, private ChainSource {
  TrustChains() {
    world.add_zone(".");
    world.add_zone("example.", ".");
    world.add_zone("deep.down.example.", "example.");
    world.deny("example.", {"down.example.", Type::ds}, {});
    world.add_unsigned_zone("plain.", ".");
  }
  Task<std::optional<dns::Answer>> fetch(dns::Name name, Type type, bool again) override {
    const upstream::Outcome outcome = co_await upstream.ask({name, type, true, !again});
    co_return outcome.answer;
  }
  Task<void> run(dns::Name name, Validation& shared, dnssec::Standing& out) {
    out = co_await chain.stand(name, shared);
  }
  dnssec::Standing stand(const std::string& text) {
    validation.emplace(Validation{anchors, dnssec::Budget(limits), fakes::signing_time, &checks});
    dnssec::Standing standing;
    Task<void> task = run(*dns::Name::from_text(text), *validation, standing);
    task.start();
    return standing;
  }

  net::EventLoop loop;
  fakes::FakeUpstream upstream;
  fakes::SignedWorld world{upstream};
  dnssec::Limits limits;
  std::shared_ptr<const dnssec::TrustAnchors> anchors;
  std::vector<Check> checks;
  std::optional<Validation> validation;
  TrustChain chain{loop, *this};
};

TEST_F(TrustChains, lead_down_zone_by_zone) {
  anchors = world.anchors();
  const dnssec::Standing standing = stand("www.deep.down.example.");
  EXPECT_EQ(standing.verdict.security, Security::bogus) << "nobody has said anything of www";
  EXPECT_THAT(upstream.asked,
              ElementsAre(". DNSKEY", "example. DS", "example. DNSKEY", "down.example. DS", "deep.down.example. DS",
                          "deep.down.example. DNSKEY", "www.deep.down.example. DS", "www.deep.down.example. DS"))
      << "the last one again, since it proved nothing";
  upstream.asked.clear();
  const dnssec::Standing zone = stand("deep.down.example.");
  EXPECT_TRUE(zone.is_secure());
  EXPECT_EQ(zone.keys->zone.to_text(), "deep.down.example.");
  EXPECT_THAT(upstream.asked, IsEmpty()) << "it is remembered";
}

TEST_F(TrustChains, tell_what_they_checked) {
  anchors = world.anchors();
  stand("deep.down.example.");
  std::vector<std::string> told;
  for (const Check& check : checks) told.push_back(check.name.to_text());
  EXPECT_THAT(told, ElementsAre(".", "example.", "down.example.", "deep.down.example."));
  EXPECT_EQ(checks[2].kind, Check::Kind::inside);
  EXPECT_EQ(checks[1].key_tags.size(), 1u);
}

TEST_F(TrustChains, end_at_an_unsigned_delegation) {
  anchors = world.anchors();
  EXPECT_EQ(stand("a.b.c.plain.").verdict, dnssec::verdict_of(Reason::no_ds));
  EXPECT_EQ(upstream.asked.size(), 2u);
}

TEST_F(TrustChains, begin_at_the_deepest_anchor_or_nowhere) {
  world.add_zone("island.plain.");
  anchors = world.anchors();
  EXPECT_TRUE(stand("island.plain.").is_secure());
  EXPECT_THAT(upstream.asked, ElementsAre("island.plain. DNSKEY"));
  anchors = std::make_shared<const dnssec::TrustAnchors>();
  EXPECT_EQ(stand("example.").verdict.security, Security::indeterminate);
}

TEST_F(TrustChains, stop_at_a_negative_trust_anchor) {
  anchors = world.anchors({{*dns::Name::from_text("example."), {}}});
  EXPECT_EQ(stand("deep.down.example.").verdict, dnssec::verdict_of(Reason::negative_trust_anchor));
  EXPECT_THAT(upstream.asked, IsEmpty());
}

TEST_F(TrustChains, have_a_bounded_length) {
  anchors = world.anchors();
  limits.chain_lookups = 3;
  EXPECT_EQ(stand("deep.down.example.").verdict, dnssec::verdict_of(Reason::too_much_work));
  EXPECT_EQ(validation->budget.exceeded(), dnssec::Limit::chain_lookups);
  EXPECT_TRUE(stand("example.").is_secure());
  EXPECT_TRUE(stand("deep.down.example.").is_secure()) << "the next question goes on from there";
}

// Who spends the work of a question elsewhere must not make a zone bogus for everybody.
TEST_F(TrustChains, remember_no_zone_as_broken_for_want_of_budget) {
  anchors = world.anchors();
  limits.verifications = 2;  // the keys of the root, the DS record of example.
  EXPECT_EQ(stand("example.").verdict, dnssec::verdict_of(Reason::too_much_work));
  limits.verifications = 64;
  EXPECT_TRUE(stand("example.").is_secure());
}

TEST_F(TrustChains, remember_a_broken_zone_for_a_moment) {
  anchors = world.anchors();
  world.say({"example.", Type::dnskey}, dns::Rcode::noerror, {});
  EXPECT_EQ(stand("example.").verdict, dnssec::verdict_of(Reason::key_missing));
  upstream.asked.clear();
  EXPECT_EQ(stand("www.example.").verdict, dnssec::verdict_of(Reason::key_missing));
  EXPECT_THAT(upstream.asked, IsEmpty());
}

}  // namespace
}  // namespace dragoman::resolve
