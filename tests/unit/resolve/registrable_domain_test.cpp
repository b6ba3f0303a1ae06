// The registrable part of names, as the Public Suffix List has it.
#include "registrable_domain.h"

#include <gtest/gtest.h>

namespace dragoman::resolve {
namespace {

std::string domain_of(const char* text) {
  const dns::Name name = *dns::Name::from_text(text);
  return dns::NameView(name.view().wire().subspan(registrable_offset(name))).to_text();
}

TEST(RegistrableDomain, is_the_public_suffix_and_one_label) {
  EXPECT_EQ(domain_of("www.example.net"), "example.net.");
  EXPECT_EQ(domain_of("a.b.c.example.co.uk"), "example.co.uk.");
  EXPECT_EQ(domain_of("example.com"), "example.com.");
  EXPECT_EQ(domain_of("WWW.Example.COM"), "Example.COM.");
}

TEST(RegistrableDomain, of_a_suffix_that_nobody_listed_is_below_the_last_label) {
  EXPECT_EQ(domain_of("host.v4.test"), "v4.test.");
}

TEST(RegistrableDomain, is_the_whole_name_where_there_is_none) {
  EXPECT_EQ(domain_of("com"), "com.");
  EXPECT_EQ(domain_of("co.uk"), "co.uk.");
  EXPECT_EQ(domain_of("."), ".");
  EXPECT_EQ(domain_of("a\\.b.example.net"), "a\\.b.example.net.");
}

}  // namespace
}  // namespace dragoman::resolve
