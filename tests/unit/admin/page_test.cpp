// Parameters of requests.
#include "dragoman/admin/page.h"

#include <gtest/gtest.h>

namespace dragoman::admin {
namespace {

TEST(Parameters, are_decoded_by_name) {
  const auto parameters = Parameters::from_target("/x?name=a%2Eb&empty=&flag&plus=a+b&&u=%c3%A4");
  ASSERT_TRUE(parameters);
  EXPECT_EQ(parameters->get("name"), "a.b");
  EXPECT_EQ(parameters->get("empty"), "");
  EXPECT_EQ(parameters->get("flag"), "");
  EXPECT_EQ(parameters->get("plus"), "a b");
  EXPECT_EQ(parameters->get("u"), "\xc3\xa4");
  EXPECT_EQ(parameters->get("other"), std::nullopt);
}

TEST(Parameters, are_none_without_a_question_mark) {
  for (const char* target : {"", "/x", "/x?", "/x?&"}) {
    const auto parameters = Parameters::from_target(target);
    ASSERT_TRUE(parameters) << target;
    EXPECT_EQ(parameters->unknown({}), std::nullopt) << target;
  }
}

TEST(Parameters, are_refused_when_broken_or_said_twice) {
  for (const char* target : {"/x?a=%", "/x?a=%4", "/x?a=%zz", "/x?%4=a", "/x?a=1&a=2", "/x?a=1&%61=2"}) {
    EXPECT_FALSE(Parameters::from_target(target)) << target;
  }
}

TEST(Parameters, tell_which_one_nobody_knows) {
  const auto parameters = Parameters::from_target("/x?name=a&nmae=b");
  EXPECT_EQ(parameters->unknown({"name"}), "nmae");
  EXPECT_EQ(parameters->unknown({"name", "nmae"}), std::nullopt);
}

TEST(PercentEncoding, survives_the_way_there_and_back) {
  std::string all;
  for (int octet = 0; octet < 256; ++octet) all += static_cast<char>(octet);
  EXPECT_EQ(Parameters::from_target("/x?a=" + percent_encoded(all))->get("a"), all);
  EXPECT_EQ(percent_encoded("a.b-c_d~e f"), "a.b-c_d~e%20f");
}

}  // namespace
}  // namespace dragoman::admin
