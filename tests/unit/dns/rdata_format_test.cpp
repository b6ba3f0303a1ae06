// The table of RDATA formats: which types are checked and decompressed, and how RDATA is taken apart.
#include "rdata_format.h"

#include <gtest/gtest.h>

#include "wire.h"

namespace dragoman::dns {
namespace {

using test::hex;
using test::wire;

TEST(RdataFormat, knows_every_type_that_may_come_compressed) {
  // RFC 3597 4: the types of RFC 1035 that hold names, and those that older specifications compressed.
  for (int type : {2, 3, 4, 5, 6, 7, 8, 9, 12, 14, 15}) {
    const RdataFormat* format = rdata_format(static_cast<Type>(type));
    ASSERT_NE(format, nullptr) << type;
    EXPECT_EQ(format->names, RdataNames::compressed) << type;
  }
  for (int type : {17, 18, 21, 24, 26, 30, 33, 35}) {
    const RdataFormat* format = rdata_format(static_cast<Type>(type));
    ASSERT_NE(format, nullptr) << type;
    EXPECT_EQ(format->names, RdataNames::expanded) << type;
  }
}

TEST(RdataFormat, finds_types_beyond_its_index) {
  EXPECT_EQ(rdata_format(Type::caa)->type, Type::caa);
  EXPECT_EQ(rdata_format(Type::uri)->type, Type::uri);
  EXPECT_EQ(rdata_format(static_cast<Type>(65280)), nullptr);
  EXPECT_EQ(rdata_format(Type::opt), nullptr);
}

TEST(RdataFormat, promises_addresses_for_class_in_alone) {
  EXPECT_NE(checked_format(Type::a, Class::in), nullptr);
  EXPECT_EQ(checked_format(Type::a, Class::ch), nullptr);
  EXPECT_NE(checked_format(Type::ns, Class::ch), nullptr);
  EXPECT_EQ(checked_format(Type::ns, Class::any), nullptr);
  EXPECT_EQ(checked_format(Type::ns, Class::none), nullptr);
}

TEST(RdataFormat, leaves_types_without_names_unchecked) {
  for (Type type : {Type::txt, Type::ds, Type::dnskey, Type::nsec3, Type::caa}) {
    EXPECT_EQ(checked_format(type, Class::in), nullptr) << to_text(type);
  }
}

TEST(RdataFormat, takes_rdata_apart_at_its_names) {
  test::Octets rdata = wire("0064 000A 01 'u' 02 'ab' 00 C00C");
  std::string text;
  walk_rdata(
      rdata_format(Type::naptr), rdata, [&](Bytes octets) { text += hex(octets) + " "; },
      [&](std::size_t at) {
        text += "name@" + std::to_string(at);
        return at + 2;
      });
  EXPECT_EQ(text, "0064 000a 0175 026162 00 name@10");
}

TEST(RdataFormat, takes_what_follows_the_name_to_the_end) {
  test::Octets rdata = wire("00 00 01 40");
  std::string text;
  walk_rdata(
      rdata_format(Type::nsec), rdata, [&](Bytes octets) { text += hex(octets); },
      [&](std::size_t) { return std::size_t{1}; });
  EXPECT_EQ(text, "000140");
}

}  // namespace
}  // namespace dragoman::dns
