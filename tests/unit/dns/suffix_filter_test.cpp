// The first look before a table of names.
#include "dragoman/dns/suffix_filter.h"

#include <gtest/gtest.h>

namespace dragoman::dns {
namespace {

Name name(const std::string& text) { return *Name::from_text(text); }

SuffixFilter filter_of(std::initializer_list<const char*> suffixes) {
  SuffixFilter filter;
  for (const char* suffix : suffixes) filter.add(name(suffix));
  return filter;
}

TEST(SuffixFilter, holds_what_was_added_and_everything_below_in_any_case) {
  const SuffixFilter filter = filter_of({"alt", "test", "localhost", "10.in-addr.arpa"});
  for (const char* held :
       {"alt", "a.alt", "TEST", "www.Test", "localhost", "a.b.LOCALHOST", "10.in-addr.arpa", "1.2.3.10.IN-ADDR.arpa"}) {
    EXPECT_TRUE(filter.may_hold(name(held))) << held;
  }
}

TEST(SuffixFilter, turns_nearly_everything_else_away) {
  const SuffixFilter filter = filter_of({"alt", "test", "localhost", "10.in-addr.arpa"});
  for (const char* other : {".", "de", "a.de", "com", "example.com", "www.example.net", "x.y", "ip6.arpa"}) {
    EXPECT_FALSE(filter.may_hold(name(other))) << other;
  }
  int held = 0;
  for (int i = 0; i < 1000; ++i) held += filter.may_hold(name("host.zone" + std::to_string(i) + ".tld"));
  EXPECT_LT(held, 60);
}

TEST(SuffixFilter, cannot_tell_suffixes_of_two_letters_apart) {
  EXPECT_TRUE(filter_of({"de"}).may_hold(name("example.com")));
  EXPECT_TRUE(filter_of({"."}).may_hold(name("example.com")));
  EXPECT_FALSE(SuffixFilter().may_hold(name("example.com")));
}

}  // namespace
}  // namespace dragoman::dns
