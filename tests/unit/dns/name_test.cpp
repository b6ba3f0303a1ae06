// Names in wire form: comparison without case (RFC 4343), canonical order (RFC 4034 6.1), expansion (RFC 1035 4.1.4).
#include "dragoman/dns/name.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "wire.h"

namespace dragoman::dns {
namespace {

using test::name;
using test::wire;

TEST(Name, is_the_root_when_nothing_was_said) {
  EXPECT_TRUE(Name().view().is_root());
  EXPECT_TRUE(NameView().is_root());
  EXPECT_EQ(NameView().length(), 1u);
}

TEST(Name, counts_its_labels_without_the_root) {
  EXPECT_EQ(Name().view().label_count(), 0);
  EXPECT_EQ(name("a.b.c").view().label_count(), 3);
}

TEST(Name, gives_its_first_label_and_its_parent) {
  Name full = name("www.example.com");
  Bytes label = full.view().first_label();
  EXPECT_EQ(std::string(label.begin(), label.end()), "www");
  EXPECT_EQ(full.view().parent().to_text(), "example.com.");
  EXPECT_TRUE(name("com").view().parent().is_root());
}

TEST(Name, has_the_root_as_the_parent_of_the_root) { EXPECT_TRUE(NameView().parent().is_root()); }

TEST(Name, is_equal_without_case_at_every_length) {
  for (std::size_t length = 1; length <= 60; ++length) {
    std::string upper(length, 'Q'), lower(length, 'q');
    EXPECT_TRUE(equal(name(upper), name(lower))) << length;
    upper.back() = 'R';
    EXPECT_FALSE(equal(name(upper), name(lower))) << length;
    upper = "R" + std::string(length - 1, 'Q');
    EXPECT_FALSE(equal(name(upper), name(lower))) << length;
  }
}

TEST(Name, folds_letters_and_nothing_else) {
  for (int octet = 0; octet < 256; ++octet) {
    // Nine octets, so that the value passes through the path of eight at a time.
    test::Octets in(11, static_cast<std::uint8_t>(octet));
    in.front() = 9;
    in.back() = 0;
    test::Octets out(11);
    copy_lower_case(NameView(in), out.data());
    bool is_upper = octet >= 'A' && octet <= 'Z';
    test::Octets expected(11, static_cast<std::uint8_t>(is_upper ? octet + 32 : octet));
    expected.front() = 9;
    expected.back() = 0;
    EXPECT_EQ(out, expected) << octet;
  }
}

TEST(Name, keeps_case_apart_where_0x20_needs_it) {
  EXPECT_TRUE(equal_exactly(name("wWw.example"), name("wWw.example")));
  EXPECT_FALSE(equal_exactly(name("wWw.example"), name("www.example")));
}

TEST(Name, is_not_equal_when_labels_are_cut_elsewhere) {
  EXPECT_FALSE(equal(name("ab.c"), name("a.bc")));
  EXPECT_FALSE(equal(name("ab.c"), name(R"(ab\.c)")));
}

TEST(Name, is_a_subdomain_of_itself_and_of_its_ancestors) {
  Name full = name("www.Example.com");
  EXPECT_TRUE(full.view().is_subdomain_of(full));
  EXPECT_TRUE(full.view().is_subdomain_of(name("example.COM")));
  EXPECT_TRUE(full.view().is_subdomain_of(Name()));
  EXPECT_FALSE(full.view().is_subdomain_of(name("ample.com")));
  EXPECT_FALSE(full.view().is_subdomain_of(name("a.www.example.com")));
}

// The example of RFC 4034 6.1.
TEST(Name, sorts_in_canonical_order) {
  std::vector<Name> sorted;
  for (const char* text : {"example", "a.example", "yljkjljk.a.example", "Z.a.example", "zABC.a.EXAMPLE", "z.example",
                           R"(\001.z.example)", "*.z.example", R"(\200.z.example)"}) {
    sorted.push_back(name(text));
  }
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    for (std::size_t j = 0; j < sorted.size(); ++j) {
      EXPECT_EQ(compare_canonical(sorted[i], sorted[j]), i <=> j) << sorted[i].to_text() << " " << sorted[j].to_text();
    }
  }
}

TEST(Name, goes_to_lower_case_in_place) {
  Name mixed = name("WwW.ExAmPlE.cOm");
  mixed.lower_case();
  EXPECT_TRUE(equal_exactly(mixed, name("www.example.com")));
}

TEST(Name, takes_a_label_in_front_until_255_octets_are_full) {
  Name grown;
  test::Octets label(63, 'a');
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(grown.prepend_label(label));
  EXPECT_FALSE(grown.prepend_label(test::Octets(62, 'a')));
  EXPECT_TRUE(grown.prepend_label(test::Octets(61, 'a')));
  EXPECT_EQ(grown.view().length(), 255u);
  EXPECT_FALSE(grown.prepend_label(test::Octets(1, 'a')));
}

TEST(Name, takes_no_empty_and_no_oversized_label) {
  Name grown = name("example");
  EXPECT_FALSE(grown.prepend_label({}));
  EXPECT_FALSE(grown.prepend_label(test::Octets(64, 'a')));
  EXPECT_EQ(grown.to_text(), "example.");
}

TEST(Name, takes_a_suffix_behind_its_labels) {
  Name host = name("www");
  EXPECT_TRUE(host.append(name("example.com")));
  EXPECT_EQ(host.to_text(), "www.example.com.");
}

TEST(Name, refuses_a_suffix_that_makes_it_too_long) {
  Name host = name(std::string(63, 'a') + "." + std::string(63, 'b'));
  Name suffix = name(std::string(63, 'a') + "." + std::string(62, 'b'));
  EXPECT_FALSE(host.append(suffix));
  EXPECT_EQ(host.view().label_count(), 2);
}

// -- Compression; every message has twelve octets of header first. --

test::Octets behind_header(std::string_view text) {
  test::Octets message(12);
  test::Octets rest = wire(text);
  message.insert(message.end(), rest.begin(), rest.end());
  return message;
}

TEST(ExpandName, follows_pointers_backwards) {
  test::Octets message = behind_header("03 'com' 00 07 'Example' C00C 03 'www' C011");
  Name out;
  std::size_t next = 0;
  ASSERT_TRUE(expand_name(message, 27, out, next));
  EXPECT_EQ(out.to_text(), "www.Example.com.");
  EXPECT_EQ(next, message.size());
}

TEST(ExpandName, stops_behind_the_name_where_it_stands) {
  test::Octets message = behind_header("03 'com' 00 C00C FFFF");
  std::size_t next = 0, length = 0;
  ASSERT_TRUE(skip_name(message, 12, next, length));
  EXPECT_EQ(next, 17u);
  ASSERT_TRUE(skip_name(message, 17, next, length));
  EXPECT_EQ(next, 19u);
  EXPECT_EQ(length, 5u);
}

struct BadName {
  const char* what;
  std::size_t offset;
  const char* octets;
};

TEST(ExpandName, refuses_what_is_malformed) {
  const BadName cases[] = {
      {"a pointer to itself", 12, "C00C"},
      {"a pointer forward", 12, "C00E 00"},
      {"a loop over a label", 12, "01 'a' C00C"},
      {"two pointers at each other", 14, "C00E C00C"},
      {"a label that reaches over the pointer to it", 15, "04 'ab' 01 'x' C00C 00"},
      {"a pointer to a pointer whose second octet is the first one", 13, "C0 C0 0C"},
      {"a pointer into the header", 12, "C002"},
      {"a pointer cut off", 12, "C0"},
      {"a label cut off", 12, "05 'abcd'"},
      {"no end", 12, "01 'a'"},
      {"nothing", 12, ""},
      {"an extended label (RFC 6891 5)", 12, "41 00 00"},
      {"a reserved label", 12, "80 00 00"},
  };
  for (const BadName& bad : cases) {
    Name out = name("left.over");
    std::size_t next = 0, length = 0;
    test::Octets message = behind_header(bad.octets);
    EXPECT_FALSE(expand_name(message, bad.offset, out, next)) << bad.what;
    EXPECT_TRUE(out.view().is_root()) << bad.what;
    EXPECT_FALSE(skip_name(message, bad.offset, next, length)) << bad.what;
  }
}

TEST(ExpandName, takes_255_octets_and_not_256) {
  std::string labels;
  for (int i = 0; i < 3; ++i) labels += "3F" + std::string(126, '1');
  test::Octets fits = behind_header(labels + "3D" + std::string(122, '1') + "00");
  test::Octets too_long = behind_header(labels + "3E" + std::string(124, '1') + "00");
  Name out;
  std::size_t next = 0;
  ASSERT_TRUE(expand_name(fits, 12, out, next));
  EXPECT_EQ(out.view().length(), 255u);
  EXPECT_FALSE(expand_name(too_long, 12, out, next));
}

TEST(ExpandName, follows_127_pointers_and_not_more) {
  test::Octets message = behind_header("00");
  for (int i = 0; i < 128; ++i) {
    std::size_t target = i == 0 ? 12 : message.size() - 2;
    message.push_back(static_cast<std::uint8_t>(0xC0 | target >> 8));
    message.push_back(static_cast<std::uint8_t>(target));
  }
  Name out;
  std::size_t next = 0;
  EXPECT_TRUE(expand_name(message, message.size() - 4, out, next));
  EXPECT_FALSE(expand_name(message, message.size() - 2, out, next));
}

TEST(ReadPlainName, takes_no_pointer) {
  NameView out;
  EXPECT_TRUE(read_plain_name(wire("01 'a' 00 FF"), out));
  EXPECT_FALSE(read_plain_name(wire("01 'a' C00C"), out));
  EXPECT_FALSE(read_plain_name(wire("01 'a'"), out));
  EXPECT_FALSE(read_plain_name({}, out));
}

TEST(ReadPlainName, takes_255_octets_and_not_256) {
  test::Octets octets;
  for (int i = 0; i < 127; ++i) octets.insert(octets.end(), {1, 'a'});
  octets.push_back(0);
  NameView out;
  EXPECT_TRUE(read_plain_name(octets, out));
  EXPECT_EQ(out.length(), 255u);
  octets[252] = 2;
  octets.insert(octets.end() - 1, 'a');
  EXPECT_FALSE(read_plain_name(octets, out));
}

}  // namespace
}  // namespace dragoman::dns
