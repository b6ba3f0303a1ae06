// What is kept of a server's cookies, and which responses are refused for theirs (RFC 7873 5.3).
#include "cookies.h"

#include <gtest/gtest.h>

#include <vector>

namespace dragoman::upstream {
namespace {

using Octets = std::vector<std::uint8_t>;

class CookiesTest : public testing::Test {
 protected:
  // What a server answers: our half, and `length` octets of its own.
  Octets whole(std::size_t length = 16) const {
    Octets option(cookies.option().begin(), cookies.option().begin() + 8);
    option.resize(8 + length, 0xab);
    return option;
  }
  Cookies::Verdict judge(const Octets& option) const { return Cookies::judge(Bytes(option), cookies.client_cookie()); }

  Random random;
  Cookies cookies{random};
};

TEST_F(CookiesTest, begin_with_a_client_cookie_of_their_own) {
  Cookies other(random);
  EXPECT_EQ(cookies.option().size(), 8u);
  EXPECT_NE(cookies.client_cookie(), other.client_cookie());
  EXPECT_FALSE(cookies.is_known());
}

TEST_F(CookiesTest, echo_the_server_cookie_once_it_is_known) {
  for (const std::size_t length : {8u, 16u, 32u}) {
    const Octets option = whole(length);
    ASSERT_EQ(judge(option), Cookies::Verdict::good);
    cookies.learn(option);
    EXPECT_TRUE(cookies.is_known());
    EXPECT_EQ(Octets(cookies.option().begin(), cookies.option().end()), option);
  }
  cookies.forget();
  EXPECT_EQ(cookies.option().size(), 8u);
}

TEST_F(CookiesTest, refuse_illegal_lengths_and_other_client_cookies) {
  for (std::size_t length = 0; length <= 50; ++length) {
    Octets option = whole(42);
    option.resize(length);
    const auto expected = length == 8                    ? Cookies::Verdict::missing
                          : length >= 16 && length <= 40 ? Cookies::Verdict::good
                                                         : Cookies::Verdict::forged;
    EXPECT_EQ(judge(option), expected) << length;
  }
  Octets forged = whole();
  forged[7] ^= 1;
  EXPECT_EQ(judge(forged), Cookies::Verdict::forged);
  EXPECT_EQ(Cookies::judge({}, cookies.client_cookie()), Cookies::Verdict::missing);
}

TEST_F(CookiesTest, forget_everything_when_renewed) {
  const Octets option = whole();
  const ClientCookie before = cookies.client_cookie();
  cookies.learn(option);
  cookies.renew();
  EXPECT_NE(cookies.client_cookie(), before);
  EXPECT_FALSE(cookies.is_known());
  cookies.learn(option);
  EXPECT_FALSE(cookies.is_known()) << "the answer to a question from before";
}

}  // namespace
}  // namespace dragoman::upstream
