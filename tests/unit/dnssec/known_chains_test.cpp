// What is kept, asked as a chain.
#include "known_chains.h"

#include <gtest/gtest.h>

#include "denial_samples.h"

namespace dragoman::dnssec {
namespace {

using dns::Type;

class KnownChains : public testing::Test {
 protected:
  KnownZone& known(const Rrset& rrset, seconds lifetime = seconds(10)) {
    KnownZone& zone = store_.zone(apex_);
    EXPECT_TRUE(store_.add(zone, signed_by("example", rrset), start + lifetime));
    return zone;
  }
  std::vector<std::string> owners() const {
    std::vector<std::string> all;
    for (const KnownSpan* span : witnesses_) all.push_back(span->kept.owner().to_text());
    return all;
  }

  dns::Name apex_ = name("example");
  DenialStore store_{1 << 20};
  Witnesses witnesses_;
};

TEST_F(KnownChains, statements_rest_on_records) {
  known(nsec("b.example. x.d.example. A RRSIG NSEC"));
  KnownNsecChain chain(known(nsec("example. b.example. SOA NS RRSIG NSEC")), start, witnesses_);
  const dns::Name b = name("b.example"), c = name("c.example"), d = name("D.example"), e = name("e.example");
  EXPECT_TRUE(chain.node(b)->has(Type::a));
  EXPECT_EQ(owners(), std::vector<std::string>{"b.example."});
  witnesses_ = {};
  EXPECT_FALSE(chain.node(c));
  EXPECT_FALSE(chain.absence(b) || chain.absence(d) || chain.absence(e));
  EXPECT_EQ(owners(), std::vector<std::string>{});
  EXPECT_TRUE(chain.node(d)->has_none_but({}));
  EXPECT_TRUE(equal(chain.absence(c)->closest_encloser, apex_));
  EXPECT_TRUE(chain.child_absence(name("*.example")));
  EXPECT_EQ(owners(), (std::vector<std::string>{"b.example.", "example."}));
}

TEST_F(KnownChains, a_record_says_nothing_in_its_last_second) {
  KnownZone& zone = known(nsec("b.example. d.example. A RRSIG NSEC"));
  const dns::Name b = name("b.example"), c = name("c.example");
  KnownNsecChain before(zone, start + seconds(9), witnesses_), after(zone, start + milliseconds(9001), witnesses_);
  EXPECT_TRUE(before.node(b) && before.absence(c));
  EXPECT_FALSE(after.node(b) || after.absence(c));
}

// The zone's own record, which covers all other names.
Rrset lone(std::uint16_t iterations) {
  const auto hash = *nsec3_hash(name("example"), {}, iterations);
  return nsec3(name(base32hex(hash) + ".example."),
               {1, 0, iterations, {}, Octets(hash.begin(), hash.end()), {Type::soa, Type::ns}});
}

TEST_F(KnownChains, hashes_are_looked_up_like_names) {
  KnownNsec3Chain chain(known(lone(3)), start, witnesses_, 100);
  const dns::Name deep = name("x.y.example");
  EXPECT_TRUE(chain.node(apex_)->has(Type::soa));
  EXPECT_FALSE(chain.node(deep) || chain.absence(apex_) || chain.child_absence(apex_));
  EXPECT_TRUE(equal(chain.absence(deep)->closest_encloser, apex_));
  EXPECT_EQ(owners().size(), 1u);
  EXPECT_EQ(chain.hashes(), 3u);
}

TEST_F(KnownChains, no_more_is_hashed_than_allowed) {
  KnownNsec3Chain chain(known(lone(3)), start, witnesses_, 11);  // two names, with four digests each
  const dns::Name deep = name("x.y.example");
  EXPECT_FALSE(chain.node(deep));
  EXPECT_FALSE(chain.absence(deep));  // the apex, and then no more
  EXPECT_EQ(chain.hashes(), 2u);
  EXPECT_TRUE(chain.node(apex_));
}

TEST_F(KnownChains, expired_hashes_say_nothing) {
  KnownNsec3Chain chain(known(lone(0)), start + seconds(10), witnesses_, 100);
  EXPECT_FALSE(chain.node(apex_));
  EXPECT_FALSE(chain.child_absence(name("a.example")));
}

}  // namespace
}  // namespace dragoman::dnssec
