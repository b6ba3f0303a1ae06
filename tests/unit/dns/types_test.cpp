// Mnemonics of code points, and the generic forms of RFC 3597 5.
#include "dragoman/dns/types.h"

#include <gtest/gtest.h>

namespace dragoman::dns {
namespace {

TEST(Types, have_mnemonics) {
  EXPECT_EQ(to_text(Type::aaaa), "AAAA");
  EXPECT_EQ(to_text(Type::https), "HTTPS");
  EXPECT_EQ(to_text(static_cast<Type>(65280)), "TYPE65280");
}

TEST(Types, are_read_in_any_case_and_in_generic_form) {
  EXPECT_EQ(type_from_text("aAaA"), Type::aaaa);
  EXPECT_EQ(type_from_text("TYPE28"), Type::aaaa);
  EXPECT_EQ(type_from_text("type65535"), static_cast<Type>(65535));
}

TEST(Types, are_not_read_from_anything_else) {
  for (const char* text : {"", "AAA", "TYPE", "TYPE65536", "TYPE-1", "TYPE1x", "28", "TYP"}) {
    EXPECT_FALSE(type_from_text(text)) << text;
  }
}

// Every number comes back from its text, whether it has a mnemonic or not.
TEST(Types, come_back_from_their_text) {
  for (unsigned number = 0; number <= 65535; ++number) {
    auto type = static_cast<Type>(number);
    ASSERT_EQ(type_from_text(to_text(type)), type) << number;
  }
}

TEST(Classes, have_mnemonics_both_ways) {
  EXPECT_EQ(to_text(Class::ch), "CH");
  EXPECT_EQ(to_text(static_cast<Class>(32)), "CLASS32");
  EXPECT_EQ(class_from_text("in"), Class::in);
  EXPECT_EQ(class_from_text("CLASS255"), Class::any);
  EXPECT_FALSE(class_from_text("INN"));
}

TEST(Rcodes, have_mnemonics) {
  EXPECT_EQ(to_text(Rcode::nxdomain), "NXDOMAIN");
  EXPECT_EQ(to_text(Rcode::badvers), "BADVERS");
  EXPECT_EQ(to_text(static_cast<Rcode>(24)), "RCODE24");
}

TEST(ExtendedErrors, have_their_registered_purpose) {
  EXPECT_EQ(to_text(Ede::network_error), "Network Error");
  EXPECT_EQ(to_text(Ede::synthesized), "Synthesized");
  EXPECT_EQ(to_text(static_cast<Ede>(60000)), "Unassigned");
}

}  // namespace
}  // namespace dragoman::dns
