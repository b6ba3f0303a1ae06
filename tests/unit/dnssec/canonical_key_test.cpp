// Keys that sort like names (RFC 4034 6.1).
#include "canonical_key.h"

#include <gtest/gtest.h>

#include <random>

#include "denial_records.h"

namespace dragoman::dnssec {
namespace {

TEST(CanonicalKey, knows_no_case) {
  EXPECT_EQ(CanonicalKey(name("A.b.EXAMPLE")).octets(), CanonicalKey(name("a.B.example")).octets());
  EXPECT_NE(CanonicalKey(name("a.example")).octets(), CanonicalKey(name("b.example")).octets());
}

TEST(CanonicalKey, of_the_root_comes_before_all) { EXPECT_TRUE(CanonicalKey(dns::NameView()).octets().empty()); }

TEST(CanonicalKey, takes_the_longest_name_of_the_worst_octets) {
  dns::Name worst;
  const Octets label(63, 1), rest(61, 0);
  ASSERT_TRUE(worst.prepend_label(rest) && worst.prepend_label(label) && worst.prepend_label(label) &&
              worst.prepend_label(label));
  EXPECT_EQ(worst.view().length(), 255u);
  EXPECT_EQ(CanonicalKey(worst).octets().size(), 2u * (3 * 63 + 61) + 4);
}

TEST(CanonicalKey, sorts_like_the_names) {
  // RFC 4034 6.1.
  const char* in_order[] = {"example",   "a.example",       "yljkjljk.a.example", "Z.a.example",    "zABC.a.EXAMPLE",
                            "z.example", "\\001.z.example", "*.z.example",        "\\200.z.example"};
  for (std::size_t at = 1; at < std::size(in_order); ++at) {
    EXPECT_LT(CanonicalKey(name(in_order[at - 1])).octets(), CanonicalKey(name(in_order[at])).octets());
  }
}

TEST(CanonicalKey, sorts_like_any_names) {
  std::mt19937 chance(3);
  const std::uint8_t octets[] = {0, 1, 2, '*', 'A', 'a', 'z', 255};
  const auto any_name = [&] {
    dns::Name any;
    for (std::size_t labels = chance() % 4; labels > 0; --labels) {
      Octets label(1 + chance() % 3);
      for (std::uint8_t& octet : label) octet = octets[chance() % std::size(octets)];
      any.prepend_label(label);
    }
    return any;
  };
  for (int pair = 0; pair < 20000; ++pair) {
    const dns::Name a = any_name(), b = any_name();
    EXPECT_EQ(CanonicalKey(a).octets() <=> CanonicalKey(b).octets(), compare_canonical(a, b))
        << a.to_text() << ' ' << b.to_text();
  }
}

}  // namespace
}  // namespace dragoman::dnssec
