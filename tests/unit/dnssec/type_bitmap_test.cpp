// Bitmaps of types, whole and broken (RFC 4034 4.1.2).
#include "type_bitmap.h"

#include <gtest/gtest.h>

#include "denial_records.h"

namespace dragoman::dnssec {
namespace {

using dns::Type;

TEST(TypeBitmap, has_the_types_that_are_in_it) {
  const Octets octets = bitmap({Type::a, Type::nsec, Type::caa});
  const auto types = TypeBitmap::read(octets);
  ASSERT_TRUE(types);
  EXPECT_TRUE(types->has(Type::a) && types->has(Type::nsec) && types->has(Type::caa));
  EXPECT_FALSE(types->has(Type::aaaa) || types->has(Type::uri) || types->has(Type{0}) || types->has(Type{65535}));
}

TEST(TypeBitmap, tells_whether_there_is_anything_else) {
  const Octets octets = bitmap({Type::rrsig, Type::nsec});
  const auto types = TypeBitmap::read(octets);
  ASSERT_TRUE(types);
  EXPECT_TRUE(types->has_none_but({Type::rrsig, Type::nsec, Type::a}));
  EXPECT_FALSE(types->has_none_but({Type::rrsig}));
  const Octets far = bitmap({Type::rrsig, Type{65535}});
  EXPECT_FALSE(TypeBitmap::read(far)->has_none_but({Type::rrsig}));
}

TEST(TypeBitmap, may_be_empty) {
  ASSERT_TRUE(TypeBitmap::read({}));
  EXPECT_TRUE(TypeBitmap().has_none_but({}));
  EXPECT_FALSE(TypeBitmap().has(Type::a));
}

// RFC 4034 4.1.2: windows in ascending order, each of 1 to 32 octets.
TEST(TypeBitmap, is_refused_when_it_is_malformed) {
  for (const char* hex : {"00", "0000", "0001", "000240",
                          "0021"
                          "00",
                          "000140000180", "010140000140"}) {
    EXPECT_FALSE(TypeBitmap::read(from_hex(hex))) << hex;
  }
  Octets long_window(2 + 33);
  long_window[1] = 33;
  EXPECT_FALSE(TypeBitmap::read(long_window));
  long_window.pop_back();
  long_window[1] = 32;
  EXPECT_TRUE(TypeBitmap::read(long_window));
}

}  // namespace
}  // namespace dragoman::dnssec
