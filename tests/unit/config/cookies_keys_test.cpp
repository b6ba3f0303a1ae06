// cookies.
#include "config_testing.h"
#include "dragoman/config/reference.h"

namespace dragoman::config {
namespace {

const std::string first = "e5e973e5a6b2a43f48e7dc849e37bfcf", second = "DD3BDF9344B678B185A6F5CB60FCA715";

TEST(CookiesKeys, reach_the_options) {
  const resolve::CookieOptions options =
      config_of("cookies: {enabled: false, secret: [" + first + ", " + second + "], rotate: 2h, require: never}\n")
          .cookies;
  EXPECT_FALSE(options.enabled);
  ASSERT_EQ(options.secrets.size(), 2u);
  EXPECT_EQ(options.secrets[0][0], 0xe5);
  EXPECT_EQ(options.secrets[0][15], 0xcf);
  EXPECT_EQ(options.secrets[1][15], 0x15);
  EXPECT_EQ(options.rotate, seconds(7200));
  EXPECT_EQ(options.require, resolve::CookieDemand::never);
}

TEST(CookiesKeys, take_one_secret_alone) {
  EXPECT_EQ(config_of("cookies: {secret: " + first + "}\n").cookies.secrets.size(), 1u);
}

TEST(CookiesKeys, refuse_what_is_no_secret) {
  expect_problems_behind_basis({
      {"cookies: {secret: e5e9}\n", {"f:4:19: cookies.secret: `e5e9`: a secret has 32 hexadecimal digits"}},
      {"cookies: {secret: x5e973e5a6b2a43f48e7dc849e37bfcf}\n",
       {"f:4:19: cookies.secret: `x5e973e5a6b2a43f48e7dc849e37bfcf`: a secret has hexadecimal digits only"}},
      {"cookies: {rotate: 1m}\n", {"f:4:19: cookies.rotate: must be 1h to 30d, this is `1m`"}},
  });
  std::string five = "cookies: {secret: [";
  for (char c : {'1', '2', '3', '4', '5'}) five += std::string(32, c) + ", ";
  five.replace(five.size() - 2, 2, "]}\n");
  expect_problems_behind_basis({{five, {"f:4:19: cookies.secret: more than 4 secrets"}}});
}

TEST(CookiesKeys, never_show_a_secret_but_show_that_it_changed) {
  const std::vector<Change> changes =
      differences(config_of("cookies: {secret: " + first + "}\n"), config_of("cookies: {secret: " + second + "}\n"));
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].key, "cookies.secret");
  EXPECT_NE(changes[0].before, changes[0].after);
  EXPECT_EQ(changes[0].before.size(), std::string("[secret #0000]").size());
}

}  // namespace
}  // namespace dragoman::config
