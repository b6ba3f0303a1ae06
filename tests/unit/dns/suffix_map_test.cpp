// Suffix maps as the tables that read them see them: the longest suffix, whatever its letter case.
#include "dragoman/dns/suffix_map.h"

#include <gtest/gtest.h>

namespace dragoman::dns {
namespace {

Name name(std::string_view text) { return *Name::from_text(text); }

TEST(SuffixMap, says_what_the_longest_suffix_says) {
  SuffixMap<int> map;
  EXPECT_TRUE(map.add(name("example.net"), 1));
  EXPECT_TRUE(map.add(name("corp.example.net"), 2));
  NameView suffix;
  const Name below = name("a.b.corp.example.net");
  ASSERT_NE(map.find(below, &suffix), nullptr);
  EXPECT_EQ(*map.find(below), 2);
  EXPECT_EQ(suffix.to_text(), "corp.example.net.");
  EXPECT_EQ(*map.find(name("corp2.example.net")), 1);
  EXPECT_EQ(*map.find(name("example.net")), 1);
  EXPECT_EQ(map.find(name("net")), nullptr);
  EXPECT_EQ(map.find(name("notexample.net")), nullptr);
}

TEST(SuffixMap, knows_no_letter_case) {
  SuffixMap<int> map;
  map.add(name("Example.NET"), 1);
  EXPECT_NE(map.find(name("wWw.eXample.net")), nullptr);
}

TEST(SuffixMap, holds_everything_below_the_root) {
  SuffixMap<int> map;
  map.add(Name(), 7);
  EXPECT_EQ(*map.find(name("example.net")), 7);
  EXPECT_EQ(*map.find(Name()), 7);
}

TEST(SuffixMap, keeps_the_first_of_two_sayings) {
  SuffixMap<int> map;
  EXPECT_TRUE(map.add(name("example.net"), 1));
  EXPECT_FALSE(map.add(name("EXAMPLE.net"), 2));
  EXPECT_EQ(*map.find(name("example.net")), 1);
}

TEST(NameSuffixes, hold_a_name_and_what_is_below_it) {
  NameSuffixes names;
  EXPECT_FALSE(names.hold(name("example.net")));
  names.add(name("example.net"));
  names.add(name("example.net"));
  EXPECT_TRUE(names.hold(name("example.net")));
  EXPECT_TRUE(names.hold(name("www.example.net")));
  EXPECT_FALSE(names.hold(name("net")));
  EXPECT_EQ(names.names().size(), 1u);
}

}  // namespace
}  // namespace dragoman::dns
