// Hexadecimal, base32hex and base64 (RFC 4648), with the vectors of its section 10.
#include "text_encoding.h"

#include <gtest/gtest.h>

#include "wire.h"

namespace dragoman::dns {
namespace {

using test::Octets;

std::string encoded(std::string_view text, Encoding encoding) {
  std::string out;
  append_encoded(out, Bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()), encoding);
  return out;
}

struct Vector {
  const char* plain;
  const char* base16;
  const char* base32_hex;
  const char* base64;
};

constexpr Vector vectors[] = {
    {"", "", "", ""},
    {"f", "66", "CO", "Zg=="},
    {"fo", "666F", "CPNG", "Zm8="},
    {"foo", "666F6F", "CPNMU", "Zm9v"},
    {"foob", "666F6F62", "CPNMUOG", "Zm9vYg=="},
    {"fooba", "666F6F6261", "CPNMUOJ1", "Zm9vYmE="},
    {"foobar", "666F6F626172", "CPNMUOJ1E8", "Zm9vYmFy"},
};

TEST(TextEncoding, encodes_the_vectors_of_the_rfc) {
  for (const Vector& vector : vectors) {
    EXPECT_EQ(encoded(vector.plain, Encoding::base16), vector.base16);
    EXPECT_EQ(encoded(vector.plain, Encoding::base32_hex), vector.base32_hex);
    EXPECT_EQ(encoded(vector.plain, Encoding::base64), vector.base64);
  }
}

TEST(TextEncoding, decodes_the_vectors_of_the_rfc) {
  for (const Vector& vector : vectors) {
    std::string_view plain = vector.plain;
    Octets expected(plain.begin(), plain.end());
    EXPECT_EQ(decode(vector.base16, Encoding::base16), expected);
    EXPECT_EQ(decode(vector.base32_hex, Encoding::base32_hex), expected);
    EXPECT_EQ(decode(vector.base64, Encoding::base64), expected);
  }
}

TEST(TextEncoding, reads_either_case_where_case_says_nothing) {
  EXPECT_EQ(decode("ab", Encoding::base16), decode("AB", Encoding::base16));
  EXPECT_EQ(decode("cpnmuoj1", Encoding::base32_hex), decode("CPNMUOJ1", Encoding::base32_hex));
  EXPECT_NE(decode("zg==", Encoding::base64), decode("Zg==", Encoding::base64));
}

TEST(TextEncoding, refuses_what_is_malformed) {
  for (const char* text : {"A", "0x", "G0"}) EXPECT_FALSE(decode(text, Encoding::base16)) << text;
  for (const char* text : {"C", "CP1", "CW", "CP"}) EXPECT_FALSE(decode(text, Encoding::base32_hex)) << text;
  for (const char* text : {"Z", "Zg", "Zg=", "Z===", "====", "Zh==", "Zm=v", "Zm9v=", "Z-8="}) {
    EXPECT_FALSE(decode(text, Encoding::base64)) << text;
  }
}

}  // namespace
}  // namespace dragoman::dns
