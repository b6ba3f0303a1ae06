// Names above names, and what a delegation is to a chain.
#include "denial_chain.h"

#include <gtest/gtest.h>

#include "denial_records.h"

namespace dragoman::dnssec {
namespace {

TEST(DenialChain, the_common_ancestor_is_above_both) {
  const auto common = [](std::string_view a, std::string_view b) {
    const dns::Name one = name(a), other = name(b);
    return common_ancestor(one, other).to_text();
  };
  EXPECT_EQ(common("a.b.example", "c.B.example"), "b.example.");
  EXPECT_EQ(common("a.b.example", "b.example"), "b.example.");
  EXPECT_EQ(common("b.example", "a.b.example"), "b.example.");
  EXPECT_EQ(common("ab.example", "b.example"), "example.");
  EXPECT_EQ(common("example", "test"), ".");
  EXPECT_EQ(common("a.example", "a.example"), "a.example.");
}

TEST(DenialChain, ancestors_are_counted_from_the_root) {
  const dns::Name deep = name("a.b.example");
  EXPECT_EQ(ancestor_with_labels(deep, 3).to_text(), "a.b.example.");
  EXPECT_EQ(ancestor_with_labels(deep, 2).to_text(), "b.example.");
  EXPECT_EQ(ancestor_with_labels(deep, 0).to_text(), ".");
}

TEST(DenialChain, a_delegation_has_ns_records_and_no_soa) {
  struct Nothing : DenialChain {
    using DenialChain::DenialChain;
    std::optional<TypeBitmap> node(dns::NameView) override { return {}; }
    std::optional<Absence> absence(dns::NameView) override { return {}; }
    std::optional<Absence> child_absence(dns::NameView) override { return {}; }
  };
  const dns::Name zone = name("example"), below = name("a.example");
  Nothing chain(zone);
  const Octets ns = bitmap({dns::Type::ns}), soa = bitmap({dns::Type::ns, dns::Type::soa}),
               dname = bitmap({dns::Type::dname});
  EXPECT_TRUE(chain.is_delegation(below, *TypeBitmap::read(ns)));
  EXPECT_FALSE(chain.is_delegation(below, *TypeBitmap::read(soa)));
  EXPECT_FALSE(chain.is_delegation(zone, *TypeBitmap::read(ns)));
  EXPECT_TRUE(chain.ends_zone(below, *TypeBitmap::read(dname)));
  EXPECT_TRUE(chain.ends_zone(zone, *TypeBitmap::read(dname)));
  EXPECT_FALSE(chain.ends_zone(below, TypeBitmap()));
}

}  // namespace
}  // namespace dragoman::dnssec
