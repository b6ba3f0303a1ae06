// Names in presentation form (RFC 1035 5.1).
#include <gtest/gtest.h>

#include "dragoman/dns/name.h"
#include "wire.h"

namespace dragoman::dns {
namespace {

using test::hex;
using test::wire;

TEST(NameText, reads_a_name_with_and_without_the_final_dot) {
  EXPECT_EQ(hex(test::name("www.Example.").view().wire()), hex(wire("03 'www' 07 'Example' 00")));
  EXPECT_EQ(hex(test::name("www.Example").view().wire()), hex(wire("03 'www' 07 'Example' 00")));
}

TEST(NameText, knows_the_root) {
  EXPECT_TRUE(test::name(".").view().is_root());
  EXPECT_EQ(Name().to_text(), ".");
}

TEST(NameText, resolves_escapes) {
  EXPECT_EQ(hex(test::name(R"(a\.b.c\\d.\000\255\x)").view().wire()), hex(wire("03 'a.b' 03 'c\\d' 03 00 FF 'x' 00")));
}

TEST(NameText, escapes_what_would_read_otherwise) {
  EXPECT_EQ(NameView(wire("09 '.\\\"();@$ ' 02 00 7F 02 80 FF 00")).to_text(),
            R"(\.\\\"\(\)\;\@\$\032.\000\127.\128\255.)");
}

TEST(NameText, reads_what_it_shows_for_every_octet) {
  for (int octet = 0; octet < 256; ++octet) {
    test::Octets one{1, static_cast<std::uint8_t>(octet), 0};
    std::string text = NameView(one).to_text();
    EXPECT_EQ(hex(test::name(text).view().wire()), hex(one)) << text;
  }
}

TEST(NameText, refuses_what_is_no_name) {
  for (const char* text : {"", "..", ".a", "a..b", "a..", R"(a\)", R"(a\1)", R"(a\12)", R"(a\256)", R"(\25x)"}) {
    Result<Name> name = Name::from_text(text);
    ASSERT_FALSE(name) << text;
    EXPECT_EQ(name.error().code, ErrorCode::malformed) << text;
  }
}

TEST(NameText, takes_labels_of_63_octets_and_not_of_64) {
  EXPECT_TRUE(Name::from_text(std::string(63, 'a')));
  Result<Name> name = Name::from_text(std::string(64, 'a'));
  ASSERT_FALSE(name);
  EXPECT_EQ(name.error().code, ErrorCode::too_large);
}

TEST(NameText, takes_names_of_255_octets_and_not_of_256) {
  std::string label(63, 'a');
  std::string start = label + "." + label + "." + label + ".";
  for (const char* end : {"", "."}) {
    Result<Name> longest = Name::from_text(start + std::string(61, 'b') + end);
    ASSERT_TRUE(longest);
    EXPECT_EQ(longest->view().length(), 255u);
    Result<Name> too_long = Name::from_text(start + std::string(62, 'b') + end);
    ASSERT_FALSE(too_long);
    EXPECT_EQ(too_long.error().code, ErrorCode::too_large);
  }
  EXPECT_FALSE(Name::from_text(start + std::string(61, 'b') + ".c"));
}

TEST(NameText, takes_127_labels_and_not_128) {
  std::string labels;
  for (int i = 0; i < 127; ++i) labels += "a.";
  EXPECT_EQ(test::name(labels).view().label_count(), 127);
  EXPECT_FALSE(Name::from_text(labels + "a."));
}

}  // namespace
}  // namespace dragoman::dns
