// ASCII letters without case, one at a time and eight at a time.
#include "dragoman/base/letter_case.h"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

namespace dragoman {
namespace {

std::vector<std::uint8_t> every_octet() {
  std::vector<std::uint8_t> octets(256);
  std::iota(octets.begin(), octets.end(), std::uint8_t{0});
  return octets;
}

TEST(LetterCase, folds_the_letters_of_ascii_and_nothing_else) {
  for (const std::uint8_t octet : every_octet()) {
    const bool is_upper = octet >= 0x41 && octet <= 0x5A;
    EXPECT_EQ(to_lower(octet), is_upper ? octet + 0x20 : octet) << int{octet};
  }
}

TEST(LetterCase, folds_eight_octets_as_it_folds_one) {
  const auto octets = every_octet();
  for (std::size_t length : {0, 1, 7, 8, 9, 15, 16, 255, 256}) {
    std::vector<std::uint8_t> folded(length), each(length);
    to_lower(octets.data(), length, folded.data());
    for (std::size_t i = 0; i < length; ++i) each[i] = to_lower(octets[i]);
    EXPECT_EQ(folded, each) << length;
  }
}

TEST(LetterCase, compares_every_octet) {
  const std::string text = "a-Name.of.Some.Length";
  const auto octets = [](const std::string& of) { return reinterpret_cast<const std::uint8_t*>(of.data()); };
  const std::string other_case = "A-nAME.OF.sOME.lENGTH";
  for (std::size_t length = 0; length <= text.size(); ++length) {
    EXPECT_TRUE(equal_without_case(octets(text), octets(other_case), length));
    for (std::size_t at = 0; at < length; ++at) {
      std::string changed = other_case;
      changed[at] = '_';
      EXPECT_FALSE(equal_without_case(octets(text), octets(changed), length)) << at << " of " << length;
    }
  }
}

TEST(LetterCase, lowers_texts) {
  EXPECT_EQ(lower_case(""), "");
  EXPECT_EQ(lower_case("Dns.Example.NET"), "dns.example.net");
  EXPECT_EQ(lower_case("\xC3\x84@[`{"), "\xC3\x84@[`{");
}

}  // namespace
}  // namespace dragoman
