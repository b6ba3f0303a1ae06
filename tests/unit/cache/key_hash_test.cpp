// What makes two questions one.
#include <gtest/gtest.h>

#include "sample_answers.h"

namespace dragoman::cache {
namespace {

std::uint64_t hash(std::string_view text, dns::Type type = dns::Type::a, bool dnssec_ok = false, bool cd = false) {
  dns::Name owner = name(text);
  return KeyHash({owner, type, dnssec_ok, cd}).value();
}

TEST(KeyHash, does_not_depend_on_case) { EXPECT_EQ(hash("WWW.Example"), hash("www.eXAMPLE")); }

TEST(KeyHash, depends_on_name_type_do_and_cd) {
  EXPECT_NE(hash("a.example"), hash("b.example"));
  EXPECT_NE(hash("a.example", dns::Type::a), hash("a.example", dns::Type::aaaa));
  EXPECT_NE(hash("a.example", dns::Type::a, true), hash("a.example", dns::Type::a, false));
  EXPECT_NE(hash("a.example", dns::Type::a, false, true), hash("a.example", dns::Type::a, false, false));
  EXPECT_NE(hash("a.example", dns::Type::a, true, false), hash("a.example", dns::Type::a, false, true));
}

TEST(KeyHash, can_be_made_again_from_its_octets) {
  dns::Name owner = name("www.example");
  KeyHash made({owner, dns::Type::aaaa, true, false});
  EXPECT_EQ(made.octets().size(), owner.view().length() + 3);
  EXPECT_EQ(KeyHash::hash_of(made.octets()), made.value());
}

TEST(KeyHash, of_a_denial_is_that_of_no_question) {
  const dns::Name owner = name("www.example");
  const Key key{owner, dns::Type::a};
  const Key of_type_0{owner, dns::Type{}};
  EXPECT_NE(KeyHash::of_denial(key).value(), KeyHash(key).value());
  EXPECT_NE(KeyHash::of_denial(key).value(), KeyHash(of_type_0).value());
  EXPECT_EQ(KeyHash::of_denial(key).value(), KeyHash::of_denial({owner, dns::Type::mx}).value()) << "whatever the type";
  EXPECT_NE(KeyHash::of_denial(key).value(), KeyHash::of_denial({owner, dns::Type::a, true}).value());
}

TEST(KeyHash, takes_the_longest_name) {
  std::string label(63, 'a');
  std::string longest = label + '.' + label + '.' + label + '.' + std::string(61, 'b');
  ASSERT_EQ(name(longest).view().length(), dns::max_name_length);
  EXPECT_NE(hash(longest), hash(longest.substr(1)));
}

}  // namespace
}  // namespace dragoman::cache
